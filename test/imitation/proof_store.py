"""How the API and the object store answer for the jobs `proof.…` (proof.py)."""
import dataclasses
import fcntl
import socket
import struct
import termios
import time

import proof
from replies import Reply, pieces
from state import STATE, origin
from store import expired, s3_error, serve, signed, stored
from vendors.crustdata import job_document


def proof_job(name, **_):
    """The job of a proof.… id; each time it is asked for, its URLs carry another ticket."""
    spec = proof.parse(name)
    if not spec:
        return None
    told = STATE.count(f"job/{name}")
    if 1 < told <= spec.busy + 1:
        return Reply(503, b"{}", "application/json")
    urls = []
    for number in range(1, spec.parts + 1):
        token = f"t{told}/" if spec.wander else ""
        path = f"/proof/{name}/{token}{number + (100 if spec.moves and told > 1 else 0)}"
        if spec.query:
            urls.append(f"{origin('files')}/proof/{name}/0?part={number}&sig={told}")
        elif spec.detour >= 0:
            urls.append(f"{origin('files')}{path}/detour")
        elif spec.sign:
            urls.append(signed(path, seconds=str(spec.sign)) + f"&ticket={told}")
        else:
            urls.append(f"{origin('files')}{path}" + (f"?ticket={told}" if spec.ticket >= 0 or spec.stale else ""))
    if spec.turned and told > 1:
        urls.reverse()
    job = job_document(name, spec.n * spec.parts if spec.count < 0 else spec.count)
    return {**job, "download_urls": urls} if spec.parts > 1 else {**job, "download_url": urls[0]}


def proof_refusal(request, spec, name):
    """The answer to a URL that was used up, None if it is still good."""
    if spec.once and f"once/{request.path}" in STATE.used:
        return s3_error(410, "Gone", "The result was downloaded.")
    if spec.ticket < 0 and not spec.stale:
        return None
    ticket = request.query.get("ticket", "")
    used = STATE.count(f"ticket/{request.path}/{ticket}")
    if spec.ticket < 0:
        good = int(ticket) > spec.stale
    else:
        told = f"job/{name}" if spec.detour < 0 else f"detour/{request.path}"
        good = used <= spec.ticket and int(ticket) == STATE.counters[told]
    if good:
        return None
    reply = expired()
    reply.status = spec.code
    return reply


def proof_whole(request, spec, data):
    """The answer of a store without faults, but with the ETag and the ranges that the id tells."""
    content = stored(data)
    content.etag = f"W/{content.etag}" if spec.etag == "weak" else content.etag
    if spec.range == "no":
        kept = {k: v for k, v in request.headers.items() if k not in ("range", "if-match")}
        request = dataclasses.replace(request, headers=kept)
    reply = serve(request, content)
    if spec.etag == "none":
        reply.headers.pop("ETag", None)
    if not isinstance(reply.body, bytes):
        reply.body = b"".join(reply.body)
    return reply


def proof_other(spec, data):
    """Another file of the same length that begins as a good one does."""
    return data.translate(bytes.maketrans(b"cd", b"dc")) if spec.kind == "plain" else data[:10] + data[:9:-1]


def proof_changed(request, spec, data):
    """What a store answers to the second request of a file that is no longer the one it was."""
    reply = proof_whole(request, spec, data)
    start = len(data) - len(reply.body)
    match spec.then:
        case "412":
            return s3_error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        case "416":
            reply = s3_error(416, "InvalidRange", "The requested range is not satisfiable")
            reply.headers["Content-Range"] = f"bytes */{len(data) - 1}"
        case "flaky":
            reply = proof_whole(request, dataclasses.replace(spec, range="no"), data)
        case "other" | "splice":
            reply = proof_whole(request, dataclasses.replace(spec, range="no"), proof_other(spec, data))
        case "newetag":
            reply.headers["ETag"] = '"other"'
        case "wrongstart":
            reply.headers["Content-Range"] = f"bytes 0-{len(reply.body) - 1}/{len(data)}"
        case "shorter" | "longer":
            total = len(data) + (10 if spec.then == "longer" else -10)
            reply.headers["Content-Range"] = f"bytes {start}-{total - 1}/{total}"
        case "star":
            reply.body = reply.body[:len(reply.body) // 2]
            reply.headers["Content-Range"] = f"bytes {start}-{start + len(reply.body) - 1}/*"
        case "part":
            reply.body = reply.body[:max(len(reply.body) // 2, 1000)]
            reply.headers["Content-Range"] = f"bytes {start}-{start + len(reply.body) - 1}/{len(data)}"
        case "norange":
            del reply.headers["Content-Range"]
    reply.length = None
    return reply


def proof_reset(request):
    """Let what was sent arrive, then reset the connection."""
    end = time.monotonic() + 1
    while time.monotonic() < end and struct.unpack("i", fcntl.ioctl(request.connection, termios.TIOCOUTQ, bytes(4)))[0]:
        time.sleep(0.001)
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionResetError


def proof_body(request, spec, name, body, reset, last):
    """The bytes of a body at the pace that the id tells, and how they end."""
    if spec.gather:
        yield body[:len(body) // 2]
        body = body[len(body) // 2:]
        end = time.monotonic() + 10
        while STATE.counters[f"begun/{name}"] < spec.gather and time.monotonic() < end:
            time.sleep(0.005)
    for piece in proof.pieces(spec, body) if spec.piece else pieces(body):
        yield piece
        if spec.pause:
            time.sleep(spec.pause / 1e6)
    if reset:
        proof_reset(request)
    if spec.once and last:
        STATE.used.add(f"once/{request.path}")


def proof_cut(spec, reply, start, end):
    """End a reply at an offset of the file, framed as the id tells; True if by a reset."""
    size = len(reply.body)
    reply.body = reply.body[:max(end - start, 0)]
    reply.close = spec.frame != "half"
    match spec.frame:
        case "half":
            reply.length = len(reply.body)
        case "ended":
            reply.framing = "chunked"
        case "unended":
            reply.framing = "unended"
        case "close":
            reply.framing = "close"
        case _:
            reply.length = size
    return spec.frame == "reset"


def proof_file(request, spec, name, number):
    """The answer to GET /proof/{id}/[{token}/]{part}."""
    refused = proof_refusal(request, spec, name)
    if refused:
        return refused
    data = proof.content(spec, number)
    turn = STATE.count(f"turn/{name}/{number}")
    STATE.count(f"begun/{name}")
    if turn > 1 and (spec.then not in ("", "splice", "flaky") or spec.then and turn == 2):
        reply = proof_changed(request, spec, data)
    elif spec.then == "splice" and turn > 2:
        reply = proof_whole(request, spec, proof_other(spec, data))
    else:
        reply = proof_whole(request, spec, data)
    end, reset = proof.end_of(spec, turn, len(data)), False
    if end is not None and reply.status in (200, 206):
        reset = proof_cut(spec, reply, len(data) - len(reply.body) if reply.status == 206 else 0, end)
    if isinstance(reply.body, bytes) and reply.status in (200, 206):
        reply.length = len(reply.body) if reply.length is None else reply.length
        reply.body = proof_body(request, spec, name, reply.body, reset, end is None)
    return reply


def proof_detour(request, spec):
    """The answer to GET /proof/{id}/{part}/detour: a URL that is signed for 30 seconds unless told."""
    time.sleep(spec.detour / 1000)
    path = request.path.removesuffix("/detour")
    ticket = STATE.count(f"detour/{path}")
    return Reply(302, headers={"Location": f"{signed(path, seconds=str(spec.sign or 30))}&ticket={ticket}"})
