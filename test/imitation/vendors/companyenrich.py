"""CompanyEnrich: numbered pages, problem+json, one file for each job."""
import re

from fixtures import find_job, fixture_jobs
from replies import as_json
from vendors.shared import bearer

ENRICH_STATUSES = ("pending", "processing", "completing", "completed", "failed")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


def problem(status, title, detail=None, /, **errors):
    """An error in CompanyEnrich's shape (application/problem+json)."""
    body = {"type": "https://tools.ietf.org/html/rfc9110#section-15", "title": title,
            "status": status, "traceId": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-00"}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    return as_json(body, status, "application/problem+json")


def enrich_list(request):
    """GET /companyenrich/companies/enrich/bulk/jobs"""
    page, size = request.number_of("page", 1), request.number_of("pageSize", 20)
    status = request.query.get("status")
    if not page or page < 1:
        return problem(422, "Unprocessable Entity", page=["'Page' must be greater than 0."])
    if not size or not 1 <= size <= 100:
        return problem(422, "Unprocessable Entity", pageSize=["'Page Size' must be between 1 and 100."])
    if status is not None and status not in ENRICH_STATUSES:
        return problem(422, "Unprocessable Entity", status=[f"The value '{status}' is not valid."])
    jobs = [j for j in fixture_jobs("companyenrich") if status in (None, j["status"])]
    rows = [{k: v for k, v in j.items() if k not in ("results_url", "error_message")}
            for j in jobs[(page - 1) * size:page * size]]
    return as_json({"items": rows, "page": page, "totalPages": -(-len(jobs) // size),
                    "totalItems": len(jobs)})


def answer(request):
    """Every route under /companyenrich."""
    if not bearer(request):
        return problem(401, "Unauthorized")
    match request.segments[1:]:
        case ["companies", "enrich", "bulk", "jobs"]:
            return enrich_list(request)
        case ["companies", "enrich", "bulk", identifier]:
            if not UUID.fullmatch(identifier):
                return problem(400, "Bad Request", f"The value '{identifier}' is not valid for jobId.")
            job = find_job("companyenrich", "job_id", identifier)
            return as_json(job) if job else problem(404, "Not Found", "Job not found")
    return problem(404, "Not Found")
