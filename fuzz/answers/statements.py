"""What is asked in a case: statements of all kinds.

Standard library only.
"""
import dataclasses
import typing

from draws import quote


@dataclasses.dataclass
class Step:
    """A statement."""
    sql: str
    parameters: typing.Optional[list] = None    # by the extended protocol
    most: int = 0                               # rows at first
    expected: typing.Optional[tuple] = None     # its one row
    patience: int = 0                           # ms of statement_timeout; 0: the session's
    weight: int = 0                             # bytes of the largest answer, where that is large


def settings(world, rng):
    """SET LOCALs that make other plans."""
    choices = [
        "enable_hashjoin = off", "enable_mergejoin = off", "enable_nestloop = off", "enable_sort = off",
        "enable_memoize = off",
        "plan_cache_mode = force_generic_plan", "timezone = 'Asia/Kathmandu'", "datestyle = 'SQL, DMY'",
        "cursor_tuple_fraction = 1",
        "parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0",
        "from_collapse_limit = 1", "geqo_threshold = 2", "hash_mem_multiplier = 1", "client_min_messages = debug1",
        "enable_material = off"]
    if world.round.encoding in ("UTF8", "LATIN1"):
        choices.append("client_encoding = LATIN1")
    if world.allowed("plan:spill"):
        choices += ["work_mem = '64kB'; SET LOCAL enable_material = off", "work_mem = '64kB'"]
    return "; ".join(f"SET LOCAL {one}" for one in rng.sample(choices, rng.choice((1, 1, 2, 3))))


