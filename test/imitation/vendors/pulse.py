"""Pulse: a result in the job, behind a signed URL, or at the API itself, which gives it once."""
import re

from fixtures import FIXTURES, find_job
from replies import Reply, as_json
from state import KEY, STATE


def pulse_error(status, code, message):
    """An error in Pulse's shape."""
    return as_json({"error": {"code": code, "message": message}}, status)


def large_result(identifier):
    """The answer to GET /pulse/large_results/{id}, gone once it was read completely."""
    path = FIXTURES / "pulse" / "large_results" / f"{identifier}.json"
    mark = f"large_results/{identifier}"
    if not re.fullmatch(r"[\w-]+", identifier) or not path.exists():
        return pulse_error(404, "JOB_001", "Job not found")
    if mark in STATE.used:
        return pulse_error(410, "RES_410", "Result already downloaded")
    data = path.read_bytes()

    def once():
        """The bytes; used up when the last of them leave."""
        yield data[:-1]
        STATE.used.add(mark)
        yield data[-1:]
    return Reply(200, once(), "application/json", length=len(data))


def answer(request):
    """Every route under /pulse."""
    if request.headers.get("x-api-key") != KEY:
        return pulse_error(401, "AUTH_002", "Invalid API key")
    match request.segments[1:]:
        case ["job", identifier]:
            job = find_job("pulse", "job_id", identifier)
            return as_json(job) if job else pulse_error(404, "JOB_001", "Job not found")
        case ["large_results", identifier]:
            return large_result(identifier)
    return pulse_error(404, "ROUTE_001", "No such route")
