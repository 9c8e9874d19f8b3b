"""Anthropic: message batches behind a cursor, results at the API itself."""
from replies import as_json
from state import KEY
from vendors.shared import after_page, fixture_lines, job_or_404, plain_error


def answer(request):
    """Every route under /anthropic; the version header is required."""
    if request.headers.get("x-api-key") != KEY:
        return plain_error(401, "invalid x-api-key")
    if request.headers.get("anthropic-version") != "2023-06-01":
        return plain_error(400, "anthropic-version: header is required")
    match request.segments[1:]:
        case ["v1", "messages", "batches"]:
            jobs, more = after_page(request, "anthropic", "id", "after_id", 20)
            return as_json({"data": jobs, "last_id": jobs[-1]["id"] if jobs else None, "has_more": more})
        case ["v1", "messages", "batches", identifier]:
            return job_or_404("anthropic", "id", identifier)
        case ["v1", "messages", "batches", identifier, "results"]:
            return fixture_lines("anthropic", identifier)
    return plain_error(404, "No such route")
