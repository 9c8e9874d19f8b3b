"""Gemini: operations behind a page token, results in a file or inside the operation."""
from replies import as_json
from state import KEY
from vendors.shared import after_page, fixture_lines, job_or_404


def refused(status, word, message):
    """An error in Google's shape."""
    return as_json({"error": {"code": status, "message": message, "status": word}}, status)


def answer(request):
    """Every route under /gemini; a listing without jobs has no members at all."""
    if request.headers.get("x-goog-api-key") != KEY:
        return refused(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers")
    match request.segments[1:]:
        case ["v1beta", "batches"]:
            jobs, more = after_page(request, "gemini", "name", "pageToken", 20, "pageSize")
            token = {"nextPageToken": jobs[-1]["name"]} if more else {}
            return as_json({**({"operations": jobs} if jobs else {}), **token})
        case ["v1beta", "batches", name]:
            return job_or_404("gemini", "name", f"batches/{name}")
        case ["download", "v1beta", "files", name] if request.query.get("alt") == "media":
            return fixture_lines("gemini", name.removesuffix(":download"))
    return refused(404, "NOT_FOUND", "Requested entity was not found.")
