"""Apify: runs by offset in an envelope, whose items are a dataset at the API itself."""
from fixtures import find_job, fixture_jobs
from replies import as_json
from vendors.shared import bearer, fixture_lines

NOT_LISTED = ("statusMessage", "isStatusMessageTerminal", "exitCode", "stats")


def refused(status, kind, message):
    """An error in Apify's shape."""
    return as_json({"error": {"type": kind, "message": message}}, status)


def runs(request):
    """GET /apify/v2/actor-runs: ascending unless desc is set, by offset."""
    words = request.query.get("status")
    jobs = [job for job in fixture_jobs("apify") if words is None or job["status"] in words.split(",")]
    jobs = jobs if request.query.get("desc") == "1" else jobs[::-1]
    offset, limit = request.number_of("offset", 0), request.number_of("limit", 1000)
    listed = [{k: v for k, v in job.items() if k not in NOT_LISTED} for job in jobs[offset:offset + limit]]
    return as_json({"data": {"total": len(jobs), "offset": offset, "limit": limit, "desc": request.query.get("desc") == "1",
                             "count": len(listed), "items": listed}})


def answer(request):
    """Every route under /apify."""
    if not bearer(request):
        return refused(401, "user-or-token-not-found", "User was not found or authentication token is not valid")
    match request.segments[1:]:
        case ["v2", "actor-runs"]:
            return runs(request)
        case ["v2", "actor-runs", identifier] if find_job("apify", "id", identifier):
            return as_json({"data": find_job("apify", "id", identifier)})
        case ["v2", "datasets", name, "items"] if request.query.get("format") == "jsonl":
            return fixture_lines("apify", name)
    return refused(404, "record-not-found", "Actor run was not found")
