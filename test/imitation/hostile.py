"""Servers that mean harm: heads, framings and bodies that do not end, or that lie."""
import gzip

from faults import envelopes
from replies import Reply, for_ever, slowly
from store import zipped
from tables import FAULTS

RAW_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: binary/octet-stream\r\nConnection: close\r\n"


def hostile_heads(name):
    """Raw answers whose head or framing is meant to harm, None for other names."""
    filler, plain = b"y" * 60000, envelopes(3)
    lengths = {"cl-garbage": b"Content-Length: many\r\n", "cl-negative": b"Content-Length: -5\r\n",
               "cl-two": b"Content-Length: 100\r\nContent-Length: 200\r\n",
               "cl-small": b"Content-Length: %d\r\n" % (len(plain) - 10),
               "cl-mixed": b"Content-Length: %dx\r\n" % len(plain),
               "cl-huge": b"Content-Length: 99999999999999999999\r\n",
               "cl-twice": b"Content-Length: %d\r\n" % len(plain) * 2,
               "te-identity": b"Transfer-Encoding: identity\r\n",
               "te-identity-length": b"Content-Length: %d\r\nTransfer-Encoding: identity\r\n" % len(plain)}
    codings = {"te-chunked-identity": b"chunked, identity\r\n", "te-chunked-length": b"Chunked\r\nContent-Length: 10\r\n"}
    chunked = RAW_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    if name in lengths:
        return [RAW_HEAD + lengths[name] + b"\r\n" + plain]
    if name in codings:
        return [RAW_HEAD + b"Transfer-Encoding: " + codings[name] + b"\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(plain), plain)]
    if name.startswith("head-cut-"):
        return [b"HTTP/1.1 %s As it is\r\nContent-Length: 0\r\nLocation: /fault/small\r\nDate: x" % name[9:].encode()]
    match name:
        case "loris-head":
            return slowly(RAW_HEAD + b"Content-Length: 0\r\n\r\n", 1, 1.5)
        case "endless-1xx":
            return for_ever(b"HTTP/1.1 100 Continue\r\n\r\n")
        case "endless-line":
            return for_ever(filler, b"HTTP/1.1 200 OK\r\nx-long: ")
        case "endless-trailer":
            return for_ever(b"x-trailer: %s\r\n" % (b"y" * 1000),
                            chunked + b"%x\r\n%s\r\n0\r\n" % (len(plain), plain))
        case "endless-extension":
            # it ends by the clock alone, however fast the machine is
            return for_ever(filler, chunked + b"5;", 1 << 50)
        case "endless-error":
            return for_ever(filler, b"HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n")
        case "chunk-garbage":
            return [chunked + b"zz\r\n" + plain]
        case "chunk-huge":
            return [chunked + b"fffffffffffffffffff\r\n" + plain]
        case "chunk-longer":
            return [chunked + b"%x\r\n%s\r\n0\r\n\r\n" % (len(plain) + 50, plain)]
    return None


def hostile_bodies(name):
    """Bodies that do not end, or that swell, None for other names."""
    swelling = gzip.compress(b"a" * (16 << 20), 9, mtime=0)
    bodies = {"endless-record": lambda: for_ever(b"a" * 60000, b'{"name":"'),
              "endless-array": lambda: for_ever(b"a" * 60000, b'[{"name":"'),
              "endless-document": lambda: for_ever(b'"k":"v",\n' * 6000, b"{\n"),
              "endless-blank": lambda: for_ever(b" " * 60000),
              "bomb-record": lambda: for_ever(swelling, zipped(b'{"name":"'), 64 * len(swelling)),
              "bomb-in-bomb": lambda: [zipped(b"".join([swelling] * 64))]}
    return bodies[name]() if name in bodies else None


def head(_, name):
    """A raw answer."""
    return Reply(body=hostile_heads(name), framing="raw")


def body(_, name):
    """A body in chunks."""
    return Reply(body=hostile_bodies(name), framing="chunked")


FAULTS.add(
    ("cl-garbage cl-negative cl-two cl-small", head, "3 plain",
     "Content-Length that is no number, below 0, twice, 10 too small"),
    ("cl-mixed cl-huge cl-twice", head, "3 plain",
     "Content-Length with a letter behind it, of 20 digits, the same twice"),
    ("te-identity te-identity-length", head, "3 plain",
     "Transfer-Encoding: identity, the second with a Content-Length too; ended by the end of the connection"),
    ("te-chunked-identity te-chunked-length", head, "3 plain",
     "in chunks that another coding is said to be behind, or with a Content-Length of 10"),
    ("chunk-garbage chunk-huge chunk-longer", head, "3 plain",
     "a chunk's size that is no number, of 20 digits, larger than the chunk"),
    ("loris-head", head, "–", "a head, a byte every 1.5 s"),
    ("head-cut-200 head-cut-302 head-cut-404 head-cut-503", head, "–",
     "a head of that status that ends with the connection, before its last line does"),
    ("endless-1xx endless-line endless-trailer endless-extension endless-error", head, "–",
     "up to 1 GB of 100s, of one header line, behind the chunks, behind a chunk's size, of a 500's body"),
    ("endless-record endless-array endless-document endless-blank", body, "– plain",
     "1 GB of one record, in an array or not, of one document, of blanks"),
    ("bomb-record bomb-in-bomb", body, "–", "1 GB of one record in 1 MB of gzip, and that gzipped again"))
