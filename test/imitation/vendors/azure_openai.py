"""Azure OpenAI: OpenAI's batches with the key in a header of its own, without /v1."""
from replies import as_json
from state import KEY
from vendors.shared import after_page, fixture_lines, job_or_404


def answer(request):
    """Every route under /azure_openai."""
    if request.headers.get("api-key") != KEY:
        return as_json({"error": {"code": "401", "message": "Access denied due to invalid subscription key."}}, 401)
    match request.segments[1:]:
        case ["batches"]:
            jobs, more = after_page(request, "azure_openai", "id", "after", 20)
            return as_json({"object": "list", "data": jobs, "last_id": jobs[-1]["id"] if jobs else None, "has_more": more})
        case ["batches", identifier]:
            return job_or_404("azure_openai", "id", identifier)
        case ["files", name, "content"]:
            return fixture_lines("azure_openai", name)
    return as_json({"error": {"code": "404", "message": "Resource not found"}}, 404)
