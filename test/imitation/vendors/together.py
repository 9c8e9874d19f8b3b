"""Together: a listing that is one array, output and error file at the API itself."""
from fixtures import fixture_jobs
from replies import as_json
from vendors.shared import bearer, fixture_lines, job_or_404


def answer(request):
    """Every route under /together."""
    if not bearer(request):
        return as_json({"error": "Invalid API key"}, 401)
    match request.segments[1:]:
        case ["v1", "batches"]:
            return as_json(fixture_jobs("together"))
        case ["v1", "batches", identifier]:
            return job_or_404("together", "id", identifier)
        case ["v1", "files", name, "content"]:
            return fixture_lines("together", name)
    return as_json({"error": "No such route"}, 404)
