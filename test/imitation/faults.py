"""Odd servers: results that are damaged, late, elsewhere or refused."""
import functools
import hashlib

import generate
from edge import BROTLI
from fixtures import fill
from replies import PIECE, Reply, as_json, held, html, pieces, retry_headers, slowly
from state import STATE, origin
from store import expired, no_such_key, part, s3_error, serve, stored, zipped
from tables import FAULTS


def envelopes(count, **changes):
    """JSONL of enrichment records 1..count; changes: number -> replacement of its data's headcount."""
    return b"".join(b'{"original_identifier":"r%d.example","internal_id":%d,"data":{"name":"Record %d",'
                    b'"headcount":%s,"hq":{"city":"Oslo"}}}\n'
                    % (i, i, i, changes.get(f"r{i}", b"%d" % (i * 10))) for i in range(1, count + 1))


@functools.lru_cache(None)
def fault_data(count):
    """A good gzip file of count records, big enough to be cut: random-looking names."""
    lines = []
    for i in range(1, count + 1):
        name = hashlib.sha256(b"%d" % i).hexdigest()
        lines.append(b'{"original_identifier":"r%d.example","internal_id":%d,"data":{"name":"%s",'
                     b'"headcount":%d,"hq":{"city":"Oslo"}}}\n' % (i, i, name.encode(), i * 10))
    return zipped(b"".join(lines))


def small(request, _=None):
    """The good file: three records."""
    return serve(request, stored(zipped(envelopes(3))))


def damaged(_, name):
    """The faults that are fixed bytes with an honest length, None for other names."""
    data = fault_data(50)
    bodies = {
        "truncated": data[:len(data) // 2],
        "badcrc": data[:-8] + bytes([data[-8] ^ 1]) + data[-7:],
        "html": html(200, "Please log in"),
        "s3-200": s3_error(200, "InternalError", "We encountered an internal error. Please try again."),
        "expired": expired(),
        "missing": no_such_key("/fault/missing"),
        "gone": s3_error(410, "Gone", "The result was deleted."),
        "brotli": Reply(body=BROTLI, headers={"Content-Encoding": "br"}),
        "bad-line": envelopes(5, r2=b'20,"oops'),
        "bad-value": envelopes(5, r3=b'"lots"'),
        "utf8": envelopes(5, r2=b'20,"note":"x\xc3(y"'),
    }
    if name == "hop":
        return as_json({"url": origin("files") + "/fault/small", "expires_at": "2026-07-01T00:00:00Z"})
    found = bodies.get(name)
    return Reply(body=found) if isinstance(found, bytes) else found


def redirects(_, name):
    """The faults that send the client elsewhere, None for other names."""
    places = {"redirect": "@FILES@/fault/small", "redirect-relative": "small",
              "redirect-loop": "@FILES@/fault/redirect-loop",
              "redirect-api": "@API@/crustdata/batch/small",
              "redirect-private": "http://10.0.0.1/"}
    if name not in places:
        return None
    return Reply(302, headers={"Location": fill(places[name])})


def endless_headers():
    """A response head without end (256 MB, should the client not give up)."""
    yield b"HTTP/1.1 200 OK\r\n"
    for number in range(4_000_000):
        yield b"x-filler-%07d: %s\r\n" % (number, b"y" * 44)


def stalled(request):
    """64 KB of a big file, then silence."""
    chunks = generate.gzipped("enrich", 20000)
    data = b"".join(part(chunks, 0, PIECE - 1))
    return Reply(body=held(request, data), length=generate.size("enrich", 20000, True), close=True)


def broken(request, name):
    """The faults of timing and framing, None for other names."""
    data, plain = fault_data(50), envelopes(3)
    match name:
        case "cut":
            return Reply(body=data[:len(data) // 2], length=len(data), close=True)
        case "stall":
            return stalled(request)
        case "hang":
            return Reply(body=held(request), framing="raw")
        case "slow":
            return Reply(body=slowly(fault_data(3), 1, 0.3), length=len(fault_data(3)))
        case "drip":
            return Reply(body=slowly(data, 7, 0), length=len(data))
        case "cl-short":
            return Reply(body=plain, length=len(plain) + 100, close=True)
        case "http2":
            return Reply(body=[b"\0\0\0\4\0\0\0\0\0", b"\0\0\x08\7\0\0\0\0\0" + bytes(7) + b"\1"], framing="raw")
        case "chunked-cut":
            return Reply(body=pieces(plain, 50), framing="unended", close=True)
        case "close-framed":
            return Reply(body=plain, framing="close", close=True)
        case "many-headers":
            return Reply(body=endless_headers(), framing="raw")
        case "full-speed":
            return Reply(body=generate.endless("enrich"), framing="chunked")
    return None


def slow_down(times, status, hint, name, request):
    """`times` answers of a status, then the good file."""
    if STATE.count(f"fault/{name}") > times:
        return small(request)
    reply = s3_error(status, "SlowDown" if status == 503 else f"Fault{status}", "Please reduce your request rate.")
    reply.headers.update(retry_headers(hint))
    return reply


def refused(request, name, n, status, retry_after):
    """n answers of a status, then the good file."""
    return slow_down(int(n), int(status), retry_after, name, request)


def refused_once(request, name):
    """One 503, then the good file."""
    return slow_down(1, 503, None, name, request)


def answer(request, name):
    """The answer to GET /fault/{name}."""
    return FAULTS.answer(name, request) or no_such_key(request.path)


FAULTS.add(
    ("small", small, "3", "good"),
    ("drip", broken, "50", "good, in 7-byte writes"),
    ("slow", broken, "3", "good, a byte every 300 ms"),
    ("close-framed", broken, "3 plain", "good, ended by the end of the connection"),
    ("truncated", damaged, "50", "half the gzip, Content-Length of the half"),
    ("cut", broken, "50", "half the gzip, Content-Length of the whole, connection closed"),
    ("badcrc", damaged, "50", "wrong CRC"),
    ("cl-short", broken, "3 plain", "all lines, Content-Length 100 larger, connection closed"),
    ("chunked-cut", broken, "3 plain", "all lines in chunks, the last chunk missing"),
    ("stall", broken, "20000", "64 KB, then nothing for a minute"),
    ("hang", broken, "–", "no answer for a minute"),
    ("http2", broken, "–", "HTTP/2: SETTINGS and GOAWAY"),
    ("many-headers", broken, "–", "a head without end"),
    ("full-speed", broken, "∞", "valid gzip without end"),
    ("bad-line", damaged, "5 plain", "record 2 is broken JSON"),
    ("bad-value", damaged, "5 plain", 'record 3 has headcount "lots"'),
    ("utf8", damaged, "5 plain", "record 2 has bad UTF-8"),
    ("brotli", damaged, "3", "compressed by brotli, as its Content-Encoding says"),
    ("hop", damaged, "3 plain", "a JSON document whose `url` names `/fault/small`"),
    ("redirect redirect-relative", redirects, "3", "302 to `/fault/small`"),
    ("redirect-loop redirect-api redirect-private", redirects, "–", "302 to itself, to the API port, to 10.0.0.1"),
    ("html s3-200", damaged, "–", "200 with an HTML page, with an S3 error"),
    ("expired missing gone", damaged, "–", "403, 404, 410"),
    ("slowdown", refused_once, "3", "503 SlowDown once, then `small`"),
    ("retry-<n>-<status>[-<retry_after>]", refused, "3", "n times that status, then `small`"))
