"""Deterministic result files of any length for tests and measurements.

    python3 test/imitation/generate.py enrich 200000 > results.jsonl
    python3 test/imitation/generate.py --gzip narrow 5000 > results.jsonl.gz

Kinds: `enrich` (envelope records of about 2.9 KB, some sixty fields nested in
"data") and `narrow` (flat records of about 300 bytes). Record i (from 1) is
HEAD[kind] % (i, i) followed by one of a fixed set of tails, so that writing a
record costs a format and a join. The gzip form is as cheap: the head of each
record goes into a stored deflate block, the tail was compressed beforehand.
"""
import argparse
import functools
import json
import random
import struct
import sys
import zlib

TEMPLATES = 2000
BATCH = 100
MOST = 999_999_999
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
BLOCK_END = b"\x00\x00\xff\xff\x03\x00"
HEAD = {
    "enrich": b'{"original_identifier":"c%09d.example","internal_id":1%09d,',
    "narrow": b'{"domain":"c%09d.example","company_id":1%09d,',
}

FIRST = ("Amber", "Birch", "Cobalt", "Drift", "Ember", "Fjord", "Granite",
         "Harbour", "Indigo", "Juniper", "Kestrel", "Lumen", "Møn", "Nordlys",
         "Ochre", "Pelican", "Quartz", "Río", "Sólheim", "Tundra")
SECOND = ("Analytics", "Bearings", "Carriers", "Dairy", "Energy", "Foods",
          "Glassworks", "Hydraulics", "Instruments", "Joinery", "Kilns",
          "Logistics", "Metals", "Networks", "Optics", "Paper")
CITIES = (("Aarhus", "DK"), ("Bergen", "NO"), ("Córdoba", "ES"), ("Dresden", "DE"),
          ("Évora", "PT"), ("Fukuoka", "JP"), ("Graz", "AT"), ("Hobart", "AU"),
          ("İzmir", "TR"), ("Jaipur", "IN"), ("Kraków", "PL"), ("Leeds", "GB"))
WORDS = ("valve", "ledger", "routing", "compost", "sensor", "barley", "anchor",
         "signal", "paper", "harvest", "quarry", "turbine", "lantern", "orchard",
         "relay", "cable", "freight", "kiln", "mirror", "solvent")


def words(rng, count):
    """A phrase of count words."""
    return " ".join(rng.choice(WORDS) for _ in range(count))


def money(rng):
    """An amount in whole cents."""
    return rng.randrange(1, 9_000_000_00) / 100


def place(rng):
    """An address object."""
    city, country = rng.choice(CITIES)
    return {"street": f"{words(rng, 1).title()} Street {rng.randrange(1, 300)}",
            "city": city, "country": country, "postal_code": f"{rng.randrange(100000):05d}",
            "geo": {"lat": rng.randrange(-900000, 900000) / 10000,
                    "lon": rng.randrange(-1800000, 1800000) / 10000}}


def funding(rng):
    """A funding object, null for one company in five."""
    if rng.random() < 0.2:
        return None
    rounds = [{"date": f"20{rng.randrange(10, 26)}-0{rng.randrange(1, 10)}-15",
               "stage": rng.choice(("seed", "series_a", "series_b", "debt")),
               "amount_usd": money(rng),
               "investors": [words(rng, 1).title() + " Ventures"]} for _ in range(2)]
    return {"total_usd": money(rng), "last_round": rounds[-1]["stage"], "rounds": rounds}


def person(rng):
    """One decision maker of a company."""
    return {"name": f"{words(rng, 1).title()} {words(rng, 1).title()}son",
            "title": rng.choice(("CEO", "CTO", "Head of Sales", "Plant manager")),
            "since": rng.randrange(1995, 2026), "remote": rng.random() < 0.3}


