"""An API that answers as a test tells it to, route by route, and step by step.

A script is a JSON object of routes below /odd, "jobs?page=2" or "jobs", and what
each answers: any JSON value. An object may say more of its answer than its body:
"@status", "@headers", "@text" (a body that is no JSON, in Latin 1), "@body" (one
that is no object), "@gzip", "@cut" (how many bytes of it are sent, as if they were all),
"@steps" (a list of answers: each request takes the next, the last one stays).
"""
import gzip
import json

from replies import Reply, as_json
from state import STATE

SCRIPT = {}


def tell(request):
    """Take a script, in hex digits; the steps of the one before are forgotten."""
    SCRIPT.clear()
    SCRIPT.update(json.loads(bytes.fromhex(request.segments[1])), number=STATE.count("scripts"))
    return as_json([])


def encoded(answer):
    """The body of an answer, as bytes."""
    if "@text" in answer:
        body = answer["@text"].encode("latin-1")
    else:
        value = {name: value for name, value in answer.items() if not name.startswith("@")}
        body = json.dumps(answer.get("@body", value), ensure_ascii=False).encode()
    if answer.get("@gzip"):
        body = gzip.compress(body, mtime=0)
    return body[:answer.get("@cut")]


def reply(answer):
    """An answer of a script."""
    if not isinstance(answer, dict):
        answer = {"@body": answer}
    return Reply(answer.get("@status", 200), encoded(answer), "application/json", answer.get("@headers", {}))


def odd(request):
    """Every route under /odd, with any key or none."""
    path = request.path[len("/odd/"):]
    place = f"{path}?{request.raw_query}"
    place = place if place in SCRIPT else path
    if place not in SCRIPT:
        return as_json({"error": "No such route"}, 404)
    answer = SCRIPT[place]
    if isinstance(answer, dict) and "@steps" in answer:
        step = STATE.count(f"odd {SCRIPT['number']} {place}")
        answer = answer["@steps"][min(step, len(answer["@steps"])) - 1]
    return reply(answer)
