"""Which options a round sets: every option that src/options/options.c has.

A Round is a function of a seed and a number: a server, its mapping and its
tables, all of whose options fit each other, so that world.py can answer as such
an API would. Standard library only.
"""
import pathlib
import random
import re

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "src" / "options" / "options.c"
KEY = "fuzz-key-1234567890"
STEP = re.compile(r'\.([A-Za-z_][A-Za-z0-9_]*)|\."([^"]*)"|\[(\d+|\*)\]')
DEFAULTS = {"auth_header": "Authorization", "auth_prefix": "Bearer ", "items_path": "$", "page_style": "none",
            "page_size": "0", "job_path": "$", "id_path": "$.id", "status_path": "$.status",
            "result_states": "completed", "result_format": "auto", "rows_path": "$", "result_auth": "origin",
            "result_once": "false", "result_hosts": "*", "max_retries": "5"}
# world.py answers as these describe it; of the others sql/vendors.sql reads all there is
PROVIDERS = ("anthropic", "bigdata", "companyenrich", "crustdata", "openai", "pulse")
STATES = ("pending", "processing", "completed", "failed", "canceled", "expired")
VENDOR_WORDS = ("QUEUED", "RUNNING", "done", "FAILED", "cancelled", "gone")
TYPES = ("text", "varchar(5)", "char(3)", "int", "smallint", "bigint", "numeric", "numeric(5,2)", "float4", "float8",
         "bool", "uuid", "json", "jsonb", "timestamptz", "timestamp", "date", "time", "timetz", "interval", "bytea",
         "text[]", "int[]", "jsonb[]", "float8[]", "inet", "fuzz_positive", "fuzz_required", "fuzz_mood", "fuzz_pair",
         "name", "oid", "bit(3)", "money", "point", "int4range", "xml", "tsvector", '"char"')
PLACES = ("$.n", "$.name", "$.ts", "$.ok", "$.num", "$.arr", "$.obj", "$.obj.deep[0].x", "$", "$.data", "$.data.name",
          "$.data.headcount", "$.data.hq.city", "$.data.tags", "$.none", "$.arr[1]", "$.custom_id", "$.response",
          '$."odd key"', "$.query", "$.id", "$.code")


def steps_of(path):
    """The steps of a path: names, numbers, "*" for [*]."""
    return tuple(int(n) if n and n != "*" else n or (quoted if quoted is not None and not name else name)
                 for name, quoted, n in ((m[1], m[2], m[3]) for m in STEP.finditer(path)))


def known_to_source():
    """The options that src/options/options.c has, as pairs of object and name."""
    known = set(re.findall(r"^\s*OPTION\((\w+), (\w+),", SOURCE.read_text(), re.M))
    if not known:
        raise SystemExit(f"there are no options in {SOURCE}")
    return known