def headcounts(rng, total):
    """The headcount details of a company."""
    return {"total": total, "engineering": total // 3, "sales": total // 5,
            "growth_mom": rng.randrange(-500, 900) / 100,
            "growth_yoy": rng.choice((None, rng.randrange(-3000, 9000) / 100)),
            "series": [{"month": f"2026-0{m}", "total": max(1, total + 3 * m - 12)}
                       for m in range(1, 7)]}


def enrich_tail(rng):
    """Everything after the head of an enrichment record, with the newline."""
    total = rng.randrange(1, 20000)
    name = f"{rng.choice(FIRST)} {rng.choice(SECOND)} {rng.choice(('AB', 'GmbH', 'Ltd', 'S.A.'))}"
    data = {"name": name, "headcount": total, "founded": rng.randrange(1890, 2025),
            "revenue": rng.choice((None, money(rng))), "hq": place(rng),
            "tags": [rng.choice(WORDS) for _ in range(4)],
            "legal_name": name.upper(), "public": rng.random() < 0.1,
            "description": words(rng, 45).capitalize() + ' – known as "' + words(rng, 2) + '".',
            "history": words(rng, 58).capitalize() + ".",
            "headcounts": headcounts(rng, total), "funding": funding(rng),
            "offices": [place(rng) for _ in range(2)], "people": [person(rng) for _ in range(3)],
            "technologies": [words(rng, 1).title() + ".js" for _ in range(6)],
            "web": {"visits": rng.randrange(10**7), "bounce": rng.random(),
                    "rank": rng.randrange(10**6), "sources": {"search": 41, "direct": 33, "paid": 26}},
            "news": [{"title": words(rng, 9).capitalize(), "score": rng.randrange(100),
                      "url": f"https://news.example/{rng.randrange(10**8)}"} for _ in range(3)],
            "socials": {"network": f"https://network.example/{rng.randrange(10**8)}", "video": None},
            "updated_at": f"2026-05-{rng.randrange(10, 29)}T0{rng.randrange(10)}:15:00+00:00"}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return b'"data":' + text.encode() + b"}\n"


def narrow_tail(rng):
    """Everything after the head of a narrow record, with the newline."""
    city, country = rng.choice(CITIES)
    data = {"name": f"{rng.choice(FIRST)} {rng.choice(SECOND)}", "headcount": rng.randrange(1, 20000),
            "city": city, "country": country, "founded": rng.randrange(1890, 2025),
            "revenue": money(rng), "public": rng.random() < 0.1, "phone": None,
            "slogan": words(rng, 14)}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()[1:] + b"\n"


@functools.lru_cache(None)
def tails(kind):
    """The record tails of a kind, made once."""
    rng = random.Random(kind)
    make = {"enrich": enrich_tail, "narrow": narrow_tail}[kind]
    return [make(rng) for _ in range(TEMPLATES)]


@functools.lru_cache(None)
def packed_tails(kind):
    """The tails as deflate blocks that may refer to the records before them.

    A stand-in of the same length that matches nothing takes the place of the
    record heads. The end of each block (an empty stored block's lengths) is
    left off: the stored block with the next head takes over from there.
    """
    blank = b"\x01" * len(HEAD[kind] % (0, 0))
    window, packed = b"", []
    for tail in tails(kind):
        window = (window + blank)[-32768:]
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15, 9, zdict=window)
        block = deflate.compress(tail) + deflate.flush(zlib.Z_SYNC_FLUSH)
        packed.append(block[:-4])
        window += tail
    return packed


def member_sizes(kind, count):
    """(plain, gzip) size of one gzip member of the first count templates."""
    head = len(HEAD[kind] % (0, 0))
    plain = sum(map(len, tails(kind)[:count])) + count * head
    packed = sum(map(len, packed_tails(kind)[:count])) + count * (head + 4)
    return plain, len(GZIP_HEADER) + 1 + packed + len(BLOCK_END) + 8


