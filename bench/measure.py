"""Run all rows in turn, and print the tables; bench/run.sh starts it."""
import argparse
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import time

import engines
import report
import rows

SLOW = 20               # a row that takes more seconds than this
SLOW_ROUNDS = 3         # is run in so many rounds only
PACKAGES = {"duckdb": "@duckdb/node-api", "clickhouse": "chdb"}


def parse_options():
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench/run.sh")
    parser.add_argument("--work", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--bin", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--base", required=True, help=argparse.SUPPRESS)
    parser.add_argument("-n", dest="rounds", type=int, default=5, help="rounds")
    parser.add_argument("-o", dest="only", default="", help="pattern of the rows")
    parser.add_argument("--long", action="store_true", help="the stream of 10 GB too")
    return parser.parse_args()


def version_of(setup, engine):
    """The version of a peer that is installed, or None."""
    path = setup.work / "peers" / "node_modules" / PACKAGES[engine] / "package.json"
    return json.loads(path.read_text())["version"] if path.exists() else None


def has_isal(setup):
    """Tell whether the floor was built with ISA-L."""
    linked = subprocess.run(["ldd", setup.work / "floor"], capture_output=True, text=True).stdout
    return "libisal" in linked


def warm(setup):
    """Read the files, so that they are in memory."""
    for path in (setup.work / "files").glob("*.gz"):
        with open(path, "rb") as file:
            while file.read(1 << 20):
                pass


def run_all(setup, chosen):
    """Run the rows in turn, round after round."""
    results = report.Results(chosen)
    for number in range(setup.rounds):
        for row in chosen:
            if number >= SLOW_ROUNDS and results.median(row.name) > SLOW:
                continue
            run = engines.RUN[row.kind](setup, row)
            results.runs[row.name].append(run)
            print(f"round {number + 1}  {row.name:28} {run['seconds']:8.3f} s", file=sys.stderr, flush=True)
    return results


def heading(setup):
    """Where and with what this was measured."""
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    session = engines.Session(setup)
    server = session.run("SHOW server_version").split()[0]
    session.close()
    built = subprocess.run(["ldd", setup.work / "build" / "batch_fdw.so"], capture_output=True, text=True).stdout
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    peers = [f"{name} {version_of(setup, name) or 'not installed'}" for name in PACKAGES]
    return [f"{time.strftime('%Y-%m-%d')}, commit {commit}, {setup.rounds} rounds; {platform.machine()}, "
            f"{cpu[1] if cpu else 'unknown CPU'}, {len(os.sched_getaffinity(0))} cores; PostgreSQL {server};"
            f" batch_fdw built {'with' if 'libisal' in built else 'without'} ISA-L; npm: {', '.join(peers)}.", ""]


def main():
    """Measure, print, and say whether all answers agree."""
    setup = parse_options()
    have = [engine for engine in PACKAGES if version_of(setup, engine)]
    chosen = [row for row in rows.all_rows(has_isal(setup), have, setup.long)
              if row.kind == "floor" or re.search(setup.only, row.name)]
    warm(setup)
    setup.idle = {name: engines.idle_peak(setup, name) for name in ("postgres", "zlib")}
    results = run_all(setup, chosen)
    lines = heading(setup) + report.work_table(results) + [""] + report.target_table(results)
    (setup.work / "report.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    wrong = results.differences()
    for line in wrong:
        print(f"Answers differ: {line}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
