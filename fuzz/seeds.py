"""Seeds for the harnesses: python3 fuzz/seeds.py FOLDER

Writes a corpus for each harness into a folder of its name: the fixtures and
the edge files and the texts (documents.py) of test/imitation.
"""
import pathlib
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "imitation"))
import documents  # noqa: E402
import edge  # noqa: E402

MOST = 16384
SLOW = ("bomb.gz", "bomb.zst", "long_line_3mb.jsonl.gz")
# What stands before the content: see the harnesses.
PLAIN_MODES = (b"\x00", b"\x01", b"\x05", b"\x06", b"\x07")
DEFLATED_MODES = (b"\x02", b"\x03", b"\x04")
CUTS = (b"\x00" * 6, b"\x80\x05\x3f\x90\x11\x01")
CSV_LAYOUTS = (b"\x03", b"\x0b", b"\x13", b"\x23")
LAYOUTS = tuple(bytes([mode]) for mode in (0, 1, 2, 4, 8, 9, 10, 0x10, 0x12, 0x20))

# What was found once, shortened: 0xFE stands for 40,000 letters, 0xFC for as many blanks.
FOUND = {
    "inflate": [b"\x03" + CUTS[1] + b"\x05" + b'{"original_identifier": "tanuki.example"'],
    "lines": [b"\x00" + cuts + text for cuts in CUTS for text in (
        b'{"a":"\xfe\xfe"\n}', b'["\xfe\xfe",1]\n[2]\n')] + [b"\x08" + cuts + text for cuts in CUTS for text in (
            b'{"a":1}\n{"b":"\xfe\xfe"}\n\xfc\n', b'["\xfd",\xfd\xfe\xfe', b'[1,\xfc\xfc2]')],
}

SHORT = (b"[1,]", b"[,]", b"[1}", b"[1]]", b"[]x", b"[ ]", b"[,1]", b"[1 2]", b'{"data":{"items":[1,2]}}', b"[1]\n[2]\n")


ROWS = (b'a,"b ""c""",\r\n1,"x, ""y""\r\nz",\r\n\r\n,"",\xc3\xa9\r\n-3,\\ \t\x00,"', b'a\n1\n\n""\n"2"', b'"a\nb",c\n"1\n2\n","\n"\n3\n4,5,6\n',
        b'a,b\n1"2,3\n"4"5,6\n7\r8,9\n10, "11"\n"12",\xff\n"13","14\n', b"\xef\xbb\xbfa,b,a\n", b"a;b\n1;2\n", b"\n\na,b\n1,2\n\n",
        b'a,b\n"\xfe",1\n"\xfc"",\n",2\n3,\xfd\n"4\n","5"\n', b'\xfe,b\n1,2\n', b'a,b\r1,2\r')


def contents():
    """All files to read, by name."""
    files = {f"edge-{name}": data for name, data in edge.edge_files().items() if name not in SLOW}
    for path in sorted((ROOT / "test" / "fixtures").rglob("*")):
        if path.is_file():
            files["-".join(path.relative_to(ROOT / "test" / "fixtures").parts)] = path.read_bytes()
    return {name: data[:MOST] for name, data in files.items()}


def dense_texts():
    """Texts of which jsonb takes as much more room as it can."""
    for word in (b"1", b"[]", b"{}", b'""', b"1e5", b"0.1", b"1e-16383", b"0.00001", b"true", b'{"":1}', b"[1]"):
        yield b"[" + b",".join([word] * 300) + b"]"
    yield b"{" + b",".join(b'"%x":1' % i for i in range(300)) + b"}"
    yield b"[" * 6400 + b"]" * 6400
    yield b"[" * 6401 + b"]" * 6401


def array_texts():
    """Texts in which paths with [*] name something, and forget it again."""
    element = b'{"a":1,"b":[1,2],"b":[3],"a":[4,{"a":5}]}'
    yield b"\xff".join((b'{"b":[%b,{"a":null},7,%b],"a":[[],{"a":"x"}]}' % (element, element),
                        b'{"b":[{"a":0}], "b": [ {"\\u0061":1 , "a" : [] } , %b ]}' % element,
                        b'{"b":[%b],"b":{"a":1},"data":{"items":[[1,[2]],3,[{}]]}}' % element))
    yield b"\xff".join((b"[[1,%b],%b,[],[{\"a\":[2]}]]" % (element, element), b'[[{"a":1,"a":2}],{"a":3}]', b"[]"))


def texts():
    """JSON texts, one at a time and several together."""
    yield from array_texts()
    yield from dense_texts()
    made = b"".join(documents.records("documents", 400)).splitlines()
    made += b"".join(documents.records("numbers", 200)).splitlines()
    for start in range(0, len(made), 20):
        yield b"\xff".join(made[start:start + 20])[:MOST]
    for data in contents().values():
        yield data
        yield data.replace(b"\n", b"\xff")


def deflated(data, level, strategy):
    """Bare deflate."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 8, strategy)
    return packer.compress(data) + packer.flush()


def files_to_inflate():
    """Files, and bare deflate of every kind of block."""
    for data in contents().values():
        for mode in PLAIN_MODES:
            yield mode, data
        for mode in DEFLATED_MODES:
            for level, strategy in ((0, zlib.Z_DEFAULT_STRATEGY), (9, zlib.Z_DEFAULT_STRATEGY), (9, zlib.Z_FIXED),
                                    (9, zlib.Z_HUFFMAN_ONLY)):
                yield mode, deflated(data[:2000], level, strategy)


def write(folder, seeds):
    """Write seeds into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (folder / str(number)).write_bytes(seed)


def main(target):
    """Write all."""
    write(target / "record", texts())
    write(target / "inflate", FOUND["inflate"] + [mode + cuts + b"\x05" + data for mode, data in files_to_inflate() for cuts in CUTS])
    write(target / "lines", FOUND["lines"] + [mode + cuts + data for data in (*contents().values(), *SHORT)
                                              for mode in LAYOUTS for cuts in CUTS] +
          [mode + cuts + data for data in ROWS for mode in CSV_LAYOUTS for cuts in CUTS])


main(pathlib.Path(sys.argv[1]))
