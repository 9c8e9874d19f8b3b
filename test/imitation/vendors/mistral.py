"""Mistral: pages that count from 0, results in two files at the API itself, or inside the job."""
from fixtures import find_job, fixture_jobs
from replies import as_json
from vendors.shared import bearer, fixture_lines, plain_error


def shown(job, inline=False):
    """A job, which holds its results only where they are asked for."""
    return {**job, "outputs": job["outputs"] if inline else None}


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
            return as_json({"object": "list", "data": [shown(job) for job in jobs[start:start + size]], "total": len(jobs)})
        case ["v1", "batch", "jobs", identifier]:
            job = find_job("mistral", "id", identifier)
            inline = request.query.get("inline") == "true"
            return as_json(shown(job, inline)) if job else plain_error(404, "Batch job not found")
        case ["v1", "files", name, "content"]:
            return fixture_lines("mistral", name)
    return plain_error(404, "No such route")
