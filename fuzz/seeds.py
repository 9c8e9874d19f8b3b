"""Seeds for the harnesses: python3 fuzz/seeds.py FOLDER

Writes a corpus for each harness into a folder of its name: the fixtures and
the edge files of test/api.py, and the texts of test/documents.py.
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test"))
import api  # noqa: E402
import documents  # noqa: E402

MOST = 16384
# What stands before the content: see the harnesses.
MODES = (b"\x00", b"\x01", b"\x02", b"\x03", b"\x04")
CUTS = (b"\x00" * 6, b"\x80\x05\x3f\x90\x11\x01")
LAYOUTS = tuple(bytes([mode]) for mode in (0, 1, 2, 3, 4, 5, 0x10, 0x20, 0x32))


def contents():
    """All files to read, by name."""
    files = {f"edge-{name}": data for name, data in api.edge_files().items()}
    for path in sorted((ROOT / "test" / "fixtures").rglob("*")):
        if path.is_file():
            files["-".join(path.relative_to(ROOT / "test" / "fixtures").parts)] = path.read_bytes()
    return {name: data[:MOST] for name, data in files.items()}


def texts():
    """JSON texts, one at a time and several together."""
    made = b"".join(documents.records("documents", 400)).splitlines()
    made += b"".join(documents.records("numbers", 200)).splitlines()
    for start in range(0, len(made), 20):
        yield b"\xff".join(made[start:start + 20])[:MOST]
    for data in contents().values():
        yield data
        yield data.replace(b"\n", b"\xff")


def write(folder, seeds):
    """Write seeds into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (folder / str(number)).write_bytes(seed)


def main(target):
    """Write all."""
    files = contents()
    write(target / "record", texts())
    write(target / "inflate", (mode + cuts + b"\x05" + data for data in files.values()
                               for mode in MODES for cuts in CUTS))
    write(target / "lines", (mode + cuts + data for data in files.values()
                             for mode in LAYOUTS for cuts in CUTS))


main(pathlib.Path(sys.argv[1]))