class Asker:
    """Writes statements about the tables of a round."""

    def __init__(self, world, rng):
        """world: of the case."""
        self.world, self.rng, self.table, self.schema = world, rng, world.table, world.schema
        self.is_jobs = world.round.tables[self.table]["resource"] == "jobs"
        self.has_id = self.table != "direct"
        self.type = "uuid" if world.round.uuids else "text"
        self.jobs = rng.choice(("jobs", "jobs", "docs"))
        self.results = rng.choice(("results", "results", "wide", "fixed"))

    def id(self):
        """An id as a literal, most often of a job that there is."""
        ids = [job.id for job in self.world.jobs] or self.world.round.ids[:1]
        odd = ("", ".", "..", "a/b", "é", "x" * 300, "no such", "%2e", "a b")
        if self.world.round.uuids:
            odd = self.world.round.ids[-1:]
        return quote(self.rng.choice(ids) if self.rng.random() < 0.85 else self.rng.choice(odd))

    def ids(self):
        """Some ids, by commas."""
        return ", ".join(self.id() for _ in range(self.rng.choice((1, 2, 3, 7, 20))))

    def columns(self):
        """What is selected."""
        return self.rng.choice(("*", "*", "count(*)", "n", self.table, f"row_to_json({self.table})",
                                "n, tableoid::regclass",
                                "min(n), max(n)", "sum(n) OVER (), *", "DISTINCT n"))

    def conditions(self):
        """Conditions on this table that may be combined."""
        choices = ["n > 1", "n IS NULL", "random() < 0.9", "true", "n % 2 = 0"]
        if self.has_id:
            choices += [f"id = {self.id()}"] * 4
            choices += [f"id IN ({self.ids()})", f"id = ANY (ARRAY[{self.ids()}]::{self.type}[])", "id = NULL",
                        "id = ANY ('{}')",
                        f"id = (SELECT {self.id()}::{self.type} LIMIT 1)"]
        if self.is_jobs:
            word = quote(self.rng.choice(self.world.jobs).word if self.world.jobs else "completed")
            choices += [f"status = {word}", f"status IN ({word}, 'failed', 'x')", "state = 'completed'",
                        "state <> 'completed'",
                        "state = ANY ('{completed,failed}')", "entity = 'person'", "created_at > '2026-06-20 09:55'",
                        "created_at <= now()", "entity = ANY ('{person,company,x}') AND status = 'completed'"]
        else:
            choices += ["line > 1", "part = 1", "name LIKE 'name%'", "num > 1"]
        return choices

    def where(self):
        """A WHERE clause, or none."""
        n = self.rng.choice((0, 1, 1, 1, 2))
        return " WHERE " + " AND ".join(self.rng.choice(self.conditions()) for _ in range(n)) if n else ""

    def tail(self):
        """ORDER BY and LIMIT, or not."""
        orders = ("", "", " ORDER BY n",
                  *((" ORDER BY created_at DESC", " ORDER BY created_at") if self.is_jobs else ()))
        order = self.rng.choice(orders)
        ties = " FETCH FIRST 2 ROWS WITH TIES" if order else ""
        return order + self.rng.choice(("", "", " LIMIT 1", " LIMIT 3 OFFSET 1", " LIMIT 0", ties))

    def query(self):
        """A query of one table."""
        columns = self.columns()
        tail = "" if columns in ("count(*)", "min(n), max(n)", "DISTINCT n") else self.tail()
        return f"SELECT {columns} FROM {self.table}{self.where()}{tail}"

    def joined(self):
        """A query of more than one."""
        a, b, kind = self.jobs, self.results, self.type
        values = "(VALUES " + ", ".join(f"({self.id()}, {i})" for i in range(self.rng.randrange(1, 6))) + ") v (id, i)"
        return self.rng.choice((
            f"SELECT count(*), sum(r.n) FROM {a} j JOIN {b} r ON r.id = j.id",
            f"SELECT j.id, r.n FROM {a} j LEFT JOIN {b} r ON r.id = j.id AND j.state = 'completed' LIMIT 7",
            f"SELECT * FROM {values} JOIN {a} j ON j.id = v.id::{kind}",
            f"SELECT v.i, (SELECT count(*) FROM {b} r WHERE r.id = v.id::{kind}) FROM {values}",
            f"SELECT v.i, x.* FROM {values}, LATERAL (SELECT * FROM {a} j WHERE j.id = v.id::{kind} LIMIT 1) x",
            f"SELECT v.i, x.n FROM {values} LEFT JOIN LATERAL"
            f" (SELECT n FROM {b} r WHERE r.id = v.id::{kind} OFFSET 1) x ON true",
            f"SELECT i, (SELECT sum(n) FROM {a} WHERE n > i) FROM generate_series(0, 3) i",
            f"SELECT count(*) FROM {a} x, {a} y WHERE x.n < y.n",
            f"SELECT n FROM {a} UNION ALL SELECT n FROM {b} UNION ALL SELECT n FROM direct",
            f"SELECT count(*) FROM {a} j WHERE EXISTS (SELECT FROM {b} r WHERE r.id = j.id)",
            f"SELECT count(*) FROM {a} j WHERE NOT EXISTS (SELECT FROM {b} r WHERE r.id = j.id AND r.n > 3)",
            f"SELECT count(*) FROM {a} WHERE id IN (SELECT id FROM {b} LIMIT 3)",
            f"SELECT count(*) FROM {a} FULL JOIN {b} USING (id)",
            f"WITH r AS MATERIALIZED (SELECT n FROM {b} LIMIT 4) SELECT * FROM r a, r b",
            f"SELECT (SELECT max(n) FROM {a} j WHERE j.id = r.id) FROM {b} r LIMIT 5",
            f"SELECT count(f.*) FROM numbers JOIN {b} f ON f.n > numbers.a WHERE numbers.a = 7 AND b = 7 AND c = 7"))

    def is_lenient(self, query):
        """Whether a query passes over what is bad: PostgreSQL 15 asserts that no subtransaction fails within COMMIT."""
        return any(name in query and options.get("on_error") in ("null", "skip") for name,
                   options in self.world.round.tables.items())

    def any_query(self):
        """A query."""
        return self.query() if self.rng.random() < 0.7 else self.joined()


