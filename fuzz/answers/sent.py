"""An answer, and what may be odd in its bytes, its head and the way it is sent.

Standard library only.
"""
import dataclasses
import gzip
import typing
import zlib

from values import MESSAGES, Document, change, odd_url

RESET, CLOSE = "reset", "close"
STATUSES = (
    100, 101, 103, 200, 201, 202, 203, 204, 205, 206, 226, 299, 300, 301, 302, 303, 304, 305, 307, 308, 399, 400, 401,
    402, 403, 404, 405, 406, 407, 408, 409, 410, 412, 413, 416, 418, 421, 422, 425, 429, 431, 451, 499, 500, 501, 502,
    503, 504, 507, 511, 520, 524, 529, 599, 600, 999)
PASSING = (408, 425, 429, 500, 502, 503, 504, 520, 524, 529)    # that are tried again


@dataclasses.dataclass
class Answer:
    """An answer: what it says, and how it is sent.

    framing: "length", "chunked" or "close". script: what is sent, where that is not
    the head and the body at once: bytes, seconds to wait, RESET, CLOSE.
    """
    status: int = 200
    headers: list = dataclasses.field(default_factory=list)
    body: bytes = b""
    document: typing.Optional[Document] = None      # instead of the body
    framing: str = "length"
    script: typing.Optional[list] = None
    kind: str = ""                                  # listing, job, hop, file
    oddities: list = dataclasses.field(default_factory=list)

    def settle(self):
        """Write the document as the body."""
        if self.document is not None:
            self.body, self.document = self.document.encode(), None

    def head(self):
        """The head, as bytes."""
        lines = [f"HTTP/1.1 {self.status} Status", *(f"{name}: {value}" for name, value in self.headers)]
        if self.framing == "length" and self.status not in (204, 304) and self.status >= 200:
            lines.append(f"Content-Length: {len(self.body)}")
        elif self.framing == "chunked":
            lines.append("Transfer-Encoding: chunked")
        elif self.framing == "close":
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")

    def framed(self, size=0):
        """The body, in chunks of a size where it is sent so."""
        if self.framing != "chunked":
            return self.body
        size = size or max(len(self.body), 1)
        pieces = [self.body[i:i + size] for i in range(0, len(self.body), size)]
        return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"

    def steps(self):
        """What is to be sent, in order."""
        if self.script is not None:
            return self.script
        return [self.head() + self.framed()] + ([CLOSE] if self.framing == "close" else [])


# ---------------------------------------------------------------- bytes

BODIES = {
    "null": b"null", "array": b"[]", "object": b"{}", "text": b'""', "zero": b"0", "true": b"true", "nothing": b"",
    "blank": b" \n\t ", "nul": b"\0", "bom": b"\xef\xbb\xbf", "half-bom": b"\xef\xbb", "open": b"{", "quote": b'"',
    "html": b"<!DOCTYPE html><html><body>Busy</body></html>", "garbage": bytes(range(256)), "commas": b"[,,,,]",
    "xml": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "magic": b"\x1f\x8b",
    "half-magic": b"\x1f", "gzip-of-nothing": gzip.compress(b"", mtime=0), "zip": b"PK\x03\x04" + b"\0" * 40,
    "zstd": b"\x28\xb5\x2f\xfd\0\0\0\0", "newlines": b"\n" * 3000, "nulls": b"null\n" * 50, "numbers": b"1\n2\n3\n",
    "brackets": b"[" * 7000, "braces": b'{"a":' * 7000, "nested": b"[[[[[[]]]]]]", "nan": b"NaN"}
SPLINTERS = (b"\0", b"\n", b"\r", b"\r\n\r\n", b'"', b"\\", b"\xff", b"\xef\xbb\xbf", b",", b"]", b"}", b"{", b"null",
             b"\xe2\x80\xa8", b" " * 2000, b"\n" * 500, b"\x1f\x8b\x08\0", b"\xf0\x9f")


