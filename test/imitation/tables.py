"""The names that mean something: who answers to them, and what they show.

A pattern is written as test/README.md shows it, `parts-<k>-<n>` or
`api-retry-<n>-<status>[-<retry_after>]`: <…> stands for what KINDS says, […] may
be left out. The modules put their rows (patterns, handler, what they show) into
these tables, the routes ask them who answers, and `python3 test/imitation --tables`
prints them.
"""
import dataclasses
import re
import typing

KINDS = {"n": r"\d{1,9}", "s": r"\d{1,9}", "k": r"\d{1,3}", "d": r"[1-5]", "status": r"[2-5]\d\d", "how": r"[a-z]+",
         "retry_after": r"[-\w.]+", "step": r"[a-z]+(:\d+(:\d+)?)?", "name": r"[-\w.]+", "fault": r"[-\w.]+", "fields": r".+"}


def compiled(pattern):
    """The regular expression of a pattern; <…>… takes what comes one time or more, joined by -."""
    kind = r"<(\w+)>"
    text = re.escape(pattern).replace(r"\[", "(?:").replace(r"\]", ")?").replace(r"\-", "-")
    text = re.sub(kind + "…", lambda found: f"(?:{KINDS[found[1]]}(?:-(?={KINDS[found[1]]})|$))+", text)
    return re.compile(re.sub(kind, lambda found: f"(?P<{found[1]}>{KINDS[found[1]]})", text))


@dataclasses.dataclass(frozen=True)
class Row:
    """Names, separated by blanks, who answers to them, and the cells that show what they are."""
    names: str
    handler: typing.Callable
    cells: tuple

    def __str__(self):
        """The row in Markdown."""
        return "| " + " | ".join((", ".join(f"`{name}`" for name in self.names.split()), *self.cells)) + " |"


class Table:
    """Rows under a title and some words about all of them; more words follow the rows."""

    def __init__(self, title, words, *heads):
        """An empty table with the heads of its columns."""
        self.title, self.words, self.heads = title, words, heads
        self.rows, self.notes, self.patterns = [], [], []

    def add(self, *rows):
        """Take rows in: each is names, handler, cells."""
        for names, handler, *cells in rows:
            self.rows.append(Row(names, handler, tuple(cells)))
            self.patterns += [(compiled(name), self.rows[-1]) for name in names.split()]

    def note(self, words):
        """Say something more about all rows."""
        self.notes.append(words)

    def check(self, names):
        """Refuse rows that do not name exactly these."""
        odd = {name for row in self.rows for name in row.names.split()} ^ set(names)
        if odd:
            raise SystemExit(f"not the rows of \"{self.title}\": {' '.join(sorted(odd))}")

    def find(self, name):
        """The row of a name and what the name tells: its <…> by their words; (None, {}) for other names."""
        for pattern, row in self.patterns:
            found = pattern.fullmatch(name)
            if found:
                return row, found.groupdict()
        return None, {}

    def answer(self, name, *given):
        """What the handler of a name says, None for other names."""
        row, told = self.find(name)
        return row.handler(*given, name, **told) if row else None

    def __str__(self):
        """The table in Markdown."""
        rule = "|" + "---|" * len(self.heads)
        grid = "\n".join(["| " + " | ".join(self.heads) + " |", rule, *map(str, self.rows)])
        return "\n\n".join((f"### {self.title}", self.words, grid, *self.notes))


ACCOUNTS = Table(
    "Accounts: `/accounts/<name>` (API port)",
    "In Crustdata's shape, with its key; job number n (from 0, newest first) has the id\n"
    "`acc00000-0000-4000-8000-<n in 12 digits>`; completed ones point at `/fault/small`.",
    "name", "listing")
JOBS = Table(
    "Faulty and generated jobs: `/crustdata/batch/<id>` (API port)",
    "Completed jobs (3 records unless told) whose `download_url` is unsigned:",
    "id", "download_url")
ANSWERS = Table(
    "Answers of the API itself: `/crustdata/batch/<id>` (API port)",
    "They come without Crustdata's rate limit headers.",
    "id", "answer")
EDGES = Table(
    "Odd files: `/edge/<name>` (files port)",
    'Of the three records `{"a":1,"b":"one"}`, `{"a":2,"b":"two"}`, `{"a":3,"b":"three"}`:',
    "file", "what")
FAULTS = Table(
    "Odd servers: `/fault/<name>` (files port)",
    "Records are `{original_identifier, internal_id, data:{name, headcount, hq:{city}}}`, headcount ten\n"
    "times the number; gzip unless said to be plain.",
    "name", "records", "what")
FIELDS = Table(
    "The proof: `proof.<field>-<value>.<field>-<value>…` at Crustdata's routes (API port)",
    "A job whose results break as its id tells. All is a function of the id, so that a run can be\n"
    "repeated; which transfer of a file is the first is forgotten by `/_reset`. Records are\n"
    "`{n, name}`, n counting through all parts.",
    "field", "what")


def markdown():
    """All tables, as test/README.md holds them."""
    return "\n\n".join(map(str, (ACCOUNTS, JOBS, ANSWERS, EDGES, FAULTS, FIELDS)))
