"""Replicate: predictions whose listing tells the next page's URL, with their output inside."""
from replies import as_json
from state import origin
from vendors.shared import after_page, bearer, job_or_404

PAGE = 4


def refused(status, title, detail):
    """An error in Replicate's shape."""
    return as_json({"title": title, "detail": detail, "status": status}, status)


def answer(request):
    """Every route under /replicate; a page has no size that could be asked for."""
    if not bearer(request):
        return refused(401, "Unauthenticated", "You did not pass a valid authentication token")
    match request.segments[1:]:
        case ["v1", "predictions"]:
            jobs, more = after_page(request, "replicate", "id", "cursor", PAGE)
            url = f"{origin('api')}/replicate/v1/predictions?cursor={jobs[-1]['id']}" if more else None
            return as_json({"previous": None, "next": url, "results": jobs})
        case ["v1", "predictions", identifier]:
            return job_or_404("replicate", "id", identifier)
    return refused(404, "Not found", "No such route")
