"""OpenAI: batches behind a cursor, result files at the API itself."""
from replies import as_json
from vendors.shared import after_page, bearer, fixture_lines, job_or_404, plain_error


def answer(request):
    """Every route under /openai."""
    if not bearer(request):
        return plain_error(401, "Incorrect API key provided")
    match request.segments[1:]:
        case ["v1", "batches"]:
            jobs, more = after_page(request, "openai", "id", "after", 20)
            return as_json({"object": "list", "data": jobs, "first_id": jobs[0]["id"] if jobs else None,
                            "last_id": jobs[-1]["id"] if jobs else None, "has_more": more})
        case ["v1", "batches", identifier]:
            return job_or_404("openai", "id", identifier)
        case ["v1", "files", name, "content"]:
            return fixture_lines("openai", name)
    return plain_error(404, "No such route")
