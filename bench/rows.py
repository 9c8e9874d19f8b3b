"""What is measured: the rows of the table, and the targets.

A row is a piece of work by an engine. Rows with the same `same` must give the
same answer.
"""
import dataclasses

COUNT = "SELECT count(*) FROM {}"
THREE = "SELECT concat_ws('|', count(domain), sum(headcount), max(name)) FROM {}"
TEN = ("SELECT concat_ws('|', count(domain), sum(internal_id), max(name), sum(headcount), sum(founded), max(revenue),"
       " max(city), min(country), count(*) FILTER (WHERE public), extract(epoch FROM max(updated_at))::bigint) FROM {}")
ALL = ("SELECT concat_ws('|', count(domain), sum(company_id), max(name), sum(headcount), max(city), min(country), sum(founded),"
       " max(revenue), count(*) FILTER (WHERE public), count(phone), max(slogan)) FROM {}")
DATA = "SELECT sum(pg_column_size(data)) FROM {}"
INSERT = "INSERT INTO loaded SELECT domain, name, headcount FROM {}"
MAKE = "CREATE UNLOGGED TABLE made AS SELECT domain, name, headcount FROM {}"
LIMIT = "EXPLAIN (ANALYZE, COSTS OFF) SELECT domain, name, headcount FROM {} LIMIT 1"
IDS = "SELECT concat_ws('|', count(*), sum(records)) FROM far_jobs WHERE id = ANY ('{%s}')" % ",".join(
    str(n) for n in range(1, 1001))

DUCK_TEN = ("{{original_identifier: 'VARCHAR', internal_id: 'BIGINT', data: 'STRUCT(name VARCHAR, headcount INTEGER,"
            " founded INTEGER, revenue DOUBLE, hq STRUCT(city VARCHAR, country VARCHAR), public BOOLEAN,"
            " updated_at TIMESTAMPTZ)'}}")
DUCK_THREE = "{{original_identifier: 'VARCHAR', data: 'STRUCT(name VARCHAR, headcount INTEGER)'}}"
DUCK_NARROW = "{{domain: 'VARCHAR', name: 'VARCHAR', headcount: 'INTEGER'}}"
DUCK = {
    "count": "SELECT count(*) FROM read_ndjson('{files}/results.jsonl.gz', columns = {{original_identifier: 'VARCHAR'}})",
    "3": "SELECT concat_ws('|', count(original_identifier), sum(data.headcount), max(data.name))"
         " FROM read_ndjson('{files}/results.jsonl.gz', columns = " + DUCK_THREE + ")",
    "10": "SELECT concat_ws('|', count(original_identifier), sum(internal_id), max(data.name), sum(data.headcount),"
          " sum(data.founded), max(data.revenue), max(data.hq.city), min(data.hq.country),"
          " count(*) FILTER (WHERE data.public), epoch(max(data.updated_at))::bigint)"
          " FROM read_ndjson('{files}/results.jsonl.gz', columns = " + DUCK_TEN + ")",
    "load": "CREATE TABLE made AS SELECT original_identifier, data.name, data.headcount"
            " FROM read_ndjson('{files}/results.jsonl.gz', columns = " + DUCK_THREE + ");"
            "SELECT concat_ws('|', count(*), sum(headcount), max(name)) FROM made",
    "parts": "SELECT concat_ws('|', count(original_identifier), sum(data.headcount), max(data.name))"
             " FROM read_ndjson('{files}/part-*.jsonl.gz', columns = " + DUCK_THREE + ")",
    "narrow": "SELECT concat_ws('|', count(domain), sum(headcount), max(name))"
              " FROM read_ndjson('{files}/narrow.jsonl.gz', columns = " + DUCK_NARROW + ")",
}

HOUSE_THREE = "'original_identifier String, data Tuple(name String, headcount Int32)'"
HOUSE_TEN = ("'original_identifier String, internal_id Int64, data Tuple(name String, headcount Int32, founded Int32,"
             " revenue Nullable(Float64), hq Tuple(city String, country String), public Bool, updated_at DateTime)'")
HOUSE = {
    "count": "SELECT count() FROM url('{base}/results.jsonl.gz', JSONEachRow, 'original_identifier String')",
    "3": "SELECT concatWithSeparator('|', toString(count(original_identifier)), toString(sum(data.headcount)),"
         " max(data.name)) FROM url('{base}/results.jsonl.gz', JSONEachRow, " + HOUSE_THREE + ")",
    "10": "SELECT concatWithSeparator('|', toString(count(original_identifier)), toString(sum(internal_id)),"
          " max(data.name), toString(sum(data.headcount)), toString(sum(data.founded)), toString(max(data.revenue)),"
          " max(data.hq.city), min(data.hq.country), toString(countIf(data.public)),"
          " toString(toUnixTimestamp(max(data.updated_at))))"
          " FROM url('{base}/results.jsonl.gz', JSONEachRow, " + HOUSE_TEN + ")",
    "parts": "SELECT concatWithSeparator('|', toString(count(original_identifier)), toString(sum(data.headcount)),"
             " max(data.name)) FROM url('{base}/part-{{1..8}}.jsonl.gz', JSONEachRow, " + HOUSE_THREE + ")",
    "narrow": "SELECT concatWithSeparator('|', toString(count(domain)), toString(sum(headcount)), max(name))"
              " FROM url('{base}/narrow.jsonl.gz', JSONEachRow, 'domain String, name String, headcount Int32')",
}

SHAPES = {"shuffled": "keys in any order", "sparse": "a third of the members left out",
          "spaced": "blanks behind colons and commas", "ids": "ids as keys", "huge": "one object of 800,000 members"}
