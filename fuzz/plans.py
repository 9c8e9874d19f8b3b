#!/usr/bin/env python3
"""Fuzz plans: queries of all kinds, with DDL wherever something may come between.

    fuzz/plans.py [seconds [seed]]

Makes a cluster of its own with PG_CONFIG's PostgreSQL, in which the extension must
be installed, and runs generated sessions by psql: PREPARE, DECLARE, EXECUTE, FETCH,
EXPLAIN and CLOSE with ALTER SERVER and ALTER FOREIGN TABLE between, also from
functions that planning and execution call, and every plan shown by auto_explain.
Of the sessions

  true    have options that describe the API as it is, whichever are set: a query
          gives the rows of a local copy, or an error
  wild    have any options: a query gives something

In both a crash, an internal error (XX000) and a statement that takes longer than
LIMIT are findings: the session's script is left in FUZZ_KEEP (the current folder),
and the status is 1.  Session n of a seed is always the same; 77: no PostgreSQL.
"""
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

LIMIT = 20                      # seconds of a statement
SESSIONS = 2                    # side by side
STATEMENTS = 60                 # of a session
ROOT = pathlib.Path(__file__).resolve().parent.parent
IDS = [f"acc00000-0000-4000-8000-{n:012d}" for n in range(0, 100, 7)] + ["nothing-such"]
WORDS = ("pending", "processing", "completed", "failed", "canceled", "no such word")
STATES = ("status=pending|processing|completed|failed", "status=failed|completed|processing|pending")
ACTION = r"<<(.*?)\|([^|]*?)>>"  # what a query does meanwhile, and the value that it takes for it
RELIED_ON = ("list_filters", "list_order", "id_path", "status_path", "resource", "path", "meta")  # by plans

