"""xAI: batches that count their requests instead of telling a status, results in pages."""
import json

from fixtures import FIXTURES, find_job
from replies import as_json
from vendors.shared import after_page, bearer, job_or_404, plain_error


def results(request, identifier):
    """A page of a batch's results, as many as there are as yet."""
    path = FIXTURES / "xai" / "files" / f"{identifier}.jsonl"
    if not find_job("xai", "batch_id", identifier):
        return plain_error(404, "Batch not found")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    start, limit = request.number_of("pagination_token", 0), request.number_of("limit", 100)
    more = start + limit < len(rows)
    return as_json({"results": rows[start:start + limit], "pagination_token": str(start + limit) if more else None})


def answer(request):
    """Every route under /xai."""
    if not bearer(request):
        return plain_error(401, "Incorrect API key provided")
    match request.segments[1:]:
        case ["v1", "batches"]:
            jobs, more = after_page(request, "xai", "batch_id", "pagination_token", 100)
            return as_json({"batches": jobs, "pagination_token": jobs[-1]["batch_id"] if more else None})
        case ["v1", "batches", identifier]:
            return job_or_404("xai", "batch_id", identifier)
        case ["v1", "batches", identifier, "results"]:
            return results(request, identifier)
    return plain_error(404, "No such route")