def ask_plainly(asker, rng):
    """One query."""
    return [Step(asker.any_query())]


def ask_in_block(asker, rng):
    """A query under other settings, twice."""
    query = asker.any_query()
    return [Step("BEGIN"), Step(settings(asker.world, rng)), Step(query), Step("SAVEPOINT s"), Step(query),
            Step("ROLLBACK TO s"),
            Step("COMMIT")]


def ask_with_parameters(asker, rng):
    """A query with parameters, of whose rows some are taken at first."""
    table, one = asker.table, asker.id().strip("'")
    choices = [(f"SELECT * FROM {table} WHERE n >= $1", [0]),
               (f"SELECT * FROM {table} LIMIT $1 OFFSET $2", [rng.choice((0, 1, 5, None)), rng.choice((0, 1, None))])]
    if asker.has_id:
        choices += [(f"SELECT * FROM {table} WHERE id = $1", [one]),
                    (f"SELECT n FROM {table} WHERE id = ANY ($1::{asker.type}[])", ["{" + one + "}"]),
                    (f"SELECT * FROM {table} WHERE id = $1 AND n > $2", [rng.choice((one, None)), 0])]
    return [Step(*rng.choice(choices), rng.choice((0, 1, 2)))]


def ask_prepared(asker, rng):
    """A prepared statement, executed several times."""
    if not asker.has_id:
        return ask_plainly(asker, rng)
    runs = [Step(f"EXECUTE p ({asker.id()})") for _ in range(rng.choice((1, 2, 6)))]
    return [Step(f"PREPARE p ({asker.type}) AS SELECT * FROM {asker.table} WHERE id = $1"), *runs, Step("DEALLOCATE p")]


def ask_by_cursor(asker, rng):
    """A cursor, fetched in part."""
    scroll = rng.choice(("", "", "SCROLL ", "NO SCROLL ", "BINARY "))
    moves = ["FETCH 1 FROM c", "FETCH 2 FROM c", "FETCH ALL FROM c", "MOVE 3 IN c", "FETCH 0 FROM c"]
    if scroll == "SCROLL ":
        moves += ["FETCH BACKWARD 2 FROM c", "MOVE FIRST IN c", "FETCH LAST FROM c", "FETCH ABSOLUTE 2 FROM c",
                  "MOVE BACKWARD ALL IN c"]
    query = asker.any_query()
    hold = rng.choice(("", "", "WITH HOLD ")) if not asker.is_lenient(query) else ""
    steps = [Step("BEGIN"), Step(f"DECLARE c {scroll}CURSOR {hold}FOR {query}")]
    for _ in range(rng.choice((1, 2, 4))):
        steps.append(Step(rng.choice(moves)))
        if rng.random() < 0.2:
            steps += [Step("SAVEPOINT s"), Step(rng.choice(moves)), Step("ROLLBACK TO s")]
    return [*steps, Step(rng.choice(("CLOSE c", "SELECT 1", "SELECT 1 / 0"))), Step(rng.choice(("COMMIT", "ROLLBACK")))]


def ask_by_cursors(asker, rng):
    """Two cursors, fetched in turn."""
    steps = [Step("BEGIN")] + [Step(f"DECLARE {name} CURSOR FOR {asker.any_query()}") for name in "cd"]
    steps += [Step(f"FETCH {rng.choice((1, 1, 2, 'ALL'))} FROM {rng.choice('cd')}")
              for _ in range(rng.choice((2, 4, 6)))]
    return [*steps, Step(rng.choice(("CLOSE c", "SELECT 1"))), Step("COMMIT")]


