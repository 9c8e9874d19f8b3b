"""The results files of the jobs `proof.…`: what the id tells is done to them.

    proof.n-500.cut-1234.frame-whole.etag-weak

An id is `proof` and fields NAME-VALUE, joined by points; FIELDS says
what they are. All of this is a function of the id and of the number of the part, so that
a run can be repeated; proof_store.py answers with it. Standard library only.
"""
import dataclasses
import functools
import gzip
import random

from tables import FIELDS
from zstandard import frame, skippable

PROGRESS = 65536  # bytes after which the client forgets failures


@dataclasses.dataclass(frozen=True)
class Spec:
    """The fields of an id: numbers, and words."""
    n: int = 50             # records of a part
    w: int = 32             # random bytes in each
    parts: int = 1
    count: int = -1         # that the job tells; -1: the true one
    kind: str = "gzip"      # or zstd, plain, array
    members: int = 1
    empty: int = 0          # 1: empty members around and between
    pad: int = 0            # bytes of the first member
    seed: int = 0
    flip: int = -1          # a bit
    etag: str = "strong"    # weak, none
    range: str = "yes"      # no: the whole file is given all the same
    cut: int = -1           # where a transfer ends
    frame: str = "whole"    # how the cut is framed
    times: int = 1          # transfers that are cut
    resets: int = 0         # transfers that end somewhere, the n-th further on
    then: str = ""          # what follows the first transfer
    piece: int = 0          # bytes of a write; 0: all; -1: random
    pause: int = 0          # microseconds between writes
    ticket: int = -1        # transfers that a URL is good for
    code: int = 403         # of the answer to a URL that is no longer good
    sign: int = 0           # seconds that a signature holds
    moves: int = 0          # 1: the second answer names other objects
    wander: int = 0         # 1: each answer has another token in the paths
    query: int = 0          # 1: the query alone tells the parts apart
    turned: int = 0         # 1: from the second answer on they come in reverse
    busy: int = 0           # answers of the API that are 503, from the second on
    stale: int = 0          # answers whose URLs are refused
    detour: int = -1        # URLs redirect to a signed one, after so many ms
    once: int = 0           # 1: gone after a whole download
    gather: int = 0         # parts that must be under way before any goes on
    bad: int = 0            # the part that is damaged


TYPES = {field.name: field.type for field in dataclasses.fields(Spec)}


@functools.lru_cache(4096)
def parse(name):
    """The Spec of an id, None if it is none."""
    words = name.split(".")
    if words[0] != "proof":
        return None
    fields = {}
    for word in words[1:]:
        key, _, value = word.partition("-")
        if key not in TYPES:
            return None
        fields[key] = TYPES[key](value)
    return Spec(**fields)


def records(spec, number):
    """The lines of a part: its records are numbered on from the part before."""
    first = (number - 1) * spec.n + 1
    return [b'{"n":%d,"name":"%s"}\n' % (i, random.Random(i).randbytes(spec.w).hex().encode())
            for i in range(first, first + spec.n)]


def padded(data, size):
    """A gzip member of so many bytes: a file name in its head fills it up."""
    plain = gzip.compress(data, 6, mtime=0)
    room = size - len(plain)
    if room < 0:
        raise ValueError(f"a member of {len(plain)} bytes cannot have {size}")
    return plain if room == 0 else plain[:3] + b"\x08" + plain[4:10] + b"n" * (room - 1) + b"\0" + plain[10:]


