"""What several vendors share: how they take the key, and the shape of OpenAI's and those like it."""
import re

from fixtures import FIXTURES, fill, find_job, fixture_jobs
from replies import Reply, as_json
from state import KEY


def bearer(request):
    """Whether the request carries the key, as a bearer token or in its query."""
    return request.headers.get("authorization") == f"Bearer {KEY}" or request.query.get("api_key") == KEY


def plain_error(status, message):
    """An error in OpenAI's shape, which serves for others too."""
    return as_json({"error": {"type": "invalid_request_error", "message": message}}, status)


def fixture_lines(vendor, name):
    """A JSONL file that the API itself serves; 404 if there is none."""
    path = FIXTURES / vendor / "files" / f"{name}.jsonl"
    if not re.fullmatch(r"[\w-]+", name) or not path.exists():
        return plain_error(404, "No such file")
    return Reply(200, path.read_bytes(), "application/binary")


def after_page(request, vendor, key, parameter, default, size="limit"):
    """A page behind the job that the cursor names: (jobs, has more)."""
    jobs = fixture_jobs(vendor)
    after = request.query.get(parameter)
    start = next((i + 1 for i, job in enumerate(jobs) if job[key] == after), 0) if after else 0
    end = start + (request.number_of(size, default) or default)
    return [fill(job) for job in jobs[start:end]], end < len(jobs)


def job_or_404(vendor, key, identifier):
    """The answer with one job."""
    job = find_job(vendor, key, identifier)
    return as_json(job) if job else plain_error(404, f"No batch found with id '{identifier}'.")