def ask_writing(asker, rng):
    """Statements that write what they read."""
    table = asker.table
    query = f"SELECT n, {table}::text FROM {table}{asker.where()}"
    return [Step(sql) for sql in rng.choice((
        [f"INSERT INTO loaded {query}", "TRUNCATE loaded"],
        [f"CREATE TEMP TABLE made AS {query}", "DROP TABLE IF EXISTS made"],
        [f"CREATE MATERIALIZED VIEW seen AS {query}", "REFRESH MATERIALIZED VIEW seen",
         "DROP MATERIALIZED VIEW IF EXISTS seen"],
        [f"COPY ({query}) TO STDOUT"], [f"SELECT n FROM {table}{asker.where()} FOR UPDATE"], [f"DELETE FROM {table}"],
        ["INSERT INTO loaded VALUES (0), (1), (2)", f"UPDATE loaded l SET t = 'x' FROM {table} r WHERE r.n = l.n",
         f"DELETE FROM loaded l USING {table} r WHERE r.n = l.n",
         f"MERGE INTO loaded l USING {table} r ON r.n = l.n WHEN MATCHED THEN DELETE", "TRUNCATE loaded"]))]


def ask_plan(asker, rng):
    """EXPLAIN, of all kinds."""
    options = rng.choice(("", "(ANALYZE) ", "(ANALYZE, VERBOSE, BUFFERS) ", "(ANALYZE, FORMAT JSON) ", "(VERBOSE) ",
                          "(ANALYZE, TIMING OFF, FORMAT YAML) "))
    return [Step(f"EXPLAIN {options}{asker.any_query()}")]


def ask_statistics(asker, rng):
    """ANALYZE, and what it brings."""
    return [Step(f"ANALYZE {asker.table}"), Step(f"EXPLAIN SELECT * FROM {asker.table} WHERE n = 1")]


def ask_wait(asker, rng):
    """Wait for a job, not for long."""
    table = quote(rng.choice((asker.jobs, asker.results, "direct", "loaded")))
    timeout = quote(rng.choice(("0", "1 ms", "30 ms", "150 ms", "-1 s")))
    return [Step(f"SELECT batch_fdw_wait({table}, {asker.id()}, {timeout})")]


def ask_in_function(asker, rng):
    """A query in PL/pgSQL, whose error is caught; then what was rejected."""
    return [Step(f"SELECT outcome({quote(asker.any_query())})"), Step("SELECT * FROM batch_fdw_rejects()"),
            Step(asker.query())]


def ask_rejects(asker, rng):
    """A query, and what it rejected."""
    return [Step(asker.query()), Step("SELECT relation, line, column_name, message, record FROM batch_fdw_rejects()")]


def ask_hastily(asker, rng):
    """A query that may not take long."""
    patience = rng.choice((2, 5, 20, 60))
    return [Step("BEGIN"), Step(f"SET LOCAL statement_timeout = {patience}"),
            Step(asker.any_query(), patience=patience),
            Step("ROLLBACK", patience=patience)]


def ask_schema(asker, rng):
    """IMPORT FOREIGN SCHEMA, and a look at what came of it."""
    imported = f"imported_{asker.schema}"
    options = rng.choice(("", " OPTIONS (all_columns 'true')"))
    return [Step("BEGIN"), Step(f"CREATE SCHEMA {imported}"),
            Step(f"IMPORT FOREIGN SCHEMA batch FROM SERVER {asker.schema}_server INTO {imported}{options}"),
            Step(f"SELECT * FROM {imported}.{rng.choice(('jobs', 'results'))}" + rng.choice(("", " LIMIT 2"))),
            Step("ROLLBACK")]


FORMS = {ask_plainly: 8, ask_in_block: 3, ask_with_parameters: 2, ask_prepared: 1, ask_by_cursor: 3, ask_by_cursors: 1,
         ask_writing: 2, ask_plan: 2,
         ask_statistics: 1, ask_wait: 1, ask_in_function: 2, ask_rejects: 2, ask_hastily: 1, ask_schema: 0.3}


def draw_steps(world, rng):
    """The statements of a case."""
    form = rng.choices(list(FORMS), list(FORMS.values()))[0]
    return form(Asker(world, rng), rng)
