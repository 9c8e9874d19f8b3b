"""Crustdata: a listing with a cursor, jobs with signed URLs, and the ids that misbehave."""
from fixtures import find_job, fixture_jobs
from replies import Reply, as_json
from tables import ANSWERS, JOBS
from vendors.shared import bearer

CRUST_STATUSES = ("pending", "processing", "completed", "failed")
CRUST_NOT_LISTED = ("download_url", "download_urls", "error_message")


def crust_error(status, kind, message, **metadata):
    """An error in Crustdata's shape."""
    return as_json({"error": {"type": kind, "message": message, "metadata": metadata}}, status)


def crust_unauthorized():
    """Crustdata's answer without a valid key."""
    return crust_error(401, "unauthorized", "Invalid API token")


def crust_not_found():
    """Crustdata's answer for an unknown job."""
    return crust_error(404, "not_found", "Batch job not found")


def crust_rate(reply):
    """Add the rate limit headers of Crustdata (reset: seconds to wait)."""
    reply.headers.update({"x-ratelimit-limit": "30", "x-ratelimit-remaining": "29", "x-ratelimit-reset": "1"})
    return reply


def job_document(identifier, count):
    """A completed job in Crustdata's shape, without URLs."""
    return {"batch_id": identifier, "status": "completed", "entity": "company", "action": "enrich",
            "identifier_count": count, "result_count": count, "entities_requested": count,
            "entities_fulfilled": count, "created_at": "2026-06-14T12:00:00+00:00",
            "completed_at": "2026-06-14T12:00:09.500000+00:00"}


def job_with_url(identifier, count, url):
    """A completed job with a download_url."""
    return {**job_document(identifier, count), "download_url": url}


def crust_status(request):
    """(status filter or None, error or None)."""
    status = request.query.get("status")
    if status is not None and status not in CRUST_STATUSES:
        return None, crust_error(400, "invalid_request", f"Invalid status '{status}'.",
                                 allowed=list(CRUST_STATUSES))
    return status, None


def crust_limit(request):
    """The page size: 20 unless told, clamped to 1..100; None if no number."""
    limit = request.number_of("limit", 20)
    return None if limit is None else min(max(limit, 1), 100)


def crust_row(job):
    """A job as the listing shows it."""
    return {k: v for k, v in job.items() if k not in CRUST_NOT_LISTED}


def crust_page(jobs, more, cursor=None):
    """A page of the listing; the cursor is the last job's id unless told."""
    if more and cursor is None:
        cursor = jobs[-1]["batch_id"]
    return as_json({"jobs": [crust_row(j) for j in jobs], "next_cursor": cursor if more else None,
                    "has_more": more})


def crust_list(request):
    """GET /crustdata/batch"""
    status, error = crust_status(request)
    limit, cursor = crust_limit(request), request.query.get("cursor")
    ids = [j["batch_id"] for j in fixture_jobs("crustdata")]
    if error or limit is None or (cursor is not None and cursor not in ids):
        return error or crust_error(400, "invalid_request", "Invalid limit or cursor.")
    start = 0 if cursor is None else ids.index(cursor) + 1
    jobs = [j for j in fixture_jobs("crustdata")[start:] if status in (None, j["status"])]
    return crust_page(jobs[:limit], len(jobs) > limit)


def answer(request):
    """Every route under /crustdata."""
    if not bearer(request):
        return crust_rate(crust_unauthorized())
    match request.segments[1:]:
        case ["batch"]:
            return crust_rate(crust_list(request))
        case ["batch", identifier]:
            job = find_job("crustdata", "batch_id", identifier) or JOBS.answer(identifier)
            if job:
                return job if isinstance(job, Reply) else crust_rate(as_json(job))
            return ANSWERS.answer(identifier, request) or crust_rate(crust_not_found())
    return crust_error(404, "not_found", "No such route")