def quote(text):
    """A text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def write(options):
    """An OPTIONS clause."""
    pairs = ", ".join(f"{name} {quote(str(value))}" for name, value in options.items() if value is not None)
    return f"OPTIONS ({pairs})" if pairs else ""


# Each draw is given the round, in which the options drawn before are known.
# What belongs to the description of an API is left out where a provider stands for it.

SERVER = {
    "provider": lambda r: r.maybe(0.25, *PROVIDERS),
    "base_url": lambda r: r.base + r.pick("", "", "/"),
    "auth_header": lambda r: r.maybe(0.5, "", "x-api-key", "Authorization"),
    "auth_prefix": lambda r: r.maybe(0.3, "", "Key "),
    "headers": lambda r: r.maybe(0.3, "{}", '{"x-api-version": "1"}', '{"a": "b", "c": ""}'),
    "proxy": lambda r: r.maybe(0.04, r.base.rsplit("/", 1)[0]),
    "ca_file": lambda r: r.maybe(0.05, "/etc/ssl/certs/ca-certificates.crt", "/nonexistent"),
    "allow_private_hosts": lambda r: "true",
    "list_url": lambda r: r.described(0.85, "/jobs", "/v1/batches", "jobs", "/jobs?scope=all"),
    "items_path": lambda r: r.described(0.8, "$.jobs", "$.data.items", '$."the jobs"'),
    "list_params": lambda r: r.maybe(0.2, "all=1", "a=b&c=%20d"),
    "page_style": lambda r: r.described(0.8, "none", "cursor", "cursor", "page", "offset")
    if r.get("items_path") != "$" else None,
    "page_param": lambda r: r.needed("page_param", "p", "after") if r.get("page_style") != "none" else None,
    "page_start": lambda r: r.maybe(0.3, *r.page_starts()),
    "page_size_param": lambda r: r.described(0.7, "limit", "size"),
    "page_size": lambda r: r.maybe(0.6, "0", "1", "2", "5", "100", "1000000"),
    "page_size_min": lambda r: r.maybe(0.2, "1", r.get("page_size") or "1") if r.get("page_size") != "0" else None,
    "next_path": lambda r: r.needed("next_path", "$.next", "$.meta.next") if r.get("page_style") == "cursor"
    else r.maybe(0.1, "$.next"),
    "more_path": lambda r: r.described(0.6, "$.more", "$.meta.more"),
    "total_path": lambda r: r.described(0.6, "$.total", "$.meta.total") if r.get("page_style") in ("page", "offset")
    else r.maybe(0.1, "$.total"),
    "job_url": lambda r: r.described(0.9, "/job/{id}", "/jobs/{id}", "/job/{+id}", "/job?x=y&id={id}",
                                     "/jobs/{id}/status"),
    "job_path": lambda r: r.described(0.4, "$.job", "$.data[0]"),
    "not_ready": lambda r: r.maybe(0.3, "", "202", "203, 425"),
    "id_path": lambda r: r.described(0.5, "$.id", "$.batch_id", "$.meta.id", '$."job id"'),
    "status_path": lambda r: r.described(0.4, "$.status", "$.state.word"),
    "error_path": lambda r: r.maybe(0.6, "$.error_message", "$.errors[0].message", "$.error"),
    "count_path": lambda r: r.maybe(0.6, "$.result_count", "$.counts.done"),
    "empty_path": lambda r: r.maybe(0.2, "$.readable", "$.counts.readable"),
    "failed_path": lambda r: r.maybe(0.1, "$.failures", "$.counts.failed"),
    "gone_path": lambda r: r.maybe(0.2, "$.archived_at", "$.counts.gone"),
    "list_filters": lambda r: r.maybe(0.5, *r.filters()),
    "list_order": lambda r: r.maybe(0.5, "created_at desc", "created_at asc", "n asc"),
    "status_map": lambda r: r.described(0.4, ", ".join(map("=".join, zip(VENDOR_WORDS, STATES)))),
    "result_states": lambda r: r.maybe(0.3, "completed", "completed, expired", "completed, failed, canceled, expired"),
    "urls_path": lambda r: r.described(0.85, "$.url", "$.urls[*], $.url", '$.a."b c"[*].u', "$.result.url",
                                       "$.none, $.url"),
    "results_url": lambda r: r.described(0.3, "/content/{file}", "/content/{file}/x?y=z", "/content/{+file}",
                                         r.files + "/content/{file}", "/none/{none}, /content/{result.file}"),
    "pointer_path": lambda r: r.described(0.2, "$.result.is_url", "$.external"),
    "inline_path": lambda r: r.described(0.3, "$.result.rows", "$.inline"),
    "hop_path": lambda r: r.maybe(0.1, "$.location", "$.next[0].url"),
    "list_lacks": lambda r: r.maybe(0.4, *r.lacks()) if r.get("job_url") else None,
    "job_columns": lambda r: r.maybe(0.2, "id text, n int = $.n, created_at timestamptz",
                                     '"odd, name" jsonb = $.x[0], doc jsonb'),
    "result_columns": lambda r: r.maybe(0.2, "n int, record jsonb = $", "name varchar(10), t numeric(5,2) = $.num"),
    "result_format": lambda r: r.maybe(0.2, "auto", "jsonl", "json"),
    "rows_path": lambda r: r.maybe(0.12, "$.data.items", "$.rows"),
    "result_more_path": lambda r: r.maybe(0.2, "$.more", "$.data.more"),
    "result_auth": lambda r: r.maybe(0.2, "origin", "never"),
    "result_once": lambda r: r.maybe(0.12, "true", "false"),
    "result_hosts": lambda r: r.maybe(0.2, "*", "127.0.0.1", "*, files.example.com", "*.example.com, 127.0.0.1",
                                      "files.example.com") or r.hosts_of_provider(),
    # world.py does not answer as these have it: by pages of results, by counters, for a key in the query
    "result_page_style": lambda r: None,
    "result_page_param": lambda r: None,
    "result_page_start": lambda r: None,
    "result_page_size_param": lambda r: None,
    "result_page_size": lambda r: None,
    "result_next_path": lambda r: None,
    "result_total_path": lambda r: None,
    "status_default": lambda r: None,
    "pending_path": lambda r: None,
    "total_count_path": lambda r: None,
    "auth_param": lambda r: None,
    "connect_timeout": lambda r: "300ms",
    "stall_timeout": lambda r: "500ms",
    "retry_timeout": lambda r: r.pick("0", "300ms"),
    "max_retries": lambda r: r.pick("0", "0", "1", "1", "2"),
    "max_connections": lambda r: r.maybe(0.7, "1", "2", "3", "8", "32"),
    "max_record_size": lambda r: r.maybe(0.15, "1kB", "20kB", "1MB", "16MB"),
}
MAPPING = {
    "api_key": lambda r: KEY if r.number % 4 else None,
    "api_key_file": lambda r: None if r.number % 4 else r.key_file,
    "expected_host": lambda r: r.maybe(0.2, "127.0.0.1"),
    "auth_hosts": lambda r: r.maybe(0.2, "https://files.example.com", "https://a.example.com:8443, https://b.example.com"),
}
TABLE = {
    "resource": lambda r: r.resource,
    "job_id": lambda r: r.ids[0] if r.table == "fixed" else None,
    "url": lambda r: f"{r.files}/direct/file" if r.table == "direct" else None,
    "result_format": lambda r: r.maybe(0.15, "auto", "jsonl", "json") if r.resource == "results" else None,
    "rows_path": lambda r: r.maybe(0.05, "$.data.items", "$") if r.resource == "results" else None,
    "on_incomplete": lambda r: r.maybe(0.5, "error", "skip", "wait"),
    "wait_timeout": lambda r: r.pick("0", "20ms", "200ms"),
    "on_error": lambda r: r.maybe(0.5, "error", "null", "skip"),
    "reject_limit": lambda r: r.maybe(0.2, "0", "3", "1000") if r.options.get("on_error") in ("null", "skip") else None,
    "check_count": lambda r: r.maybe(0.6, "warning", "error", "error", "off"),
    "use_remote_estimate": lambda r: r.maybe(0.15, "true", "false"),
    "rows": lambda r: r.maybe(0.3, "0", "1", "10", "100000", "5000000"),
}
COLUMN = {
    "path": lambda r: r.pick(*PLACES),
    "meta": lambda r: r.maybe(0.1, "job_id", *(("part", "line") if r.resource == "results" else ("state",))),
}
CARRIERS = {"SERVER": SERVER, "MAPPING": MAPPING, "TABLE": TABLE, "COLUMN": COLUMN}


def unknown_options():
    """The options of src/options/options.c that nothing here draws, as texts."""
    unknown = [(carrier, name) for carrier, name in known_to_source() if name not in CARRIERS.get(carrier, {})]
    return [f"{carrier} option {name}" for carrier, name in sorted(unknown)]


class Round:
    """The options of one round, and the SQL that sets them."""

    def __init__(self, seed, number, base, files, providers, key_file, allowed):
        """Draw them. base and files: the URLs under which the API and the store answer."""
        self.rng = random.Random(f"{seed}/round/{number}")
        self.number, self.base, self.files, self.key_file, self.allowed = number, base, files, key_file, allowed
        self.rows = providers
        self.uuids = self.rng.random() < 0.4
        self.ids = [f"{self.rng.getrandbits(32):08x}-0000-4000-8000-{i:012x}" if self.uuids else f"job-{number}-{i}"
                    for i in range(60)]
        self.server = self.effective = {}
        self.server = self.draw(SERVER)
        self.mapping = self.draw(MAPPING)
        self.tables = {}
        for self.table, self.resource in (("jobs", "jobs"), ("docs", "jobs"), ("results", "results"),
                                          ("wide", "results"),
                                          ("fixed", "results"), ("direct", "results")):
            self.tables[self.table] = self.draw(TABLE)

    # -- what a draw may use

    def pick(self, *values):
        """One of some values."""
        return self.rng.choice(values)

    def maybe(self, chance, *values):
        """One of some values, with a chance."""
        return self.rng.choice(values) if self.rng.random() < chance and values else None

    def described(self, chance, *values):
        """The same; seldom where a provider describes the API."""
        return self.maybe(chance * (0.06 if self.server.get("provider") else 1), *values)

    def needed(self, name, *values):
        """One of some values; seldom where the provider has one."""
        return self.described(1, *values) if self.get(name) else self.pick(*values)

    def get(self, name):
        """The option as it is in effect so far: the server's, the provider's, the default."""
        return self.options.get(name) or self.provider_row(self.options.get("provider")).get(name) or DEFAULTS.get(name)

    def page_starts(self):
        """Values for page_start."""
        style = self.get("page_style")
        if style == "cursor":
            return ()
        return ("0", "1", "3") if style != "offset" or self.allowed("offset:start") else ("0",)

    def words(self):
        """What the vendor calls the six states."""
        pairs = dict(pair.split("=") for pair in (self.get("status_map") or "").replace(" ", "").split(",") if pair)
        return [next((word for word, to in pairs.items() if to == state), state) for state in STATES]

    def filters(self):
        """Values for list_filters."""
        field = steps_of(self.get("status_path"))
        if len(field) > 1:
            return ("entity", "kind:entity=person|company")
        words = "|".join(self.words())
        return (f"{field[0]}={words}", f"s:{field[0]}={words}, entity", f"{field[0]}", "entity",
                f"entity=person|company, {field[0]}={words}")

    def lacks(self):
        """Values for list_lacks."""
        return ("url@completed, urls@completed", "url", "n", "error_message@failed, url@completed", "result@completed",
                "created_at@pending")

    # -- drawing

    def draw(self, draws):
        """The options of one object."""
        self.options = {}
        if draws is SERVER:
            self.server = self.options
        for name, function in draws.items():
            value = function(self)
            if value is not None:
                self.options[name] = value
        if draws is SERVER:
            self.effective = {**DEFAULTS, **self.provider_row(self.options.get("provider")), **self.options}
        return self.options

    def hosts_of_provider(self):
        """The store's host, where the provider's row names others; else None."""
        return "127.0.0.1" if "result_hosts" in self.provider_row(self.options.get("provider")) else None

    def provider_row(self, provider):
        """The options that a provider stands for."""
        return {option: value for name, option, value in self.rows if name == provider}

    def columns(self, table, resource):
        """The columns of a table: those that statements.py names, and some odd ones."""
        o, self.resource, self.options = self.effective, resource, {}
        kind = "uuid" if self.uuids else "text"
        named = {"path": o["id_path"]} if resource == "jobs" and self.rng.random() < 0.5 else {"meta": "job_id"}
        columns = [f"id {kind} " + write(named)] if table != "direct" else []
        columns.append("n int " + write({"path": "$.n"}))
        if resource == "jobs":
            columns += ["status text " + write({"path": o["status_path"]}), "state text " + write({"meta": "state"}),
                        "created_at timestamptz", "entity text", "url text", "error_message text"]
        else:
            columns += ["part int " + write({"meta": "part"}), "line bigint " + write({"meta": "line"}), "name text",
                        "num numeric"]
        if table in ("docs", "wide"):
            columns.append("doc " + self.pick("json", "jsonb", "text") + " " + write({"path": "$"}))
            for i in range(self.rng.randrange(2, 9)):
                meta = COLUMN["meta"](self) if table != "direct" else None
                types = ("text", "int", "bigint") if meta else TYPES
                options = {"meta": meta} if meta else {"path": COLUMN["path"](self)}
                columns.append(f"x{i} {self.pick(*types)} " + write(options))
        return columns

    def ddl(self, schema):
        """The statements that set all this, in one transaction."""
        name = f"{schema}_server"
        lines = ["BEGIN", f"SET LOCAL client_min_messages = error; DROP SERVER IF EXISTS {name} CASCADE",
                 f"SET LOCAL search_path = {schema}, public",
                 f"CREATE SERVER {name} FOREIGN DATA WRAPPER batch_fdw {write(self.server)}",
                 f"CREATE USER MAPPING FOR PUBLIC SERVER {name} {write(self.mapping)}"]
        for table, options in self.tables.items():
            columns = ", ".join(self.columns(table, options["resource"]))
            lines.append(f"CREATE FOREIGN TABLE {table} ({columns}) SERVER {name} {write(options)}")
        return [*lines, "COMMIT"]
