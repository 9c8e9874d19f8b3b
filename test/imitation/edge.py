"""Odd files, whose bytes are all there is to them."""
import bz2
import functools
import gzip
import io
import json
import lzma
import struct
import zipfile
import zlib

from replies import BINARY, html
from store import no_such_key, s3_error, serve, stored, zipped
from tables import EDGES
from zstandard import MAGIC, frame, skippable

GOOD = b'{"a":1,"b":"one"}\n{"a":2,"b":"two"}\n{"a":3,"b":"three"}\n'
LINES = GOOD.splitlines(True)
OBJECTS = [json.loads(line) for line in LINES]


def with_second(value):
    """The three good records with another text (bytes, JSON) as b of the second."""
    return LINES[0] + b'{"a":2,"b":' + value + b"}\n" + LINES[2]


def nested(depth):
    """An array in an array in …"""
    return b"[" * depth + b"]" * depth


def edge_plain():
    """Plain files that hold exactly the three records, or none."""
    pretty = json.dumps(OBJECTS, indent=2).encode() + b"\n"
    wrapped = {"meta": {"page": 1, "note": "not a record"}, "data": {"items": OBJECTS}}
    marks = "".join(f'{{"a":{i},"b":"x{c}y"}}\n' for i, c in enumerate("\u2028\u2029\u0085", 1))
    return {
        "good.jsonl": GOOD,
        "bom.jsonl": b"\xef\xbb\xbf" + GOOD,
        "crlf.jsonl": GOOD.replace(b"\n", b"\r\n"),
        "blank_lines.jsonl": b"\n" + LINES[0] + b"\n  \t\n" + LINES[1] + b"\r\n" + LINES[2] + b"\n\n",
        "no_final_newline.jsonl": GOOD[:-1],
        "only_newlines.jsonl": b"\n\r\n\n",
        "empty.jsonl": b"",
        "empty.jsonl.gz": zipped(b""),
        "line_separators.jsonl": marks.encode(),
        "pretty_array.json": pretty,
        "pretty_object.json": json.dumps(OBJECTS[0], indent=2).encode() + b"\n",
        "compact_array.json": json.dumps(OBJECTS, separators=(",", ":")).encode(),
        "empty_array.json": b"[]\n",
        "wrapped_array.json": json.dumps(wrapped).encode(),
        "duplicate_keys.jsonl": GOOD.replace(b'{"a"', b'{"a":0,"a"'),
    }


def edge_hard():
    """Plain files with a record or an end that is hard to take."""
    array = json.dumps(OBJECTS).encode()
    return {
        "non_objects.jsonl": b'1\n"text"\nnull\ntrue\n[1,2]\n-2.5e3\n' + LINES[0],
        "array_garbage.json": array + b"\nand then some text\n",
        "array_unclosed.json": array[:-1],
        "two_objects_one_line.jsonl": LINES[0][:-1] + b" " + LINES[1] + LINES[2],
        "raw_control.jsonl": with_second(b'"x\x01y"'),
        "raw_nul.jsonl": with_second(b'"x\x00y"'),
        "nul_escape.jsonl": with_second(b'"x\\u0000y"'),
        "lone_surrogate.jsonl": with_second(b'"x\\ud83dy"'),
        "invalid_utf8.jsonl": with_second(b'"x\xc3(\xffy"'),
        "deep_1000.jsonl": with_second(nested(1000)),
        "deep_7000.jsonl": with_second(nested(7000)),
        "long_line_3mb.jsonl.gz": zipped(with_second(b'"' + b"0123456789abcdef" * 196608 + b'"')),
        "truncated_last_line.jsonl": GOOD[:-7],
        "html_200.html": html(200, "Please log in").body,
        "s3_error_200.xml": s3_error(200, "InternalError", "We encountered an internal error.").body,
    }


def fancy_gzip(data):
    """A gzip member whose header has an extra field, a name and a checksum."""
    plain = zipped(data)
    head = plain[:3] + bytes([0x02 | 0x04 | 0x08]) + plain[4:10]
    head += struct.pack("<H", 8) + b"TE\x04\x00four" + b"results.jsonl\x00"
    return head + struct.pack("<H", zlib.crc32(head) & 0xFFFF) + plain[10:]


def gzip_head(flags, more=b"", method=8):
    """The good file with other flags, further header fields or another method."""
    plain = zipped(GOOD)
    return plain[:2] + bytes([method, flags]) + plain[4:10] + more + plain[10:]