# Options that say no more than is true of the API; None: it may be left out.
TRUE = {
    "list_filters": (None, *STATES, STATES[0] + ", entity", "entity, " + STATES[1], "entity", "kind:entity", "status", "entity=company, status"),
    "list_order": (None, "created_at desc"),
    "page_size": (None, "9", "30", "100"),
    "page_size_param": (None, "limit"),
    "list_lacks": (None, "error_message@failed", "error_message, download_url@completed", "nothing@completed"),
    "count_path": (None, "$.result_count"),
    "id_path": ("$.batch_id", '$."batch_id"'),
    "status_path": (None, "$.status", '$."status"'),
    "status_map": (None, "mislaid=failed", "a=pending, b=completed"),
    "result_states": (None, "completed"),
    "result_once": (None, "true", "false"),
    "max_connections": (None, "1", "2", "8"),
    "max_retries": (None, "0", "3"),
    "retry_timeout": ("0", "1s"),
    "job_columns": (None, "batch_id uuid, status text", "x int = $.a.b"),
    "error_path": (None, "$.error_message"),
}
TRUE_TABLE = {
    "on_error": (None, "error", "null", "skip"),
    "rows": (None, "0", "10", "1000000"),
    "use_remote_estimate": (None, "true"),
    "check_count": (None, "error", "off"),
    "on_incomplete": (None, "error", "skip"),
}
PATHS = ("$", "$.batch_id", "$.status", "$.created_at", "$.result_count", "$.nothing", "$.a[0].b", "$.jobs", "$.jobs[0]", "$.next_cursor")
WILD = {
    **TRUE,
    "list_filters": TRUE["list_filters"] + ("batch_id", "a:status=failed, b:status=completed, status", "created_at, result_count",
                                            "status=" + "|".join(f"w{n}" for n in range(2000))),
    "list_order": (None, "created_at desc", "created_at asc", "result_count desc", "status asc", "batch_id desc"),
    "list_url": (None, "/batch", "/batch/{id}", "/nothing"),
    "items_path": (None, *PATHS),
    "id_path": (None, *PATHS),
    "status_path": (None, *PATHS),
    "count_path": (None, *PATHS),
    "job_path": (None, *PATHS),
    "error_path": (None, *PATHS),
    "list_params": (None, "status=failed", "a=b&c=d"),
    "job_url": (None, "/batch/{id}", "/nothing/{id}", "/batch/x{id}", "/batch/{+id}"),
    "urls_path": (None, "$.download_url", "$.download_urls[*], $.download_url", "$.status", "$[*]"),
    "inline_path": (None, *PATHS),
    "pointer_path": (None, *PATHS),
    "hop_path": (None, "$.url"),
    "rows_path": (None, "$.data", "$[0]"),
    "result_format": (None, "auto", "json", "jsonl"),
    "result_states": (None, "completed", "failed", "pending, failed"),
    "status_map": (None, "completed=failed", "failed=completed, pending=completed", "a=b"),
    "page_style": (None, "none", "cursor"),
    "next_path": (None, *PATHS),
    "more_path": (None, "$.has_more", *PATHS),
    "max_record_size": (None, "1kB", "1MB"),
    "nonsense": ("x",),
}
WILD_TABLE = {
    **TRUE_TABLE,
    "resource": ("jobs", "results", "neither"),
    "job_id": (None, IDS[0], IDS[1], "nothing-such"),
    "url": (None, "@FILES@/edge/good.jsonl", "@FILES@/edge/bad_crc.gz", "@FILES@/fault/small", "http://10.0.0.1/"),
    "on_incomplete": (None, "error", "skip", "wait"),
    "reject_limit": (None, "0", "5"),
    "rows_path": (None, "$.data.items"),
}
WILD_COLUMN = {
    "path": (None, *PATHS),
    "meta": (None, "job_id", "state", "part", "line", "none"),
}
TYPES = ("text", "uuid", "int", "bigint", "numeric", "timestamptz", "date", "jsonb", "json", "text[]", "bool", "float8", "varchar(3)")
SETTINGS = {
    "plan_cache_mode": ("auto", "force_custom_plan", "force_generic_plan"),
    "enable_material": ("on", "off"), "enable_hashjoin": ("on", "off"), "enable_mergejoin": ("on", "off"),
    "enable_memoize": ("on", "off"), "work_mem": ("64kB", "4MB"), "parallel_setup_cost": ("0", "1000"),
    "parallel_tuple_cost": ("0", "0.1"), "min_parallel_table_scan_size": ("0", "8MB"),
    "max_parallel_workers_per_gather": ("0", "2"), "parallel_leader_participation": ("on", "off"),
    "cursor_tuple_fraction": ("0.01", "1"), "jit": ("on", "off"),
}
COLUMNS = ("batch_id", "status", "state", "entity", "n", "created_at", "doc", "added")
SETUP = """
CREATE SCHEMA {s};
SET search_path = {s}, public;
CREATE SERVER {s} FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url '{api}/accounts/hundred', allow_private_hosts 'true',
  list_url '/batch', items_path '$.jobs', job_url '/batch/{{id}}', id_path '$.batch_id', urls_path '$.download_url',
  page_style 'cursor', page_param 'cursor', next_path '$.next_cursor', more_path '$.has_more',
  list_filters 'entity, status=pending|processing|completed|failed', list_order 'created_at desc', connect_timeout '5s', stall_timeout '5s');
CREATE USER MAPPING FOR PUBLIC SERVER {s} OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE j (batch_id text OPTIONS (path '$.batch_id'), status text OPTIONS (path '$.status'),
  state text OPTIONS (meta 'state'), entity text OPTIONS (path '$.entity'), n int OPTIONS (path '$.result_count'),
  created_at timestamptz OPTIONS (path '$.created_at')) SERVER {s} OPTIONS (resource 'jobs', wait_timeout '300ms');
CREATE FOREIGN TABLE r (batch_id text OPTIONS (meta 'job_id'), line int OPTIONS (meta 'line'),
  name text OPTIONS (path '$.data.name'), n int OPTIONS (path '$.data.headcount'))
  SERVER {s} OPTIONS (resource 'results', wait_timeout '300ms');
"""
SHARED = """
CREATE EXTENSION batch_fdw;
CREATE FUNCTION act(statement text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN 1;
EXCEPTION
  WHEN internal_error THEN RAISE;
  WHEN OTHERS THEN RETURN 0;
END $$;
CREATE FUNCTION run(statement text, value anyelement) RETURNS anyelement STABLE LANGUAGE plpgsql AS $$
BEGIN
  PERFORM act(statement);
  RETURN value;
END $$;
CREATE TABLE few AS SELECT g AS x, g * 40 AS n, ARRAY['acc00000-0000-4000-8000-00000000000' || g] AS ids,
  'acc00000-0000-4000-8000-00000000000' || g AS id FROM generate_series(1, 3) g;
ANALYZE few;
"""


