"""Mistral: pages that count from 0, result files at the API itself."""
from fixtures import fixture_jobs
from replies import as_json
from vendors.shared import bearer, fixture_lines, job_or_404, plain_error


def answer(request):
    """Every route under /mistral; pages count from 0."""
    if not bearer(request):
        return plain_error(401, "Unauthorized")
    match request.segments[1:]:
        case ["v1", "batch", "jobs"]:
            status = request.query.get("status")
            jobs = [job for job in fixture_jobs("mistral") if status in (None, job["status"])]
            size = request.number_of("page_size", 100)
            start = request.number_of("page", 0) * size
            listed = [{k: v for k, v in job.items() if k != "outputs"} for job in jobs[start:start + size]]
            return as_json({"object": "list", "data": listed, "total": len(jobs)})
        case ["v1", "batch", "jobs", identifier]:
            return job_or_404("mistral", "id", identifier)
        case ["v1", "files", name, "content"]:
            return fixture_lines("mistral", name)
    return plain_error(404, "No such route")