WORK = {"count": "count(*)", "3": "3 typed columns", "10": "10 typed columns", "data": "`data` as jsonb",
        "load": "load 3 columns into a table", "parts": "8 parts, 3 columns", "narrow": "narrow, 3 columns",
        "csv": "narrow as CSV, 3 columns", "csv.all": "narrow as CSV, all 11 columns"}
SAME = {"load": "3", "parts": "3"}


@dataclasses.dataclass
class Row:
    """One row of the table."""
    name: str                   # what -o matches, and the targets name
    work: str                   # what the reader sees
    engine: str
    kind: str                   # floor, sql, peer, limit
    argument: object = None     # the query, or the library and file of a floor
    same: str = None
    floor: str = "zlib"         # the row that this one is compared with, or ""
    database: str = "postgres"
    before: str = ""            # SQL that is not timed
    answer: str = ""            # SQL that gives the answer, if the query does not
    workers: int = 0
    table: str = ""             # of kind limit
    file: str = ""


def ours(name, work, query, same, **more):
    """A row of batch_fdw."""
    return Row(f"batch_fdw.{name}", work, "batch_fdw", "sql", query, same, **more)


def floors(isal):
    """What no engine can beat with its library."""
    rows = [Row("zlib", "inflate only", "zlib", "floor", ("zlib", "results.jsonl.gz"), "bytes")]
    if isal:
        rows.append(Row("isal", "inflate only", "ISA-L", "floor", ("isal", "results.jsonl.gz"), "bytes"))
    rows.append(Row("zlib.narrow", "inflate only, narrow", "zlib", "floor", ("zlib", "narrow.jsonl.gz"),
                    "bytes.narrow", floor="zlib.narrow"))
    rows.append(Row("zlib.csv", "inflate only, narrow as CSV", "zlib", "floor", ("zlib", "narrow.csv.gz"),
                    "bytes.csv", floor="zlib.csv"))
    return rows


def scans(engine, prefix):
    """The rows that batch_fdw and file_fdw share."""
    loaded = {"before": "TRUNCATE loaded", "answer": THREE.format("loaded")}
    rows = [("count", COUNT, f"{prefix}merged_3", {}), ("3", THREE, f"{prefix}merged_3", {}),
            ("10", TEN, f"{prefix}merged_10", {}), ("data", DATA, f"{prefix}merged_data", {}),
            ("load", INSERT, f"{prefix}merged_3", loaded),
            ("narrow", THREE, f"{prefix}narrow_3", {"floor": "zlib.narrow"}),
            ("csv", THREE, f"{prefix}csv_3", {"floor": "zlib.csv"}), ("csv.all", ALL, f"{prefix}csv_all", {"floor": "zlib.csv"})]
    return [Row(f"{engine}.{name}", WORK[name], engine, "sql",
                query.format(f"{prefix}merged_lines" if prefix and name == "count" else table),
                SAME.get(name, name), **more) for name, query, table, more in rows]


def parts():
    """The rows of several files and many jobs, of batch_fdw alone."""
    made = {"before": "DROP TABLE IF EXISTS made", "answer": THREE.format("made")}
    rows = []
    for workers in (0, 1):
        who = ("one process", "two processes")[workers]
        rows += [ours(f"parts.count.{workers}", f"8 parts, count(*), {who}", COUNT.format("parts_3"), "count", workers=workers),
                 ours(f"parts.make.{workers}", f"8 parts, CREATE TABLE AS, {who}", MAKE.format("parts_3"), "3",
                      workers=workers, **made)]
    rows += [ours("zlib.3", "3 typed columns, built without ISA-L", THREE.format("merged_3"), "3", database="zlib"),
             ours("capped.one", "1 part, 5 MB/s a connection", COUNT.format("capped_one_3"), "one", floor=""),
             ours("capped.all", "8 parts, 5 MB/s a connection", COUNT.format("capped_3"), "count", floor=""),
             ours("ids", "1,000 ids, 50 ms each, 8 connections", IDS, "ids", floor="")]
    return rows


def shapes():
    """The rows of files that the scanner does not like, a tenth as long as the others."""
    return [ours(f"{name}.{work}", f"{what}, {WORK[work]}", query.format(f"{name}_{work}"), f"{name}.{work}", floor="")
            for name, what in SHAPES.items() for work, query in (("3", THREE), ("data", DATA))]


def limits(long):
    """The rows that stop after the first record, and the stream of 10 GB."""
    rows = [Row("batch_fdw.limit", "LIMIT 1", "batch_fdw", "limit", LIMIT.format("merged_3"), "limit",
                floor="", file="results.jsonl.gz")]
    if long:
        rows += [Row("batch_fdw.long.limit", "LIMIT 1, 10 GB stream", "batch_fdw", "limit", LIMIT.format("long_3"),
                     "limit", floor="", file="long.jsonl.gz"),
                 ours("long.3", "3 typed columns, 10 GB stream", THREE.format("long_3"), "long", floor="")]
    return rows


def peers(have):
    """The rows of the other engines that are installed."""
    rows = []
    for engine, queries in (("duckdb", DUCK), ("clickhouse", HOUSE)):
        for threads in (1, 2) if engine in have else ():
            rows += [Row(f"{engine}.{name}.{threads}", WORK[name], f"{engine}, {threads} thread{'s' * (threads > 1)}",
                         "peer", (engine, threads, query), SAME.get(name, name),
                         floor="zlib.narrow" if name == "narrow" else "zlib") for name, query in queries.items()]
    return rows


def all_rows(isal, have, long):
    """Every row, in the order of a round."""
    return floors(isal) + scans("batch_fdw", "") + scans("file_fdw", "file_") + parts() + shapes() + limits(long) + peers(have)