def edge_gzip_rare():
    """Gzip files with headers and endings that are seldom met."""
    good = zipped(GOOD)
    fancy = fancy_gzip(GOOD)
    return {
        "fextra.gz": gzip_head(4, struct.pack("<H", 8) + b"TE\x04\x00four"),
        "long_fname.gz": gzip_head(8, b"n" * 65536 + b"\x00"),
        "fcomment.gz": gzip_head(16, b"a comment\x00"),
        "ftext.gz": gzip_head(1),
        "bad_fhcrc.gz": fancy.replace(b"results.jsonl", b"resulTs.jsonl"),
        "reserved_flags.gz": gzip_head(0xe0),
        "method_7.gz": gzip_head(0, method=7),
        "stored_blocks.gz": gzip.compress(GOOD, 0, mtime=0),
        "lone_1f_behind.gz": good + b"\x1f",
        "magic_behind.gz": good + b"\x1f\x8b",
        "zeros_then_member.gz": good + bytes(16) + good,
        "zeros_between.gz": b"".join(zipped(line) + bytes(n) for line, n in zip(LINES, (1, 70000, 512))),
        "zeros_then_garbage.gz": good + bytes(512) + b"and then some text",
        "raw_deflate": zlib.compress(GOOD)[2:-4],
        "bomb.gz": gzip.compress(b"\n" * (64 << 20) + GOOD, 9, mtime=0),
    }