def flip(rng, data):
    """Turn some bits."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8)) if data else 0):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def cut(rng, data):
    """End early, or begin late."""
    place = rng.randrange(len(data) + 1)
    return data[:place] if rng.random() < 0.8 else data[place:]


def insert(rng, data):
    """Put something in."""
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.choice((*SPLINTERS, rng.randbytes(20))) + data[place:]


def again(rng, data):
    """Give a piece twice, or many times."""
    start = rng.randrange(len(data) + 1)
    end = min(len(data), start + rng.choice((1, 4, 40, 400)))
    return data[:end] + data[start:end] * rng.choice((1, 2, 50)) + data[end:]


def recode(rng, data):
    """Write the text in another encoding."""
    text = data.decode("utf-8", "replace")
    return rng.choice((
        lambda: text.encode("utf-16"), lambda: text.encode("utf-16-be"), lambda: text.encode("utf-32-le"),
        lambda: text.encode("latin-1", "replace"), lambda: text.encode("cp1252", "ignore"),
        lambda: text.encode("utf-7"),
        lambda: text.encode("utf-8-sig"), lambda: data.replace(b"e", b"\xe9"), lambda: b"\xff\xfe" + data,
        lambda: data.replace(b"\n", b"\r\n"), lambda: data.replace(b"\n", b"\r"),
        lambda: data.replace(b" ", b"\xc2\xa0")))()


def pack(rng, data):
    """Compress what is not meant to be, or is already."""
    zipped = gzip.compress(data, mtime=0)
    return rng.choice((
        lambda: zipped, lambda: zlib.compress(data), lambda: zlib.compress(data)[2:-4],
        lambda: gzip.compress(zipped, mtime=0),
        lambda: zipped * 2, lambda: zipped[:-rng.randrange(1, 12)], lambda: zipped + b"\0" * 20,
        lambda: flip(rng, zipped),
        lambda: zipped + b"trailing"))()


BYTES = {"flip": flip, "cut": cut, "insert": insert, "again": again, "recode": recode, "pack": pack}


# ---------------------------------------------------------------- heads

HEADERS = (
    ("Retry-After", ("0", "0.01", "-1", "abc", "", "NaN", "inf", "1e400", "Sat, 01 Jan 2000 00:00:00 GMT",
                     "Sat, 99 Xxx 0000 99:99:99 GMT", "0x1")),
    ("x-ratelimit-reset", ("0", "0.02", "-5", "", "1000000001", "abc", "nan")), ("Accept-Ranges", ("none", "bytes")),
    ("Date", ("", "x", "Sat, 01 Jan 2050 00:00:00 GMT")), ("Content-Type", ("text/html", "", "x" * 300, "\udcff")),
    ("ETag", ('"a"', 'W/"a"', "a", '"', '""', "", '"' + "x" * 300 + '"', '"a\udcff"', '"b", "c"')),
    ("Content-Range", ("bytes 0-1/2", "bytes */0", "bytes 5-1/3", "x", "", "bytes -1-5/*",
                       "bytes 99999999999999999999-1/1")),
    ("Content-Encoding", ("gzip", "br", "")), ("Connection", ("close", "keep-alive", "upgrade")),
    ("Set-Cookie", ("a=b",)), ("Link", ('</x>; rel="next"', "<")), ("Content-Length", ("1", "0", "5")),
    ("Keep-Alive", ("timeout=0",)), ("WWW-Authenticate", ("Negotiate", "Basic realm=x", "Digest qop=x")),
    ("Upgrade", ("h2c", "websocket")), ("Alt-Svc", ('h2=":1"',)), ("Strict-Transport-Security", ("max-age=1",)),
    ("Trailer", ("x",)), ("Location", ("/x", "")))


def drip(rng, data, seconds):
    """Bytes in small pieces, with pauses that add up to so much, each shorter than what is a stall.

    Of a head libcurl tells by the line, so where it is slow a piece has most of one.
    """
    n = rng.choice((2, 3, 7, 20) if seconds < 0.4 else (7, 20))
    size = max(len(data) // n, 1 if seconds < 0.4 else 64)
    pieces = [data[i:i + size] for i in range(0, len(data), size)]
    return [step for piece in pieces for step in (piece, seconds / max(len(pieces), n))]


def odd_framing(rng, answer):
    """Contradict the length, the chunks or both; gives what is sent."""
    body, size = answer.body, len(answer.body)
    answer.framing = "none"
    head = answer.head()[:-2]
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    return rng.choice((
        [head + b"Content-Length: -%d\r\n\r\n" % size + body, CLOSE],
        [head + b"Content-Length: x\r\n\r\n" + body, CLOSE],
        [head + b"Content-Length: 99999999999999999999\r\n\r\n" + body, CLOSE], [head + b"\r\n" + body, CLOSE],
        [head + b"Content-Length: %d\r\n\r\n" % (size + 10) + body, CLOSE],
        [head + b"Content-Length: %d\r\n\r\n" % max(size - 10, 0) + body, CLOSE],
        [head + b"Content-Length: %d\r\nContent-Length: %d\r\n\r\n" % (size, size + 1) + body, CLOSE],
        [chunked + body, CLOSE], [chunked + b"%x\r\n" % (size + 5) + body, CLOSE],
        [chunked + b"f" * 17 + b"\r\n" + body, CLOSE],
        [chunked + b"-1\r\n" + body, CLOSE], [chunked + b"%x;a=b\r\n" % size + body + b"\r\n0\r\nETag: x\r\n\r\n"],
        [head + b"Transfer-Encoding: identity\r\n\r\n" + body, CLOSE],
        [head + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + body, CLOSE],
        [head + b"Connection: close\r\n\r\n" + body + b"more", CLOSE],
        [head + b"Content-Length: %d\r\n\r\n" % size + body + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"],
        [b"HTTP/1.1 200 OK\r\n\r\n" + body, CLOSE]))


def odd_head(rng, answer):
    """Break the head; gives what is sent."""
    head, body = answer.head(), answer.framed()
    first, _, rest = head.partition(b"\r\n")
    first, rest = first + b"\r\n", rest + body
    version = rng.choice((b"HTTP/1.0", b"HTTP/2", b"HTTP/9.9", b"http/1.1", b"ICY", b"HTTP/", b"HTTP/1.1.1"))
    status = rng.choice((b"", b"x", b"-", b"2", b"20", b"99999", b"0"))
    early = b"HTTP/1.1 103 Early Hints\r\nLocation: /x\r\nRetry-After: 5\r\nETag: \"early\"\r\n\r\n"
    return rng.choice((
        lambda: [body, CLOSE], lambda: [b"\r\n" + head + body], lambda: [head.replace(b"\r\n", b"\n") + body],
        lambda: [version + head[8:] + body, CLOSE], lambda: [b"HTTP/1.1 " + status + head[12:] + body, CLOSE],
        lambda: [b"HTTP/1.1 100 Continue\r\n\r\n" * rng.choice((1, 3, 200)) + head + body],
        lambda: [early + head + body],
        lambda: [first + b"X-Long: " + b"y" * rng.choice((1000, 60000, 110000)) + b"\r\n" + rest],
        lambda: [first + b"X-Many: z\r\n" * rng.choice((100, 3000, 9000)) + rest],
        lambda: [first + b"no colon here\r\n" + rest], lambda: [first + b" folded\r\n" + rest],
        lambda: [first + b": x\r\nX\0Y: z\0\r\nX-\xff: \xff\r\n" + rest], lambda: [flip(rng, head) + body, CLOSE],
        lambda: [head[:rng.randrange(len(head))], CLOSE], lambda: [CLOSE], lambda: [RESET], lambda: [head, RESET],
        lambda: [head + body[:len(body) // 2], RESET]))()


# ---------------------------------------------------------------- answers

def make_odd(rng, answer, world):
    """Make an answer odd, in one way or some; world says what is allowed, and where its store is."""
    roll = rng.random()
    if answer.document is not None and roll < 0.62:
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            answer.oddities.append(change(rng, answer.document, world.round.files, world.allowed))
    elif roll < 0.72 or (answer.kind == "file" and roll < 0.4):
        make_text_odd(rng, answer, world)
    else:
        make_head_odd(rng, answer, world)


def make_text_odd(rng, answer, world):
    """Replace the body, or change its bytes."""
    answer.settle()
    if rng.random() < 0.4:
        name = rng.choice([name for name in BODIES if world.allowed(f"{answer.kind}:{name}")])
        answer.body = BODIES[name]
    else:
        name = rng.choice(list(BYTES))
        answer.body = BYTES[name](rng, answer.body)
    answer.oddities.append(name)


def make_head_odd(rng, answer, world):
    """Change the status, where it redirects to, a header, the framing, the head, or the pace."""
    name = rng.choice(("status", "status", "location", "location", "framing", "head", "header", "header", "pace"))
    if name == "location" and not world.allowed("location:odd"):
        name = "status"
    if name != "header":
        answer.settle()
    answer.oddities.append(name)
    {"status": set_status, "location": set_location, "header": add_headers, "framing": set_framing, "head": set_head,
     "pace": set_pace}[name](rng, answer, world)


def set_status(rng, answer, world):
    """Another status; those that are tried again take time."""
    status = rng.choice(STATUSES)
    if status in PASSING and not world.be_patient():
        status = 400
    answer.status = status
    if status in PASSING:
        answer.headers.append(("Retry-After", "0"))
    elif 300 <= status < 400:
        answer.headers.append(("Location", f"{world.round.files}/f/0/{rng.randrange(3)}?again={rng.randrange(3)}"))
    if rng.random() < 0.5:
        message = Document({"error": rng.choice(MESSAGES), "message": rng.choice(MESSAGES), "title": "t",
                            "errors": rng.choice(([], [{"message": "m"}], {"a": ["b"]}, {"a": []}, [5]))})
        answer.body = rng.choice((message.encode(), message.encode(), message.encode(), b"<html>no</html>", b"",
                                  "é".encode() * 700))


def set_location(rng, answer, world):
    """Redirect to an odd place."""
    url = odd_url(rng, world.round.files)
    answer.status = rng.choice((301, 302, 303, 307, 308, 300, 399))
    answer.headers.append(("Location", url if isinstance(url, str) else ""))


def add_headers(rng, answer, world):
    """Say something odd in headers."""
    for _ in range(rng.choice((1, 2, 5))):
        name, values = rng.choice(HEADERS)
        answer.headers.append((name, rng.choice(values)))


def set_framing(rng, answer, world):
    """Frame the body wrongly."""
    answer.script = odd_framing(rng, answer)


def set_head(rng, answer, world):
    """Break the head."""
    answer.script = odd_head(rng, answer)


def set_pace(rng, answer, world):
    """Be slow, or stop."""
    data = answer.head() + answer.framed()
    if rng.random() < 0.5 or not world.be_patient():
        answer.script = drip(rng, data, rng.choice((0.02, 0.1, 0.3)))
    elif rng.random() < 0.2:
        answer.script = drip(rng, data, 1.3)
    else:
        answer.script = [data[:rng.randrange(len(data) + 1)], 0.7, CLOSE]


def make_range_odd(rng, answer, size):
    """Make the answer to a request for the rest of a file of so many bytes odd."""
    start, end = size - len(answer.body), size - 1
    value = rng.choice((f"bytes {start}-{end}/{size + 1}", f"bytes {start}-{end}/{size - 1}", f"bytes {start}-{end}/*",
                        f"bytes 0-{end}/{size}", f"bytes {start + 1}-{end}/{size}", f"bytes */{size}",
                        f"bytes {start}-{end - 1}/{size}", f"bytes {start}-{end}", "", "x"))
    answer.headers = [pair for pair in answer.headers if pair[0] != "Content-Range"] + [("Content-Range", value)]
    answer.status = rng.choice((206, 206, 206, 416, 412, 200))
    answer.oddities.append("range")
    if rng.random() < 0.3:
        answer.headers = [pair for pair in answer.headers
                          if pair[0] != "ETag"] + [("ETag", rng.choice(('"e2"', 'W/"e1"', "")))]
    if rng.random() < 0.3:
        answer.body = answer.body[:rng.randrange(len(answer.body) + 1)]
