"""Requests as the routes see them, replies to them, and bodies that take their time."""
import dataclasses
import datetime
import email.utils
import functools
import json
import re
import select
import socket
import time
import typing
import urllib.parse

HOLD_SECONDS = 60
PIECE = 65536
BINARY = "binary/octet-stream"
UTC = datetime.timezone.utc


@dataclasses.dataclass
class Request:
    """One request as the routes see it."""
    server: str
    method: str
    path: str
    raw_query: typing.Optional[str]
    headers: dict
    connection: typing.Any
    number: int

    @functools.cached_property
    def segments(self):
        """The decoded parts of the path."""
        return [urllib.parse.unquote(s) for s in self.path.split("/")[1:]]

    @functools.cached_property
    def query(self):
        """The decoded query, first value of each name."""
        pairs = urllib.parse.parse_qsl(self.raw_query or "", keep_blank_values=True)
        return dict(reversed(pairs))

    def number_of(self, name, default):
        """A query parameter as an integer; None if it is not one."""
        try:
            return int(self.query.get(name, default))
        except ValueError:
            return None


@dataclasses.dataclass
class Reply:
    """One answer. The body is bytes or an iterable of bytes.

    framing: "length" (of `length`, else of the body), "chunked", "unended" (chunked
    without its end), "close" (ends with the connection), "raw" (no head at all).
    """
    status: int = 200
    body: typing.Any = b""
    type: str = BINARY
    headers: dict = dataclasses.field(default_factory=dict)
    length: typing.Optional[int] = None
    framing: str = "length"
    close: bool = False


def as_json(document, status=200, kind="application/json", **headers):
    """A JSON answer."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return Reply(status, body, kind, {k.replace("_", "-"): v for k, v in headers.items()})


def html(status, title):
    """An HTML page."""
    page = f"<html>\n<head><title>{title}</title></head>\n<body><h1>{title}</h1></body>\n</html>\n"
    return Reply(status, page.encode(), "text/html; charset=utf-8")


def pieces(data, size=PIECE):
    """Bytes in pieces."""
    return (data[i:i + size] for i in range(0, len(data), size))


def slowly(data, size, pause):
    """Bytes in tiny pieces with a pause after each."""
    for piece in pieces(data, size):
        yield piece
        time.sleep(pause)


def for_ever(piece, start=b"", most=1 << 30):
    """Some bytes, then the same piece again and again, up to 1 GB unless told."""
    if start:
        yield start
    for _ in range(most // len(piece)):
        yield piece


def hold(request, seconds=HOLD_SECONDS):
    """Wait until the client has left, for a minute at most."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        readable, _, _ = select.select([request.connection], [], [], 0.5)
        if readable:
            if not request.connection.recv(1, socket.MSG_PEEK):
                return
            time.sleep(0.1)


def held(request, body=b""):
    """The body's bytes, then silence."""
    if body:
        yield body
    hold(request)


def http_date(epoch):
    """An HTTP date."""
    return email.utils.formatdate(epoch, usegmt=True)


def retry_headers(hint):
    """The headers for a hint: dateN (an HTTP date in N seconds), skewN (the same, of a clock that is a day
    ahead), resetN, epochN (x-ratelimit-reset), anything else as Retry-After; several are joined by _."""
    headers, now = {}, int(time.time())
    for part in hint.split("_") if hint else []:
        kind, number = re.fullmatch(r"(date|skew|reset|epoch)?(.*)", part).groups()
        match kind:
            case "date":
                headers.update({"Date": http_date(now), "Retry-After": http_date(now + int(number))})
            case "skew":
                headers.update({"Date": http_date(now + 86400), "Retry-After": http_date(now + 86400 + int(number))})
            case "reset":
                headers["x-ratelimit-reset"] = number
            case "epoch":
                headers.update({"Date": http_date(now), "x-ratelimit-reset": str(now + int(number))})
            case _:
                headers["Retry-After"] = part
    return headers
