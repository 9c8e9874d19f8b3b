"""Exa: batches behind a cursor, named in camel case."""
from replies import as_json
from state import KEY
from vendors.shared import after_page, job_or_404, plain_error


def answer(request):
    """Every route under /exa; the beta header is required."""
    if request.headers.get("x-api-key") != KEY:
        return plain_error(401, "Invalid API key")
    if "exa-beta" not in request.headers:
        return plain_error(400, "Exa-Beta header is required")
    match request.segments[1:]:
        case ["batches"]:
            jobs, more = after_page(request, "exa", "batchId", "cursor", 20)
            return as_json({"data": jobs, "hasMore": more, "nextCursor": jobs[-1]["batchId"] if more else None})
        case ["batches", identifier]:
            return job_or_404("exa", "batchId", identifier)
    return plain_error(404, "No such route")