def zipped(spec, plain):
    """The members of a gzip file, or the frames of a zstd file, cut anywhere in the lines."""
    ends = [i * len(plain) // spec.members for i in range(spec.members + 1)]
    if spec.pad:
        ends[1:-1] = [0] * (spec.members - 1)  # the padded one is empty
    texts = [plain[a:b] for a, b in zip(ends, ends[1:])]
    if spec.kind == "zstd":
        nothing = frame(b"") if spec.empty else b""
        first = skippable(bytes(spec.pad - 8)) if spec.pad else b""
        return nothing + nothing.join([first, *map(frame, texts)]) + nothing
    members = [gzip.compress(text, 6 if spec.members < 100 else 1, mtime=0) for text in texts]
    if spec.pad:
        members[0] = padded(texts[0], spec.pad)
    nothing = gzip.compress(b"", mtime=0) if spec.empty else b""
    return nothing + nothing.join(members) + nothing


@functools.lru_cache(64)
def whole(spec, number):
    """The good bytes of a part."""
    lines = records(spec, number)
    if spec.kind == "array":
        return b"[" + b",".join(line[:-1] for line in lines) + b"]"
    plain = b"".join(lines)
    return plain if spec.kind == "plain" else zipped(spec, plain)


def content(spec, number):
    """The bytes of a part, damaged where the id says so."""
    keep = {name: getattr(spec, name) for name in ("n", "w", "kind", "members", "empty", "pad")}
    data = whole(Spec(**keep), number)
    bit = len(data) * 4 if spec.bad == number else spec.flip
    if bit < 0:
        return data
    data = bytearray(data)
    data[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(data)


@functools.lru_cache(256)
def breaks(spec, size):
    """The offsets at which transfers end, one after the other, each enough further on to be progress."""
    source, places, place = random.Random(spec.seed), [], 0
    for _ in range(spec.resets):
        place += PROGRESS + 1 + source.randrange(PROGRESS)
        if place < size:
            places.append(place)
    return places


def end_of(spec, turn, size):
    """Where a transfer (they count from 1) ends before its time; None: it does not."""
    if spec.resets:
        places = breaks(spec, size)
        return places[turn - 1] if turn <= len(places) else None
    place = spec.cut // turn if spec.then in ("splice", "flaky") else spec.cut
    return place if place >= 0 and turn <= spec.times else None


def lengths(spec):
    """The sizes of the writes of a body, without end."""
    source = random.Random(spec.seed)
    while True:
        yield spec.piece if spec.piece > 0 else source.choice((1, 2, 3, 7, 31, 64, 257, 1460, 4096))


def pieces(spec, data):
    """A body in the writes that the id tells."""
    place = 0
    for size in lengths(spec):
        yield data[place:place + size]
        place += size
        if place >= len(data):
            return

FIELDS.add(
    ("n w parts count", None, "records of a part (50), random bytes in each (32), parts (1), the count that the job tells"
     " (the true one)"),
    ("kind", None, "`gzip`, `zstd`, `plain`, `array`"),
    ("members empty pad", None, "gzip members or zstd frames (1); 1: empty ones around and between; bytes of the first one,"
     " which is empty then"),
    ("seed", None, "of what is random; else it only makes ids differ"),
    ("flip bad", None, "the bit that is flipped; the part that is damaged"),
    ("etag range", None, "`strong`, `weak`, `none`; `yes`, `no` (the whole file with 200 all the same)"),
    ("cut times", None, "the byte before which a transfer ends; how many transfers do (1)"),
    ("frame", None, "how a cut is framed: `whole` (length of the whole, closed), `reset` (the same, reset), `unended`"
     " (chunks, the last missing), `half` (length of the half), `ended` (chunks with the last), `close` (unframed)"),
    ("resets", None, "transfers that end early, each at a random place that is 64 to 128 kB further on"),
    ("then", None, "what the second transfer of a file is: `412`, `416`, `other` (another file, 200), `newetag`,"
     " `wrongstart`, `norange`, `shorter`, `longer` (wrong Content-Range), `star` (half the rest, the total `*`), `part`"
     " (half the rest), `splice` (another file from now on, broken off), `flaky` (the same file, broken off, ranges"
     " ignored once)"),
    ("piece pause", None, "bytes of a write (-1: any), microseconds after each"),
    ("ticket code", None, "transfers that a URL is good for until the job is asked for again; the status of a refusal (403)"),
    ("sign", None, "URLs are signed, for so many seconds"),
    ("moves", None, "1: the job names other objects from the second answer on"),
    ("wander", None, "1: each answer names the same objects by paths with another token: `/proof/<id>/t<n>/<part>`"),
    ("query turned", None, "1: the parts' URLs differ in their queries alone, `/proof/<id>/0?part=<part>&sig=<n>`;"
     " 1: from the second answer on they come in reverse"),
    ("busy", None, "how many answers of the API are 503, from the second on"),
    ("stale", None, "answers whose URLs are refused"),
    ("detour", None,
     "the job's URLs end in `/detour` and redirect, after so many milliseconds, to one that is signed for `sign`"
     " seconds (30) and good for `ticket` transfers until the next redirect"),
    ("once", None, "1: 410 after a whole download"),
    ("gather", None, "each part stops half-way until so many have been asked for, for 10 s at most"))
