"""Exa: batches behind a cursor, named in camel case, results at signed URLs."""
from replies import as_json
from state import KEY
from vendors.shared import after_page, job_or_404


def refused(status, tag, message):
    """An error in Exa's shape."""
    return as_json({"requestId": "0f0f", "error": message, "tag": tag}, status)


def answer(request):
    """Every route under /exa; without the beta header nothing is allowed."""
    if request.headers.get("x-api-key") != KEY:
        return refused(401, "INVALID_API_KEY", "Invalid API key")
    if not request.headers.get("exa-beta", "").startswith("batches-"):
        return refused(403, "FORBIDDEN", "The batches are in beta")
    match request.segments[1:]:
        case ["batches"]:
            jobs, more = after_page(request, "exa", "id", "cursor", 100)
            return as_json({"object": "list", "data": jobs, "hasMore": more, "nextCursor": jobs[-1]["id"] if more else None})
        case ["batches", identifier]:
            return job_or_404("exa", "id", identifier)
    return refused(404, "NOT_FOUND", "No such route")
