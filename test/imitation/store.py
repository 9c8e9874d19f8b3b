"""The object store: its errors, its signatures, and objects served whole or in part."""
import dataclasses
import datetime
import gzip
import hashlib
import hmac
import itertools
import re
import typing

import documents
import generate
import rows
from replies import BINARY, PIECE, UTC, Reply, pieces
from state import origin


def s3_error(status, code, message, **more):
    """An error in S3's shape."""
    inner = "".join(f"<{k.replace('_', '-')}>{v}</{k.replace('_', '-')}>" for k, v in more.items())
    text = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}'
            f"</Message>{inner}<RequestId>7E57000000000001</RequestId><HostId>dGVzdA==</HostId></Error>")
    return Reply(status, text.encode(), "application/xml")


def no_such_key(path):
    """S3's answer for an unknown object."""
    return s3_error(404, "NoSuchKey", "The specified key does not exist.", Key=path.lstrip("/"))


def expired(seconds=432000, ended="2020-03-06T08:00:00Z"):
    """S3's answer for a signed URL whose time is over."""
    return s3_error(403, "AccessDenied", "Request has expired", X_Amz_Expires=seconds,
                    Expires=ended, ServerTime=datetime.datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def signature(path, date, seconds):
    """The signature of a URL path."""
    text = f"{path}\n{date}\n{seconds}".encode()
    return hmac.new(b"batch_fdw test secret", text, hashlib.sha256).hexdigest()


def signed(path, date=None, seconds="432000"):
    """The URL of an object with a signature, as of now unless a date is given."""
    date = date or datetime.datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"AKIATESTTESTTESTTEST%2F{date[:8]}%2Feu-north-1%2Fs3%2Faws4_request"
    return (f"{origin('files')}{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}"
            f"&X-Amz-Date={date}&X-Amz-Expires={seconds}&X-Amz-SignedHeaders=host"
            f"&X-Amz-Signature={signature(path, date, seconds)}")


def check_signature(request):
    """None if the signature of a request holds, else the error."""
    query = request.query
    if any(name in request.headers for name in ("authorization", "x-api-key")):
        return s3_error(400, "InvalidArgument", "Only one auth mechanism allowed; only the X-Amz-Algorithm"
                        " query parameter, Signature query string parameter or the Authorization header"
                        " should be specified", ArgumentName="Authorization")
    date, seconds = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
    right = signature(request.path, date, seconds)
    if request.method != "GET" or not hmac.compare_digest(right, query["X-Amz-Signature"]):
        return s3_error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match"
                        " the signature you provided. Check your key and signing method.")
    start = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    end = start + datetime.timedelta(seconds=int(seconds))
    if datetime.datetime.now(UTC) > end:
        return expired(seconds, end.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return None


@dataclasses.dataclass
class Content:
    """A stored object: its size, its ETag and how to get its pieces."""
    size: int
    etag: str
    pieces: typing.Callable
    type: str = BINARY


def stored(data, kind=BINARY):
    """The Content of some bytes."""
    return Content(len(data), f'"{hashlib.md5(data).hexdigest()}"', lambda: pieces(data), kind)


def generated(kind, count, packed):
    """The Content of a generated file."""
    etag = hashlib.md5(f"{kind}-{count}-{packed}".encode()).hexdigest()
    return Content(generate.size(kind, count, packed), f'"{etag}"',
                   lambda: generate.records(kind, count, packed))


def part(chunks, first, last):
    """The bytes first..last of the chunks."""
    place = 0
    for chunk in chunks:
        piece = chunk[max(first - place, 0):max(last + 1 - place, 0)]
        place += len(chunk)
        if piece:
            yield piece
        if place > last:
            return


def byte_range(text, size):
    """(first, last) of a Range header; None to ignore it; () if it cannot be met."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", text or "")
    if not found or not any(found.groups()):
        return None
    if not found[1]:
        first, last = max(size - int(found[2]), 0), size - 1
    else:
        first, last = int(found[1]), min(int(found[2] or size), size - 1)
    if found[2] and found[1] and int(found[2]) < first:
        return None
    return (first, last) if first <= last else ()


def serve(request, content):
    """The answer with an object or with the asked-for part of it."""
    headers = {"ETag": content.etag, "Accept-Ranges": "bytes", "Last-Modified": "Mon, 01 Jun 2026 00:00:00 GMT"}
    if request.headers.get("if-match", content.etag) not in (content.etag, "*"):
        return s3_error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold",
                        Condition="If-Match")
    asked = byte_range(request.headers.get("range"), content.size)
    if request.headers.get("if-range", content.etag) != content.etag:
        asked = None
    if asked is None:
        return Reply(200, content.pieces(), content.type, headers, content.size)
    if not asked:
        reply = s3_error(416, "InvalidRange", "The requested range is not satisfiable")
        reply.headers["Content-Range"] = f"bytes */{content.size}"
        return reply
    first, last = asked
    headers["Content-Range"] = f"bytes {first}-{last}/{content.size}"
    return Reply(206, part(content.pieces(), first, last), content.type, headers, last - first + 1)


def zipped(data):
    """Gzip bytes that depend on nothing but the data."""
    return gzip.compress(data, 6, mtime=0)


def gen(request, name):
    """The answer to GET /gen/{kind}-{n}.jsonl[.gz]"""
    found = re.fullmatch(r"(documents|numbers)-(\d{1,9})\.jsonl", name)
    if found:
        return Reply(body=documents.records(found[1], int(found[2])), framing="chunked")
    found = re.fullmatch(r"rows-(\d{1,9})-(\d{1,9})\.csv", name)
    if found:
        return Reply(body=rows.records(int(found[1]), int(found[2])), framing="chunked")
    found = re.fullmatch(r"(enrich|narrow)-(\d{1,9})\.jsonl(\.gz)?", name)
    if not found:
        return no_such_key(request.path)
    return serve(request, generated(found[1], int(found[2]), bool(found[3])))


def repeat(count, before, piece, after):
    """The answer to GET /repeat/{n}/{hex}/{hex}/{hex}: the second text n times, between the others."""
    before, piece, after = (bytes.fromhex(text) for text in (before, piece, after))
    many = max(PIECE // len(piece), 1)
    body = itertools.chain([before], itertools.repeat(piece * many, count // many), [piece * (count % many), after])
    return Reply(200, body, length=len(before) + count * len(piece) + len(after))
