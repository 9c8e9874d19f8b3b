"""Groq: OpenAI's batches, but behind a cursor of its own that no flag goes with."""
from replies import as_json
from vendors.shared import after_page, bearer, fixture_lines, job_or_404, plain_error

PAGE = 3


def answer(request):
    """Every route under /groq; a page has no size that could be asked for."""
    if not bearer(request):
        return plain_error(401, "Invalid API Key")
    match request.segments[1:]:
        case ["openai", "v1", "batches"]:
            jobs, more = after_page(request, "groq", "id", "cursor", PAGE)
            paging = {"paging": {"next_cursor": jobs[-1]["id"]}} if more else {}
            return as_json({"object": "list", "data": jobs, **paging})
        case ["openai", "v1", "batches", identifier]:
            return job_or_404("groq", "id", identifier)
        case ["openai", "v1", "files", name, "content"]:
            return fixture_lines("groq", name)
    return plain_error(404, "No such route")