def edge_gzip():
    """Gzip files, well-formed (in rare ways) and damaged."""
    good, slices = zipped(GOOD), [GOOD[i * len(GOOD) // 20:(i + 1) * len(GOOD) // 20] for i in range(20)]
    middle = len(good) // 2
    return {
        "good.gz": good,
        "multi_member.gz": b"".join(map(zipped, LINES)),
        "empty_members.gz": b"".join(map(zipped, (b"", LINES[0], b"", b"", LINES[1] + LINES[2], b""))),
        "twenty_members.gz": b"".join(map(zipped, slices)),
        "gz_in_gz.gz": zipped(good),
        "misnamed_plain.gz": GOOD,
        "misnamed_gzip.jsonl": good,
        "trailing_zeros.gz": good + bytes(512),
        "trailing_garbage.gz": good + b"and then some text",
        "bad_crc.gz": good[:-8] + bytes([good[-8] ^ 1]) + good[-7:],
        "bad_isize.gz": good[:-4] + bytes([good[-4] ^ 1]) + good[-3:],
        "bit_flip.gz": good[:middle] + bytes([good[middle] ^ 4]) + good[middle + 1:],
        "cut_half.gz": good[:middle],
        "cut_trailer4.gz": good[:-4],
        "cut_trailer8.gz": good[:-8],
        "cut_header.gz": good[:6],
        "lone_1f.gz": b"\x1f",
        "fname_fextra_fhcrc.gz": fancy_gzip(GOOD),
        "zlib_raw": zlib.compress(GOOD),
    }


# The good file by the brotli command, and that of 20,000 records up to byte 64.
BROTLI = bytes.fromhex("1b3700f89d09764cc21213869a87303c4f709c542ad1f5508789bdd1299dbe2c7b93cb0634f1a842a8e11fa8247a8c039dc43fa65d")
BROTLI_START = bytes.fromhex("5b45295875c0ee6a2ff643ab33a060e30000a0fa1e968ab2fb00041052cf4a6d0f80aa56097177d8abe2d71f7ffdf3df9f1a18c0b8fb07000082d164b65859db")


def zip_archive():
    """The good file as a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("good.jsonl"), GOOD)
    return out.getvalue()


def edge_foreign():
    """Files that hold the three records, or could, in what is neither JSON nor gzip."""
    text = GOOD.decode()
    rows = [("a", "b"), *((str(o["a"]), o["b"]) for o in OBJECTS)]
    return {
        "good.zip": zip_archive(), "good.bz2": bz2.compress(GOOD), "good.xz": lzma.compress(GOOD),
        "good.lz4": bytes.fromhex("04224d186440a7") + bytes(8), "good.7z": bytes.fromhex("377abcaf271c0004") + bytes(24),
        "good.br": BROTLI, "large.br": BROTLI_START,
        "utf16.jsonl": text.encode("utf-16"), "utf16le.jsonl": text.encode("utf-16-le"),
        "utf16be.jsonl": text.encode("utf-16-be"), "utf32.jsonl": text.encode("utf-32"),
        "utf32be.jsonl": text.encode("utf-32-be"), "zeros": bytes(4096),
        "good.parquet": b"PAR1" + bytes.fromhex("1504150a150e4c1502"), "good.avro": b"Obj\x01\x04\x16avro.schema",
        "good.orc": b"ORC\x0a\x05", "good.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "good.json-seq": b"\x1e" + LINES[0],
        "good.csv": "".join(f"{a},{b}\n" for a, b in rows).encode(),
        "numbers.csv": b"1,2,3\n4,5,6\n", "quoted.csv": "".join(f'"{a}","{b}"\r\n' for a, b in rows).encode(),
        "good.tsv": "".join(f"{a}\t{b}\n" for a, b in rows).encode(),
        "good.txt": b"Access denied, come back later?token=secret\n", "events.txt": b"".join(b"data: " + line for line in LINES),
        "page.html": html(200, "Please log in").body,
        "zip.gz": zipped(zip_archive()), "csv.gz": zipped(b"a,b\n1,one\n"),
        "comment.jsonl": b"# three records\n" + GOOD, "scalars.jsonl": b"oops\n1\n2\n",
    }


def edge_zstd():
    """Files compressed by zstd, well-formed and damaged."""
    good = frame(GOOD)
    wide = MAGIC + b"\x00\x90" + (len(GOOD) << 3 | 1).to_bytes(3, "little") + GOOD  # a window of 2^28, one raw block
    middle = len(good) // 2
    return {
        "good.zst": good, "misnamed_zstd.gz": good,
        "best.zst": frame(GOOD, level=19), "fast.zst": frame(GOOD, level=-5), "stream.zst": frame(GOOD, content_size=0),
        "no_checksum.zst": frame(GOOD, checksum=0), "many_frames.zst": b"".join(map(frame, LINES)),
        "empty_frames.zst": b"".join(map(frame, (b"", LINES[0], b"", b"", LINES[1] + LINES[2], b""))),
        "skippable.zst": b"".join(skippable(bytes(n), n % 16) + frame(line) for n, line in zip((0, 11, 70000), LINES)) + skippable(b"end"),
        "zst_in_zst.zst": frame(good), "gz_in_zst.zst": frame(zipped(GOOD)), "zst_in_gz.gz": zipped(good),
        "skippable_in_gz.gz": zipped(skippable(b"x", 11) + good), "array_in_zst.zst": frame(b"[" + GOOD[:-1].replace(b"\n", b",") + b"]"),
        "empty.zst": frame(b""), "only_skippable.zst": skippable(b"nothing"),
        "three_levels.zst": frame(frame(good)), "wide.zst": wide, "bomb.zst": frame(b"\n" * (64 << 20) + GOOD),
        "cut_half.zst": good[:middle], "cut_checksum.zst": good[:-1], "cut_magic.zst": good[:3], "cut_head.zst": good[:5],
        "cut_skippable.zst": good + skippable(bytes(99))[:50], "lone_28_behind.zst": good + b"\x28",
        "flip.zst": good[:middle] + bytes([good[middle] ^ 4]) + good[middle + 1:],
        "bad_checksum.zst": good[:-1] + bytes([good[-1] ^ 1]), "zeros_behind.zst": good + bytes(512),
        "garbage_behind.zst": good + b"and then some text", "gzip_behind.zst": good + zipped(GOOD), "zstd_behind.gz": zipped(GOOD) + good,
    }


@functools.lru_cache(None)
def edge_files():
    """All files under /edge/."""
    return {**edge_plain(), **edge_hard(), **edge_gzip(), **edge_gzip_rare(), **edge_foreign(), **edge_zstd()}


def odd_file(request, name):
    """The answer with an odd file."""
    kind = {"html": "text/html", ".xml": "application/xml"}.get(name[-4:], BINARY)
    return serve(request, stored(edge_files()[name], kind))


def answer(request, name):
    """The answer to GET /edge/{name}."""
    return EDGES.answer(name, request) or no_such_key(request.path)


EDGES.add(
    ("good.jsonl bom.jsonl crlf.jsonl blank_lines.jsonl no_final_newline.jsonl pretty_array.json compact_array.json"
     " misnamed_plain.gz", odd_file, "the three, plain"),
    ("wrapped_array.json", odd_file, "the three, plain, under data.items"),
    ("line_separators.jsonl", odd_file, "the three, plain, with U+2028, U+2029 and U+0085 in b"),
    ("duplicate_keys.jsonl", odd_file, "the three, plain; a is 0 first"),
    ("good.gz multi_member.gz empty_members.gz misnamed_gzip.jsonl trailing_zeros.gz fname_fextra_fhcrc.gz", odd_file,
     "the three, gzip"),
    ("twenty_members.gz", odd_file, "the three, gzip, its members cut anywhere in lines"),
    ("gz_in_gz.gz", odd_file, "the three, in two layers of gzip"),
    ("zlib_raw raw_deflate", odd_file, "the three, as zlib, as bare deflate"),
    ("fextra.gz long_fname.gz fcomment.gz ftext.gz", odd_file, "the three, gzip with a rare header (a name of 64 KB)"),
    ("stored_blocks.gz", odd_file, "the three, gzip of stored blocks"),
    ("lone_1f_behind.gz magic_behind.gz", odd_file, "the three, gzip, and how another member begins"),
    ("zeros_then_member.gz", odd_file, "the three twice, gzip, zeros between"),
    ("zeros_between.gz", odd_file, "the three, gzip, zeros behind each member"),
    ("zeros_then_garbage.gz", odd_file, "the three, gzip, zeros and text behind"),
    ("bomb.gz", odd_file, "64 MB of newlines, then the three, gzip"),
    ("bad_fhcrc.gz reserved_flags.gz method_7.gz", odd_file, "the three, gzip with a head that is wrong"),
    ("trailing_garbage.gz bad_crc.gz bad_isize.gz bit_flip.gz cut_half.gz cut_trailer4.gz cut_trailer8.gz", odd_file,
     "the three, gzip, damaged"),
    ("cut_header.gz lone_1f.gz", odd_file, "6 bytes and 1 byte of gzip"),
    ("array_garbage.json array_unclosed.json", odd_file, "the three as an array, with text after it, without its end"),
    ("truncated_last_line.jsonl", odd_file, "the three, the last cut"),
    ("raw_control.jsonl raw_nul.jsonl nul_escape.jsonl lone_surrogate.jsonl invalid_utf8.jsonl deep_1000.jsonl"
     " deep_7000.jsonl long_line_3mb.jsonl.gz", odd_file, "the three, another b in the second"),
    ("two_objects_one_line.jsonl", odd_file, "the three, two on the first line"),
    ("pretty_object.json", odd_file, "the first, over several lines"),
    ("non_objects.jsonl", odd_file, "6 values that are no objects, then the first"),
    ("only_newlines.jsonl empty.jsonl empty.jsonl.gz empty_array.json", odd_file, "none"),
    ("good.zip good.bz2 good.xz good.lz4 good.7z good.br large.br good.parquet good.avro good.orc good.pdf good.json-seq",
     odd_file, "the three in another format, or its beginning"),
    ("utf16.jsonl utf16le.jsonl utf16be.jsonl utf32.jsonl utf32be.jsonl", odd_file, "the three in another encoding"),
    ("good.csv numbers.csv quoted.csv good.tsv", odd_file, "values with separators"),
    ("good.txt events.txt page.html zeros", odd_file, "no record: words, server-sent events, a page, zeros"),
    ("zip.gz csv.gz", odd_file, "what is no JSON, gzip"),
    ("comment.jsonl", odd_file, "the three, behind a line that is none"),
    ("scalars.jsonl", odd_file, "two, behind a line that is none"),
    ("good.zst misnamed_zstd.gz best.zst fast.zst stream.zst no_checksum.zst many_frames.zst empty_frames.zst", odd_file,
     "the three, zstd, by several settings and in several frames"),
    ("skippable.zst", odd_file, "the three, zstd, with skippable frames around"),
    ("zst_in_zst.zst gz_in_zst.zst zst_in_gz.gz skippable_in_gz.gz", odd_file, "the three, in two layers of zstd and gzip"),
    ("array_in_zst.zst", odd_file, "the three as an array, zstd"),
    ("empty.zst only_skippable.zst", odd_file, "none, zstd"),
    ("three_levels.zst", odd_file, "the three, in three layers of zstd"),
    ("wide.zst", odd_file, "the three, zstd with a window of 256 MB"),
    ("bomb.zst", odd_file, "64 MB of newlines, then the three, zstd"),
    ("cut_half.zst cut_checksum.zst cut_magic.zst cut_head.zst cut_skippable.zst lone_28_behind.zst flip.zst bad_checksum.zst"
     " zeros_behind.zst garbage_behind.zst", odd_file, "the three, zstd, damaged"),
    ("gzip_behind.zst zstd_behind.gz", odd_file, "the three twice, by zstd and by gzip"),
    ("html_200.html s3_error_200.xml", odd_file, "a page, an error of the store, both with 200"))