def quote(text):
    """A literal."""
    return "'" + text.replace("'", "''") + "'"


class Session:
    """The script of session number n: statements, and which of them give the same."""

    def __init__(self, seed, number, api, files):
        self.rng = random.Random(f"{seed} {number}")
        self.schema = f"f{number}"
        self.api, self.files = api, files
        self.true = self.rng.random() < 0.5
        self.bare = self.rng.random() < 0.2     # an error ends a transaction
        self.statements, self.pairs = [], []
        self.cursors, self.prepared, self.made = {}, {}, 0
        self.known = {"server": {"list_url", "items_path", "job_url", "id_path", "urls_path", "page_style", "next_path", "more_path",
                                 "list_filters", "list_order"},
                      "j": {"resource"}, "r": {"resource"}}
        for statement in SETUP.format(s=self.schema, api=api).split(";\n"):
            self.add(statement)
        for table in ("j", "r") if self.true else ():
            self.add(f"CREATE TABLE local_{table} AS SELECT * FROM {table}")
        while len(self.statements) < STATEMENTS:
            self.step()
        self.add("ROLLBACK")
        self.add(f"DROP SERVER {self.schema} CASCADE")
        self.add(f"DROP SCHEMA {self.schema} CASCADE")

    def pick(self, *values):
        """One of some values."""
        return self.rng.choice(values)

    def add(self, statement):
        """Add a statement; its number."""
        if statement.strip():
            self.statements.append(statement.strip())
        return len(self.statements) - 1

    # ---- DDL

    def options(self, pool, known):
        """A change of one or two options, as far as the generator knows which are set."""
        changes = []
        names = sorted(set(pool) & set(RELIED_ON)) if self.rng.random() < 0.5 else []
        for name in self.rng.sample(names or sorted(pool), 1 if names else self.pick(1, 1, 2)):
            value = self.pick(*pool[name])
            if value is None:
                changes.append(f"DROP {name}")
                known.discard(name)
            else:
                value = value.replace("@FILES@", self.files)
                changes.append(f"{'SET' if name in known else 'ADD'} {name} {quote(value)}")
                known.add(name)
        return f"OPTIONS ({', '.join(changes)})"

    def alter(self):
        """A statement that alters something that a plan may rely on."""
        known = self.known
        table, column = self.pick("j", "r"), self.pick(*COLUMNS)
        known_column = known.setdefault((table, column), set() if column == "added" else {"meta" if column == "state" else "path"})
        kinds = [lambda: f"ALTER SERVER {self.schema} {self.options(TRUE if self.true else WILD, known['server'])}",
                 lambda: f"ALTER SERVER {self.schema} {self.options(TRUE if self.true else WILD, known['server'])}",
                 lambda: f"ALTER FOREIGN TABLE {table} {self.options(TRUE_TABLE if self.true else WILD_TABLE, known[table])}",
                 lambda: f"ALTER FOREIGN TABLE {table} ADD added {self.pick(*TYPES)} OPTIONS (path '{self.pick(*PATHS)}')"
                         if not self.true else f"ALTER FOREIGN TABLE {table} ADD added text OPTIONS (path '$.nothing')",
                 lambda: f"ALTER FOREIGN TABLE {table} DROP added",
                 lambda: f"ALTER FOREIGN TABLE {table} RENAME added TO added_{self.rng.randrange(100)}"]
        if not self.true:
            kinds += [
                lambda: f"ALTER FOREIGN TABLE {table} ALTER {column} {self.options(WILD_COLUMN, known_column)}",
                lambda: f"ALTER FOREIGN TABLE {table} ALTER {column} TYPE {self.pick(*TYPES)}",
                lambda: f"ALTER FOREIGN TABLE {table} DROP {column}",
                lambda: f"ALTER FOREIGN TABLE {table} ADD {column} {self.pick(*TYPES)}",
                lambda: f"ALTER SERVER {self.schema} OPTIONS (SET base_url '{self.api}{self.pick('/accounts/hundred', '/accounts/gaps', '/accounts/nocursor', '/crustdata')}')",
                lambda: f"ALTER FOREIGN TABLE {table} ALTER {column} OPTIONS (ADD meta 'job_id')"]
        return self.pick(*kinds)()

    # ---- queries, in which {j} and {r} stand for the tables, and <<...>> for a
    #      function that alters something: the local copy leaves it out

    def value(self, text):
        """A literal, or a function that gives it and does something."""
        return f"<<{self.alter()}|{text}>>" if self.rng.random() < 0.15 else text

    def word(self):
        return self.value(quote(self.pick(*WORDS)) + "::text")

    def identifier(self):
        return self.value(quote(self.pick(*IDS)) + "::text")

    def time(self):
        return self.value(f"'2026-05-31 23:{self.rng.randrange(57, 60)}:{self.rng.randrange(60):02d}+00'::timestamptz")

    def job_qual(self, word=None, identifier=None):
        """A qual on jobs, with a parameter maybe."""
        word, identifier = word or self.word(), identifier or self.identifier()
        return self.pick(
            f"j.status = {word}", f"j.status = {word} AND j.entity = 'company'", f"j.entity = {self.pick(word, repr('company'))}",
            f"j.state = {word}", f"j.state = ANY (ARRAY[{word}, 'failed'])", f"j.status IN ({word}, {self.word()})",
            f"j.batch_id = {identifier}", f"j.batch_id = ANY (ARRAY[{identifier}, {self.identifier()}, NULL])",
            f"j.created_at >= {self.time()}", f"j.created_at > {self.time()} AND j.status = {word}",
            f"j.created_at BETWEEN {self.time()} AND {self.time()}", f"j.status <> {word}", "true",
            "j.batch_id = (SELECT id FROM few WHERE x = 2)", "j.status = ANY (ARRAY(SELECT 'failed'::text FROM few))")

    def result_qual(self, identifier=None):
        """A qual on results."""
        identifier = identifier or self.identifier()
        return self.pick(f"r.batch_id = {identifier}", f"r.batch_id = {identifier} AND r.n > 10", f"r.batch_id IN ({identifier}, {self.identifier()})",
                         f"r.batch_id = ANY (ARRAY(SELECT id FROM few WHERE x < {self.pick(1, 2, 4)}))",
                         "r.line = 2" if self.rng.random() < 0.1 else f"r.batch_id = {identifier} AND r.line < 3")

    def query(self, word=None, identifier=None):
        """A query whose rows the foreign tables and their copies have alike."""
        jobs, results = self.job_qual(word, identifier), self.result_qual(identifier)
        columns = "j.batch_id, j.status, j.state, j.entity, j.n, j.created_at"
        return self.pick(
            f"SELECT {columns} FROM {{j}} j WHERE {jobs}",
            f"SELECT {columns} FROM {{j}} j WHERE {jobs}",
            f"SELECT j.batch_id, j.created_at FROM {{j}} j WHERE {jobs} ORDER BY j.created_at DESC LIMIT {self.value(str(self.pick(1, 5, 50)) + '::bigint')}",
            f"SELECT count(j.*), max(j.created_at) FROM {{j}} j WHERE {jobs}",
            f"SELECT r.batch_id, r.line, r.name, r.n FROM {{r}} r WHERE {results}",
            f"SELECT count(r.*), sum(r.n) FROM {{r}} r WHERE {results}",
            f"SELECT few.x, {columns} FROM few LEFT JOIN {{j}} j ON j.n >= few.x AND {jobs}",
            f"SELECT few.x, j.status FROM few JOIN {{j}} j ON j.batch_id = {self.pick('few.id', 'ANY (few.ids)')}",
            f"SELECT few.x, l.* FROM few, LATERAL (SELECT r.line, r.name FROM {{r}} r WHERE r.batch_id = few.id OFFSET 0) l",
            f"SELECT few.x, (SELECT count(*) FROM {{j}} j WHERE j.n > few.x AND {jobs}) FROM few",
            f"SELECT few.x FROM few WHERE few.id {self.pick('IN', 'NOT IN')} (SELECT j.batch_id FROM {{j}} j WHERE {jobs})",
            f"SELECT j.batch_id, r.line FROM {{j}} j JOIN {{r}} r ON r.batch_id = j.batch_id WHERE {jobs} AND {results}")

    def one_sided(self):
        """A query of the foreign tables alone: of whole rows, of what runs meanwhile."""
        jobs = self.job_qual()
        return self.pick(
            f"SELECT act({quote(self.alter())}), j.* FROM {{j}} j WHERE {jobs}",
            f"SELECT j, to_jsonb(j) FROM {{j}} j WHERE {jobs}",
            f"SELECT r FROM {{r}} r WHERE {self.result_qual()} AND act({quote(self.alter())}) >= 0",
            f"SELECT * FROM {{j}} j WHERE {jobs} FOR UPDATE",
            f"SELECT * FROM {{j}} WHERE {self.pick(*COLUMNS)} IS NOT NULL ORDER BY {self.pick(*COLUMNS)} DESC",
            f"UPDATE few SET n = j.n FROM {{j}} j WHERE j.batch_id = few.id",
            "SELECT count(*) FROM batch_fdw_rejects()",
            f"SELECT * FROM {{j}} j, {{r}} r WHERE r.batch_id = j.batch_id AND {jobs} LIMIT 5")

    def sides(self, query):
        """The query over the foreign tables, and over their copies."""
        remote = re.sub(ACTION, lambda m: f"run({quote(m[1])}, {m[2]})", query)
        local = re.sub(ACTION, r"\2", query)
        return (remote.replace("{j}", "j").replace("{r}", "r"),
                local.replace("{j}", "local_j").replace("{r}", "local_r"))

    # ---- steps

    def both(self, make, query):
        """Run what a query is made into over both sides, and compare in a true session."""
        remote, local = map(make, self.sides(query))
        first = self.add(remote)
        if self.true:
            self.pairs.append((first, self.add(local)))

    def step_query(self):
        self.both(lambda q: f"SELECT count(*), md5(string_agg(q::text, ';' ORDER BY q::text COLLATE \"C\")) FROM ({q}) q", self.query())

    def step_one_sided(self):
        self.add(self.sides(self.one_sided())[0])

    def step_explain(self):
        options = self.pick("", "(VERBOSE)", "(COSTS off, FORMAT json)", "(ANALYZE, TIMING off)", "(ANALYZE, VERBOSE, BUFFERS)")
        self.add(f"EXPLAIN {options} {self.sides(self.query() if self.rng.random() < 0.7 else self.one_sided())[0]}")

    def step_prepare(self):
        self.made += 1
        query = self.query(self.pick(None, "$1"), self.pick(None, "$1"))
        remote, local = self.sides(f"SELECT count(*), md5(string_agg(q::text, ';' ORDER BY q::text COLLATE \"C\")) FROM ({query}) q")
        self.add(f"PREPARE p{self.made}(text) AS {remote}")
        if self.true:
            self.add(f"PREPARE local_p{self.made}(text) AS {local}")
        self.prepared[self.made] = True

    def step_execute(self):
        if not self.prepared:
            return self.step_prepare()
        name, value = self.pick(*self.prepared), quote(self.pick(*WORDS, *IDS))
        for _ in range(self.pick(1, 1, 7)):
            first = self.add(f"EXECUTE p{name}({value})")
        if self.true:
            self.pairs.append((first, self.add(f"EXECUTE local_p{name}({value})")))
        if self.rng.random() < 0.1:
            self.add(f"EXPLAIN EXECUTE p{name}({value})")

    def step_declare(self):
        self.made += 1
        query = self.query()
        if self.true or self.rng.random() < 0.7:
            query = f"SELECT j.batch_id, j.status, j.created_at FROM {{j}} j WHERE {self.job_qual()} ORDER BY j.created_at DESC"
        kind = self.pick("", "SCROLL ", "NO SCROLL ")
        hold = self.pick("", "", " WITH HOLD")
        if hold:
            # PostgreSQL's assertions forbid a function that catches errors when COMMIT reads the rest
            query = re.sub(ACTION, r"\2", query)
        else:
            self.add("BEGIN")
        remote, local = self.sides(query)
        self.add(f"DECLARE c{self.made} {kind}CURSOR{hold} FOR {remote}")
        if self.true:
            self.add(f"DECLARE local_c{self.made} {kind}CURSOR{hold} FOR {local}")
        self.cursors[self.made] = kind

    def step_fetch(self):
        if not self.cursors:
            return self.step_declare()
        name = self.pick(*self.cursors)
        how = self.pick("NEXT", "5", "FORWARD 40", "ALL", *(("PRIOR", "ABSOLUTE 3", "BACKWARD ALL") if self.cursors[name] == "SCROLL " else ()))
        first = self.add(f"FETCH {how} FROM c{name}")
        if self.true:
            self.pairs.append((first, self.add(f"FETCH {how} FROM local_c{name}")))

    def step_close(self):
        if self.cursors:
            name = self.pick(*self.cursors)
            del self.cursors[name]
            self.add(f"CLOSE c{name}")

    def step_between(self):
        """A query that is begun, and ended after something was altered."""
        self.step_declare()
        for _ in range(self.pick(1, 1, 2)):
            self.pick(self.step_fetch, self.step_alter)()
            self.step_alter()
        self.pick(self.step_fetch, self.step_close)()

    def step_alter(self):
        self.add(self.alter())

    def step_transaction(self):
        statement = self.pick("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "ROLLBACK TO s", "COMMIT", "ROLLBACK")
        self.add(statement)

    def step_setting(self):
        name = self.pick(*SETTINGS)
        self.add(f"SET {name} = {quote(self.pick(*SETTINGS[name]))}")

    def step_loop(self):
        query = self.sides(self.query() if self.rng.random() < 0.6 else self.one_sided())[0]
        self.add(f"DO $do$ DECLARE row record; BEGIN FOR row IN {query} LOOP PERFORM act({quote(self.alter())}); END LOOP; END $do$")

    def step_other(self):
        if self.rng.random() < 0.2:
            self.add("DROP FOREIGN TABLE j, r")
            for statement in SETUP.format(s=self.schema, api=self.api, files=self.files).split(";\n")[4:]:
                self.add(statement)
            return
        self.add(self.pick("DISCARD PLANS", "DISCARD ALL", "RESET ALL", "ANALYZE j", "ANALYZE r",
                           f"IMPORT FOREIGN SCHEMA batch FROM SERVER {self.schema} INTO {self.schema}"))
        self.add(f"SET search_path = {self.schema}, public")

    def step(self):
        """Add a step."""
        steps = ("query",) * 4 + ("execute",) * 4 + ("fetch",) * 4 + ("alter",) * 8 + (
            "one_sided", "one_sided", "explain", "explain", "prepare", "declare", "close", "transaction", "transaction",
            "setting", "setting", "between", "between", "loop", "other")
        getattr(self, "step_" + self.pick(*steps))()

    def text(self):
        """What psql reads: every statement between marks on both of its outputs."""
        lines = ["\\set VERBOSITY verbose", f"\\set ON_ERROR_ROLLBACK {'off' if self.bare else 'on'}"]
        for number, statement in enumerate(self.statements):
            lines += [f"\\echo ={number}", f"\\warn ={number}", statement + ";"]
        return "\n".join(lines) + "\n\\echo =end\n"


def outputs(text):
    """What each statement printed, by its number."""
    pieces = re.split(r"(?m)^=(\d+|end)\n", text)
    return {int(n): piece for n, piece in zip(pieces[1::2], pieces[2::2]) if n != "end"}


def findings(session, out, err):
    """What is wrong with a session that ran to its end."""
    printed, said = outputs(out), outputs(err)
    for number, statement in enumerate(session.statements):
        words = said.get(number, "")
        if "57014: " in words:
            yield f"statement {number} takes too long: {statement}"
        elif "XX000: " in words:
            yield f"statement {number} raises an internal error: {statement}\n{words}"
    for remote, local in session.pairs:
        if "ERROR:" in said.get(remote, "") + said.get(local, "") or remote not in printed or local not in printed:
            continue
        if printed[remote] != printed[local]:
            yield (f"statement {remote} gives other rows than {local}: {session.statements[remote]}\n"
                   f"{printed[remote]}--\n{printed[local]}")


class Cluster:
    """A cluster, and the imitation of the APIs that it talks to."""

    def __init__(self, folder):
        self.folder = folder
        config = os.environ.get("PG_CONFIG", "pg_config")
        self.bin = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip()
        library = subprocess.run([config, "--pkglibdir"], capture_output=True, text=True, check=True).stdout.strip()
        self.data, self.log = f"{folder}/data", f"{folder}/log"
        self.call("initdb", "-D", self.data, "-A", "trust", "-N", "-U", "fuzz", "-E", "UTF8", "--no-locale")
        auto_explain = os.path.exists(f"{library}/auto_explain.so")
        with open(f"{self.data}/postgresql.conf", "a", encoding="ascii") as conf:
            conf.write(f"listen_addresses = ''\nunix_socket_directories = '{folder}'\nfsync = off\n"
                       f"statement_timeout = {LIMIT}s\nlog_min_messages = fatal\nlog_min_error_statement = fatal\n")
            if auto_explain:
                conf.write("session_preload_libraries = auto_explain\nauto_explain.log_min_duration = 0\n"
                           "auto_explain.log_level = debug1\nauto_explain.log_analyze = on\nauto_explain.log_nested_statements = on\n")
        self.call("pg_ctl", "-D", self.data, "-l", self.log, "-w", "start")
        self.imitation = subprocess.Popen([sys.executable, ROOT / "test/imitation", "--port", "0", "--files-port", "0",
                                           "--parent", str(os.getpid())], stdout=subprocess.PIPE, text=True)
        _, api, files = self.imitation.stdout.readline().split()
        self.api, self.files = f"http://127.0.0.1:{api}", f"http://127.0.0.1:{files}"
        subprocess.run(self.psql("-c", SHARED), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def call(self, program, *arguments):
        """Run a program of PostgreSQL."""
        subprocess.run([f"{self.bin}/{program}", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def psql(self, *arguments):
        """The command that runs psql."""
        return [f"{self.bin}/psql", "-XAtq", "-h", self.folder, "-U", "fuzz", "-d", "postgres", *arguments]

    def crash(self):
        """What the log says of a crash, or nothing."""
        text = pathlib.Path(self.log).read_text(encoding="utf-8", errors="replace")
        found = re.search(r"(?s)(TRAP:|PANIC:|.*?was terminated by signal).*", text)
        return found[0][:4000] if found else ""

    def stop(self):
        """Stop all."""
        self.imitation.terminate()
        subprocess.run([f"{self.bin}/pg_ctl", "-D", self.data, "-m", "immediate", "stop"], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)


class Fuzzer:
    """Runs sessions side by side until the time is over or something is found."""

    def __init__(self, cluster, seed, end):
        self.cluster, self.seed, self.end = cluster, seed, end
        self.lock = threading.Lock()
        self.number = self.statements = self.compared = 0
        self.found = []

    def keep(self, session, number, what):
        """Leave the script of a session with a finding."""
        path = pathlib.Path(os.environ.get("FUZZ_KEEP", ".")) / f"plans-{self.seed}-{number}.sql"
        path.write_text(session.text(), encoding="utf-8")
        with self.lock:
            self.found.append(f"FINDING in session {number} of seed {self.seed}, {path}:\n{what}")

    def run(self, number):
        """Run a session."""
        session = Session(self.seed, number, self.cluster.api, self.cluster.files)
        process = subprocess.Popen(self.cluster.psql(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            out, err = process.communicate(session.text(), timeout=LIMIT * 10)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.keep(session, number, f"the session does not end: statement {max(outputs(err), default=-1)}")
            return
        for what in findings(session, out, err):
            self.keep(session, number, what)
        if "=end" not in out:
            self.keep(session, number, f"the session was lost at statement {max(outputs(err), default=-1)}\n{err[-500:]}{self.cluster.crash()}")
        with self.lock:
            self.statements += len(session.statements)
            self.compared += len(session.pairs)

    def work(self):
        """Run one session after another."""
        while time.monotonic() < self.end and not self.found:
            with self.lock:
                self.number += 1
                number = self.number
            self.run(number)


def main():
    """Fuzz for some seconds."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = sys.argv[2] if len(sys.argv) > 2 else str(random.randrange(10**6))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="batch_fdw_plans.") as folder:
        try:
            cluster = Cluster(folder)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"There is no PostgreSQL to fuzz: {error}", file=sys.stderr)
            return 77
        try:
            fuzzer = Fuzzer(cluster, seed, time.monotonic() + seconds)
            threads = [threading.Thread(target=fuzzer.work) for _ in range(SESSIONS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            cluster.stop()
    print(*fuzzer.found, sep="\n")
    print(f"{'not ok' if fuzzer.found else 'ok'} - plans: seed {seed}, {fuzzer.number} sessions, "
          f"{fuzzer.statements} statements, {fuzzer.compared} compared with a local copy")
    return 1 if fuzzer.found else 0


if __name__ == "__main__":
    sys.exit(main())
