"""OpenRouter: OpenAI's batches, whose results are pages behind a cursor."""
import json

from fixtures import FIXTURES, find_job
from replies import as_json
from vendors.shared import after_page, bearer, job_or_404, plain_error


def results(request, identifier):
    """A page of a batch's results; one that is not over has none."""
    path = FIXTURES / "openrouter" / "files" / f"{identifier}.jsonl"
    if not find_job("openrouter", "id", identifier) or not path.exists():
        return plain_error(404, "Batch results not found")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    start, limit = request.number_of("cursor", 0), min(request.number_of("limit", 100), 1000)
    more = start + limit < len(rows)
    return as_json({"object": "list", "data": rows[start:start + limit], "has_more": more,
                    "next_cursor": str(start + limit) if more else None})


def answer(request):
    """Every route under /openrouter."""
    if not bearer(request):
        return plain_error(401, "No auth credentials found")
    match request.segments[1:]:
        case ["api", "v1", "batches"]:
            jobs, more = after_page(request, "openrouter", "id", "after", 20)
            return as_json({"object": "list", "data": jobs, "first_id": jobs[0]["id"] if jobs else None,
                            "last_id": jobs[-1]["id"] if jobs else None, "has_more": more})
        case ["api", "v1", "batches", identifier]:
            return job_or_404("openrouter", "id", identifier)
        case ["api", "v1", "batches", identifier, "results"]:
            return results(request, identifier)
    return plain_error(404, "No such route")
