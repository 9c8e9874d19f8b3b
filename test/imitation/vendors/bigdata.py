"""Bigdata.com: no listing; what is refused is refused by a firewall, in HTML."""
from fixtures import find_job
from replies import as_json, html
from state import KEY


def answer(request):
    """Every route under /bigdata; without the key a firewall answers with HTML."""
    if request.headers.get("x-api-key") != KEY:
        return html(403, "403 Forbidden")
    match request.segments[1:]:
        case ["v1", "search", "batches", identifier]:
            job = find_job("bigdata", "batch_id", identifier)
            if job:
                return as_json(job)
            return as_json({"statusCode": 404, "message": "Batch not found"}, 404)
    return as_json({"statusCode": 404, "message": "Resource not found"}, 404)
