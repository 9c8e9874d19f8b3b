"""The tables: medians of all rows, and the targets."""
import statistics

MB = 1 << 20
IDEAL = 1000 / 8 * 0.05        # seconds for the 1,000 ids


class Results:
    """What all rounds gave, by the row's name."""

    def __init__(self, rows):
        self.rows = rows
        self.runs = {row.name: [] for row in rows}

    def median(self, name, what="seconds"):
        """The median of a row, None where it was not run."""
        values = [run[what] for run in self.runs.get(name, ()) if what in run]
        return statistics.median(values) if values else None

    def ratio(self, name, other):
        """How many times as long as another row one took."""
        mine, base = self.median(name), self.median(other)
        return mine / base if mine and base else None

    def differences(self):
        """Pairs of rows that should have given the same answer, and did not."""
        first, found = {}, []
        for row in self.rows:
            for run in self.runs[row.name]:
                name, answer = first.setdefault(row.same, (row.name, run["answer"]))
                if answer != run["answer"]:
                    found.append(f"{row.name} gives {run['answer']}, but {name} gives {answer}")
        return sorted(set(found))

    def peak(self, *names):
        """The greatest peak of rows."""
        peaks = [run["peak"] for name in names for run in self.runs.get(name, ()) if "peak" in run]
        return max(peaks) if peaks else None


def show(value, form="{:.2f}"):
    """A number, or a dash."""
    return "–" if value is None else form.format(value)


def work_table(results):
    """The rows with their medians."""
    lines = ["| work | engine | seconds | fastest | × zlib floor | CPU s | peak MB |", "|---|---|--:|--:|--:|--:|--:|"]
    for row in results.rows:
        runs = results.runs[row.name]
        if runs:
            lines.append(f"| {row.work} | {row.engine} | {show(results.median(row.name))}"
                         f" | {show(min(run['seconds'] for run in runs))} | {show(results.ratio(row.name, row.floor))}"
                         f" | {show(results.median(row.name, 'cpu'))} | {show(results.peak(row.name), '{:.1f}')} |")
    return lines


def target(number, work, *conditions):
    """A line of the targets; a condition is (label, value, 'most' or 'least', bound)."""
    shown = [f"{label} {show(value)} ({'≤' if sense == 'most' else '≥'} {bound:g})"
             for label, value, sense, bound in conditions]
    known = [(value <= bound if sense == "most" else value >= bound)
             for _, value, sense, bound in conditions if value is not None]
    verdict = "not run" if not known else "missed" if not all(known) else \
        "reached" if len(known) == len(conditions) else "reached as far as run"
    return f"| {number} | {work} | {'; '.join(shown)} | {verdict} |"


def speed_targets(r):
    """Targets 1 to 7."""
    def floor(name):
        return r.ratio(f"batch_fdw.{name}", "zlib")

    def faster(peer, name):
        return r.ratio(peer, f"batch_fdw.{name}")

    return [
        target(1, "count(*)", ("zlib floor ×", floor("count"), "most", 0.85),
               ("ClickHouse ÷", faster("clickhouse.count.1", "count"), "least", 1)),
        target(2, "3 typed columns", ("zlib floor ×", floor("3"), "most", 0.85),
               ("file_fdw ÷", faster("file_fdw.3", "3"), "least", 12),
               ("DuckDB ÷", faster("duckdb.3.1", "3"), "least", 2.2),
               ("ClickHouse ÷", faster("clickhouse.3.1", "3"), "least", 1.35)),
        target(3, "10 typed columns", ("zlib floor ×", floor("10"), "most", 1),
               ("DuckDB ÷", faster("duckdb.10.1", "10"), "least", 3)),
        target(4, "`data` as jsonb", ("zlib floor ×", floor("data"), "most", 1.8),
               ("file_fdw ÷", faster("file_fdw.data", "data"), "least", 5)),
        target(5, "INSERT … SELECT 3 columns", ("zlib floor ×", floor("load"), "most", 1),
               ("file_fdw ÷", faster("file_fdw.load", "load"), "least", 10)),
        target(6, "8 parts, two processes",
               ("count(*) × one process", r.ratio("batch_fdw.parts.count.1", "batch_fdw.parts.count.0"), "most", 0.6),
               ("CREATE TABLE AS × one process", r.ratio("batch_fdw.parts.make.1", "batch_fdw.parts.make.0"), "most", 0.6)),
        target(7, "3 typed columns, built without ISA-L", ("zlib floor ×", floor("zlib.3"), "most", 1.45)),
    ]


def other_targets(r):
    """Targets 8 to 11."""
    merged = [f"batch_fdw.{name}" for name in ("count", "3", "10", "data")]
    capped = r.ratio("batch_fdw.capped.one", "batch_fdw.capped.all")
    ids = r.median("batch_fdw.ids")
    limits = ("batch_fdw.limit", "batch_fdw.long.limit")
    received = [r.median(name, "received") for name in limits if r.median(name, "received")]
    sent = [r.median(name, "sent") / r.median(name, "size") for name in limits if r.median(name, "sent")]
    return [
        target(8, "peak memory above an idle backend", ("merged file, MB", r.peak(*merged), "most", 8),
               ("10 GB stream, MB", r.peak("batch_fdw.long.3"), "most", 8)),
        target(9, "8 capped parts, one process", ("rate of one connection ×", capped and 8 * capped, "least", 3.5)),
        target(10, "1,000 ids of 50 ms, 8 connections",
               (f"ideal ({IDEAL} s) ×", ids and ids / IDEAL, "most", 1.2)),
        target(11, "LIMIT 1", ("received, MB", max(received) / MB if received else None, "most", 1),
               ("part of the file sent", max(sent) if sent else None, "most", 0.5)),
    ]


def target_table(results):
    """The 11 targets."""
    return ["| # | work | measured (target) | |", "|--:|---|---|---|"] + speed_targets(results) + other_targets(results)
