"""Fuzz the extension by the answers that an API and its object store give.

    python3 fuzz/answers --bin DIR [--seed S] [--seconds N] [--count N]
    python3 fuzz/answers --bin DIR --seed S --case N

DIR has the programs of a PostgreSQL in which the extension is installed. Serves
both ports itself, and makes a cluster that is thrown away. A finding is printed,
and left in FUZZ_KEEP (the current folder) with the answers that led to it; then
the status is 1. See ../README.md. Standard library only.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import signal
import sys
import threading
import time

sys.dont_write_bytecode = True
import cluster  # noqa: E402
import draws  # noqa: E402
import serve  # noqa: E402
from findings import describe, signature  # noqa: E402
from worker import CASES, ENCODINGS, Worker  # noqa: E402

SHOWN = 12              # lines of a finding that are printed
PREPARE = """
CREATE EXTENSION batch_fdw;
CREATE DOMAIN fuzz_positive AS int CHECK (VALUE > 0);
CREATE DOMAIN fuzz_required AS text NOT NULL;
CREATE TYPE fuzz_mood AS ENUM ('sad', 'happy');
CREATE TYPE fuzz_pair AS (a int, b text);
CREATE TABLE numbers AS SELECT i % 50 AS a, i % 50 AS b, i % 50 AS c FROM generate_series(1, 500) AS i;
ANALYZE numbers;
CREATE FUNCTION outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
  EXECUTE statement INTO result;
  RETURN coalesce(result, 'NULL');
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;
"""


class Fuzzer:
    """What all workers share."""

    def __init__(self, options):
        """Start the cluster and the two ports."""
        self.options, self.seed, self.lock = options, options.seed, threading.RLock()
        self.counts = collections.defaultdict(collections.Counter)
        self.findings, self.crashes, self.failure, self.peak = set(), [], None, (0, 0)
        self.rounds = iter(range(options.first, 1 << 60))
        self.board = serve.Board()
        self.cluster = cluster.Cluster(options.bin)
        self.key_file = str(self.cluster.folder / "key")
        pathlib.Path(self.key_file).write_text(draws.KEY + "\n")
        os.chmod(self.key_file, 0o644)
        self.providers = self.prepare()
        self.start = time.monotonic()

    def prepare(self):
        """Make the databases; give the providers' options."""
        session = self.cluster.connect()
        for encoding in dict.fromkeys(ENCODINGS):
            database = "fuzz_" + encoding.lower()
            session.run(f"CREATE DATABASE {database} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
            inner = self.cluster.connect(database)
            outcome = inner.run(PREPARE)
            if outcome.error:
                raise SystemExit(f"could not prepare: {outcome.error}")
            rows = inner.run("SELECT provider, option, value FROM batch_fdw_providers()").rows
            inner.close()
        session.close()
        return [tuple(value.decode() for value in row) for row in rows]

    def allowed(self, name):
        """Whether an oddity is not left out."""
        return name not in self.options.without

    def is_over(self):
        """Whether it is enough."""
        late = time.monotonic() - self.start > self.options.seconds
        found = self.findings and not self.options.keep_going
        return bool(late or found or self.board.answers >= self.options.count or self.failure)

    def next_round(self):
        """The number of the next round, or None."""
        with self.lock:
            return None if self.is_over() else next(self.rounds)

    def count(self, kind, what):
        """Count something for the summary."""
        with self.lock:
            self.counts[kind][what] += 1

    def note_memory(self, memory):
        """Remember the most memory that was seen."""
        with self.lock:
            self.peak = tuple(map(max, self.peak, memory))

    def fail(self, text):
        """End all: the fuzzer itself is wrong."""
        with self.lock:
            self.failure = self.failure or text

    def crash_of(self, pid, statement):
        """What the log tells of a crash of this process, or of a worker of this statement; told once, else None."""
        with self.lock:
            for complaint in self.cluster.complaints():
                self.crashes.append([complaint, self.cluster.backtrace() if "by signal" in complaint else "", False])
            mine = [crash for crash in self.crashes if not crash[2] and
                    (re.search(rf"PID:? {pid}\b", crash[0]) or (statement and statement[:60] in crash[0]))]
            if not any("by signal" in crash[0] for crash in mine):
                return None
            for crash in mine:
                crash[2] = True
            return "\n".join(f"{crash[0]}\n{crash[1]}" for crash in mine)

    def report(self, what, context):
        """Print a finding, one of its kind, and keep what led to it."""
        with self.lock:
            kind = signature(what)
            self.counts["findings"][kind] += 1
            if kind in self.findings:
                return
            self.findings.add(kind)
            name = pathlib.Path(os.environ.get("FUZZ_KEEP", ".")) / f"answers-{self.seed}-{context['case']}.json"
            name.write_text(json.dumps(describe(what, context), indent=1, ensure_ascii=False), "utf-8", "replace")
            shown = "\n    ".join(line[:200] for line in what.split("\n")[:SHOWN])
            print(f"FINDING: {shown}\n  statement: {context.get('statement', '')[:400]}\n  kept: {name}\n"
                  f"  again: python3 fuzz/answers --bin {self.options.bin} --seed {self.seed} --case {context['case']}",
                  flush=True)

    def run(self):
        """Run rounds in all sessions, until it is enough."""
        workers = [Worker(self, number) for number in range(self.options.sessions)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.crash_of(0, "")
        for complaint, backtrace, told in self.crashes:
            if not told:
                self.report(f"in the log: {complaint}\n{backtrace}", {"seed": self.seed, "case": -1})

    def run_again(self, number):
        """Run one case, and print what was asked and answered."""
        worker = Worker(self, 0)
        rnd = worker.make_round(number // CASES)
        if rnd is None:
            print("The options of its round are refused:", *self.counts["refused"])
            return
        told = describe("", worker.try_case(rnd, number))
        print("\n".join(told["options"]), "\n")
        for exchange in told["exchanges"]:
            sent = [step.get("text", "...") if isinstance(step, dict) else f" [{step}] " for step in exchange["sent"]]
            print(f"{exchange['server']} {exchange['target'][:300]}  {' '.join(exchange['odd'])}")
            print("   ", repr("".join(sent))[:800])
        for (sql, parameters), outcome in zip(told["statements"], told["outcomes"]):
            print(f"\n{sql} {parameters or ''}\n    {outcome}")

    def summarize(self):
        """Print what was done."""
        if self.options.verbose:
            for kind, counter in self.counts.items():
                for what, n in counter.most_common(40):
                    print(f"{kind}: {n} {what}")
            print(f"memory of a session: {self.peak[0]} kB between statements, {self.peak[1]} kB at most")
        asked, known = (sum(self.counts[kind].values()) for kind in ("outcomes", "checks"))
        print(f"{self.board.answers} answers, {asked} statements, {known} of known outcome, in"
              f" {time.monotonic() - self.start:.0f} s; seed {self.seed}; {len(self.findings)} findings")


def parse_options():
    """The command line."""
    parser = argparse.ArgumentParser(prog="python3 fuzz/answers", description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True, help="folder of PostgreSQL's programs")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--count", type=int, default=1 << 60, help="answers, at most")
    parser.add_argument("--case", type=int, help="run this case alone, and print it")
    parser.add_argument("--first", type=int, default=0, help="the round to begin with")
    parser.add_argument("--sessions", type=int, default=12)
    parser.add_argument("--without", action="append", default=[], metavar="NAME",
                        help="leave an oddity out: location:odd")
    parser.add_argument("--keep-going", action="store_true", help="do not end at the first finding")
    parser.add_argument("--verbose", action="store_true", help="tell what came of the statements")
    return parser.parse_args()


def main():
    """Fuzz; status 1 on a finding, 2 on a mistake of the fuzzer's own."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options, unknown = parse_options(), draws.unknown_options()
    for name in unknown:
        print(f"FINDING: fuzz/answers/draws.py does not know the {name}")
    fuzzer = Fuzzer(options)
    try:
        if options.case is None:
            fuzzer.run()
        else:
            fuzzer.run_again(options.case)
    finally:
        fuzzer.cluster.stop()
    fuzzer.summarize()
    if fuzzer.failure:
        print(fuzzer.failure)
    sys.exit(2 if fuzzer.failure else 1 if fuzzer.findings or unknown else 0)


if __name__ == "__main__":
    main()
