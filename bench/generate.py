"""Make the files that are measured, once.

    python3 bench/generate.py FOLDER [--records 200000] [--narrow 1000000]

writes results.jsonl.gz, the same records as part-1.jsonl.gz to part-8.jsonl.gz,
narrow.jsonl.gz, the same as narrow.csv.gz, small.jsonl.gz (the first 5,000 records), and a tenth of the
records in each shape of shapes.py (one of huge), all of one gzip member at
level 6. The records are those of test/imitation/generate.py; each enrichment
record has some fields of its own besides, so that a file compresses as such
files do, to a fifth.
"""
import argparse
import csv
import hashlib
import importlib.util
import io
import json
import multiprocessing
import os
import pathlib
import zlib

import shapes

PARTS = 8
SMALL = 5000
BATCH = 1000
TESTS = pathlib.Path(__file__).resolve().parent.parent / "test" / "imitation" / "generate.py"


def load_tests():
    """The generator of the tests, as a module."""
    spec = importlib.util.spec_from_file_location("test_generate", TESTS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def enrich(tests, number):
    """Enrichment record number, with its newline."""
    tail = tests.tails("enrich")[number % tests.TEMPLATES]
    own = hashlib.blake2b(b"%d" % number, digest_size=44).hexdigest()
    extra = '"data":{"record_id":"%s","logo_url":"https://images.example/%s.png","relevance":%.15f,' % (
        own[:32], own[32:72], int(own[72:], 16) / 2.0 ** 64)
    return tests.HEAD["enrich"] % (number + 1, number + 1) + extra.encode() + tail[len(b'"data":{'):]


def narrow(tests, number):
    """Search record number, with its newline."""
    return (tests.HEAD["narrow"] % (number + 1, number + 1) +
            tests.tails("narrow")[number * 7919 % tests.TEMPLATES])


def row(tests, number):
    """Search record number as a row of CSV, behind the header if it is the first."""
    record, out = json.loads(narrow(tests, number)), io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if number == 0:
        writer.writerow(record)
    writer.writerow(record.values())
    return out.getvalue().encode()


def write_file(task):
    """Write the records first to last - 1 of a kind as one gzip member."""
    path, kind, first, last = task
    make, tests = {"enrich": enrich, "narrow": narrow, "row": row, **shapes.ALL}[kind], load_tests()
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    with open(f"{path}.part", "wb") as out:
        for start in range(first, last, BATCH):
            numbers = range(start, min(start + BATCH, last))
            out.write(packer.compress(b"".join([make(tests, n) for n in numbers])))
        out.write(packer.flush())
    os.rename(f"{path}.part", path)


def main():
    """Write the files that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--narrow", type=int, default=1_000_000)
    options = parser.parse_args()
    count = options.records
    tasks = [("results", "enrich", 0, count), ("narrow", "narrow", 0, options.narrow)]
    tasks += [(f"part-{n + 1}", "enrich", count * n // PARTS, count * (n + 1) // PARTS) for n in range(PARTS)]
    tasks += [("small", "enrich", 0, min(SMALL, count))]
    tasks += [(name, name, 0, 1 if name == "huge" else count // 10) for name in shapes.ALL]
    tasks = [(options.folder / f"{name}.jsonl.gz", *rest) for name, *rest in tasks]
    tasks += [(options.folder / "narrow.csv.gz", "row", 0, options.narrow)]
    with multiprocessing.Pool() as pool:
        pool.map(write_file, [task for task in tasks if not task[0].exists()], chunksize=1)


if __name__ == "__main__":
    main()
