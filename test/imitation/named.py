"""Answers that a test names, by hex digits that stand for its text."""
import itertools
import re

import generate
from replies import Reply, as_json
from vendors.crustdata import crust_not_found, job_with_url


def named(request):
    """Every route under /named, with any key or none: hex digits stand for the text that is named."""
    try:
        text = bytes.fromhex(request.segments[2])
        if request.segments[1] == "batch":
            return as_json(job_with_url(request.segments[2], 3, text.decode("utf-8")))
        if request.segments[1] == "json":
            return Reply(200, text, "application/json")
    except (IndexError, ValueError):
        return crust_not_found()
    return Reply(int(request.segments[1]), headers={"Location": text.decode("latin-1")})


def large(request):
    """Every route under /large, with any key or none: a completed job, or a page, whose `rows` is a large value."""
    shape, megabytes = re.fullmatch(r"([a-z]+)-(\d{1,4})", request.segments[1]).groups()
    head = b'{"id":"%s","status":"completed","total":1,"rows":' % (request.segments[-1] or "large").encode()
    return Reply(200, itertools.chain([head], generate.large(shape, int(megabytes)), [b"}"]), "application/json", framing="chunked")


def told(request):
    """Every route under /told/STATUS/HEX, whatever follows, with any key or none: hex digits stand for the body."""
    try:
        kind = bytes.fromhex(request.query.get("type", b"application/json".hex())).decode("latin-1")
        return Reply(int(request.segments[1]), bytes.fromhex(request.segments[2]), kind)
    except (IndexError, ValueError):
        return crust_not_found()