def size(kind, count, gzipped):
    """Length in bytes of the file of count records."""
    which = 1 if gzipped else 0
    whole, rest = divmod(count, TEMPLATES)
    total = whole * member_sizes(kind, TEMPLATES)[which]
    if rest or not count:
        total += member_sizes(kind, rest)[which] if gzipped or rest else 0
    return total


def plain(kind, count):
    """The file of count records, in pieces."""
    head, ends = HEAD[kind], tails(kind)
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        yield b"".join([head % (i + 1, i + 1) + ends[i % TEMPLATES] for i in numbers])


def member(kind, first, count):
    """One gzip member with count records, the first numbered first + 1, in pieces."""
    head, ends, packed = HEAD[kind], tails(kind), packed_tails(kind)
    length = len(head % (0, 0))
    stored = struct.pack("<HH", length, length ^ 0xFFFF)
    crc, total, out = 0, 0, [GZIP_HEADER, b"\x00"]
    for i in range(count):
        text = head % (first + i + 1, first + i + 1)
        crc = zlib.crc32(ends[i], zlib.crc32(text, crc))
        total += length + len(ends[i])
        out += (stored, text, packed[i])
        if i % BATCH == BATCH - 1:
            yield b"".join(out)
            out.clear()
    yield b"".join(out) + BLOCK_END + struct.pack("<II", crc, total & 0xFFFFFFFF)


def gzipped(kind, count):
    """The gzipped file of count records, in pieces: a member per TEMPLATES records."""
    for first in range(0, max(count, 1), TEMPLATES):
        yield from member(kind, first, min(TEMPLATES, count - first))


def endless(kind):
    """Gzip members without end."""
    first = 0
    while True:
        yield from member(kind, first, TEMPLATES)
        first = (first + TEMPLATES) % (MOST - TEMPLATES)


def records(kind, count, as_gzip):
    """The pieces of the file of count records, gzipped or not."""
    return gzipped(kind, count) if as_gzip else plain(kind, count)


SHAPES = {
    "jobs": b'{"id":"job-%d","status":"completed","created_at":"2026-06-14T12:00:00Z","result_count":0,"kind":"enrich"}',
    "same": b'{"id":"same","status":"completed","created_at":"2026-06-14T12:00:00Z","result_count":0,"number":%d}',
    "keys": b'"%x":1',
    "ints": b"1",
    "floats": b"1e1",
    "strings": b'"ab"',
    "arrays": b"[]",
    "members": b'{"":1,"":1,"":1,"":1}',
    "escapes": rb'"\n\u00e9\"\n"',
}
BRACKETS = {"keys": b"{}", "text": b'""', "marks": b'""'}


def large(shape, megabytes):
    """One JSON value of about so many megabytes, in pieces: an array of what SHAPES says, of enrichment
    records (`records`), an object with short keys (`keys`), a string (`text`, and `marks` of CJK)."""
    left, number = megabytes * 1_000_000, 0
    brackets = BRACKETS.get(shape, b"[]")
    yield brackets[:1]
    while left > 0:
        if shape in ("text", "marks"):
            piece = b"0123456789abcdef" * 4096 if shape == "text" else "\u6f22\u5b57".encode() * 8192
        elif shape == "records":
            piece = b",".join(line for line in b"".join(plain("enrich", BATCH)).splitlines())
        elif b"%" in SHAPES[shape]:
            piece = b",".join([SHAPES[shape] % i for i in range(number, number + 2000)])
        else:
            piece = b",".join([SHAPES[shape]] * 20000)
        yield (b"," if number and shape not in ("text", "marks") else b"") + piece
        number += 2000
        left -= len(piece)
    yield brackets[1:]


def main():
    """Write one file to standard output."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=sorted(HEAD))
    parser.add_argument("count", type=int)
    parser.add_argument("--gzip", action="store_true")
    options = parser.parse_args()
    if not 0 <= options.count <= MOST:
        parser.error(f"count must be 0 to {MOST}")
    for piece in records(options.kind, options.count, options.gzip):
        sys.stdout.buffer.write(piece)


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.stderr.close()
