"""Answers of Crustdata's API itself that a job's id asks for."""
import json

from fixtures import fill
from replies import Reply, as_json, for_ever, held, html, retry_headers, slowly
from state import KEY, STATE
from store import signed
from tables import ANSWERS
from vendors.companyenrich import problem
from vendors.crustdata import crust_error, crust_not_found, job_document, job_with_url

SHAPES = {
    "1": {"error": {"type": "invalid_request", "message": "Shape one: no such field."}},
    "2": {"error": "Shape two: no such field."},
    "3": {"message": "Shape three: no such field."},
    "4": {"errors": [{"message": "Shape four: no such field."}]},
}


def retried(_, name, n, status, retry_after):
    """n times a status, then a job."""
    if STATE.count(name) > int(n):
        return as_json(job_with_url(name, 3, fill("@FILES@/fault/small")))
    reply = crust_error(int(status), "temporary", f"Answer {status} as asked for.")
    reply.headers.update(retry_headers(retry_after))
    return reply


def waiting(_, name):
    """The next step of a job that is waited for; the last one stays."""
    steps = name.split("-")[1:]
    word, count, pause = (steps[min(STATE.count(name), len(steps)) - 1] + "::").split(":")[:3]
    if word == "gone":
        return crust_not_found()
    if word == "busy":
        return crust_error(503, "busy", "The API is busy.")
    job = job_document(name, 3 if word in ("completed", "done") else int(count or 0))
    job["status"] = None if word in ("mute", "done") else word
    if word in ("completed", "done"):
        job["download_url"] = fill("@FILES@/fault/small")
    else:
        job["completed_at"] = None
    if word == "failed":
        job["error_message"] = "It failed as planned."
    reply = as_json(job)
    reply.headers.update({"Retry-After": pause} if pause else {})
    return reply


def shaped(_request, _name, d):
    """A 422 in one of five shapes."""
    if d == "5":
        return problem(422, "Shape five", "No such field.", fields=["'colour' is unknown."])
    return as_json(SHAPES[d], 422)


def telling(_, name):
    """An answer that tells the key and a signature: as an error, a page, a job's words or its status."""
    kind = name.rpartition("-")[2]
    words = f"{KEY} is the key, see {signed('/crustdata/x')} and http://user:secret@127.0.0.1/."
    if kind == "job":
        return as_json({**job_document("api-echo-job", 3), "status": "failed", "error_message": words})
    if kind == "status":
        return as_json({**job_document("api-echo-status", 3), "status": words})
    if kind == "host":
        return Reply(302, headers={"Location": f"https://{KEY}.example/{KEY}?{KEY}"})
    return html(200, words) if kind == "html" else crust_error(422, KEY, words)


def refused(_, name):
    """The status that the id ends in, as an error."""
    return crust_error(int(name[4:]), f"fault_{name[4:]}", f"Answer {name[4:]} as asked for.")


def broken(request, name):
    """An answer that is no job, or that does not come."""
    good = json.dumps(job_with_url(name, 3, fill("@FILES@/fault/small"))).encode()
    kind = "application/json"
    match name:
        case "api-html":
            return html(200, "Please log in")
        case "api-badjson":
            return Reply(200, good[:-10] + b",,", kind)
        case "api-redirect":
            return Reply(302, headers={"Location": fill("@FILES@/fault/small")})
        case "api-hang":
            return Reply(body=held(request), framing="raw")
        case "api-stall":
            return Reply(200, held(request, good[:len(good) // 2]), kind, length=len(good), close=True)
        case "api-endless":
            return Reply(200, for_ever(b"a" * 60000, good[:-2]), kind, framing="chunked")
        case "api-loris":
            return Reply(200, slowly(good, 1, 1.5), kind, length=len(good), close=True)
        case "api-drop":
            return Reply(framing="raw")
    return None


ANSWERS.add(
    ("api-400 api-401 api-402 api-403 api-404 api-410 api-422 api-500", refused, "that status, Crustdata's error shape"),
    ("api-422-shape<d>", shaped, "422 with, for d from 1 to 5, `{error:{type,message}}`, `{error}`, `{message}`,"
     " `{errors:[{message}]}`, problem+json"),
    ("api-html api-badjson", broken, "200 with an HTML page, with broken JSON"),
    ("api-redirect", broken, "302 to the object store"),
    ("api-echo-error api-echo-html api-echo-job api-echo-status api-echo-host", telling, "tells the key and a signature:"
     " in 422's words, in a page, in a failed job's `error_message`, as a status, in a `Location`"),
    ("api-retry-<n>-<status>[-<retry_after>]", retried, "n times that status, then a job with `/fault/small`; `retry_after`"
     " is a Retry-After, `dateS` for an HTTP date S seconds ahead, `skewS` for one of a clock a day ahead, `resetS` or"
     " `epochS` for x-ratelimit-reset; several are joined by `_`"),
    ("wait-<step>…", waiting, "each request takes the next of the steps, which `-` joins, the last one stays; a step is"
     " `STATUS[:COUNT[:RETRY_AFTER]]`, or `gone` (404), `busy` (503), `mute` (no status), `done` (no status, but results)"),
    ("api-hang api-stall api-drop", broken, "nothing for a minute; half a body, then nothing; connection closed"),
    ("api-endless api-loris", broken, "a job without end; a byte every 1.5 s"))
