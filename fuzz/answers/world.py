"""What an API and its object store would answer, by the options of a round; and what is odd in it.

A World is a function of a seed, a round and the number of a case. Which answer a
request gets depends on its URL, and on how often that was asked for before.
Standard library only.
"""
import dataclasses
import functools
import gzip
import json
import pathlib
import random
import re
import threading
import time
import urllib.parse

from draws import KEY, STATES, steps_of
from sent import CLOSE, RESET, Answer, drip, make_odd, make_range_odd
from values import Document, change

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "test" / "fixtures"
DATE = re.compile(r"X-Amz-Date=\w*")
PAGE = 3                # jobs on a page, unless more or fewer are asked for
MOST = 40               # jobs on a page
PATIENCE = 3            # answers of a case that take long
KEPT = 60               # exchanges that are remembered
CALM, LOUD, ODD = "calm", "loud", "odd"     # nothing is odd; something that must be told of; anything


def fixture_records():
    """All records of the fixtures' results files."""
    records = []
    for path in sorted(FIXTURES.glob("*/**/*.json*")):
        if path.name != "jobs.json":
            text = path.read_text("utf-8")
            lines = [text] if path.suffix == ".json" else text.splitlines()
            for value in (json.loads(line) for line in lines if line.strip()):
                records += value if isinstance(value, list) else [value]
    return [record for record in records if isinstance(record, dict)]


def fixture_jobs():
    """All jobs of the fixtures, without their ids, states and results."""
    jobs = [job for path in sorted(FIXTURES.glob("*/jobs.json")) for job in json.loads(path.read_text("utf-8"))]
    told = ("id", "status", "result", "output_file_id")
    return [{k: v for k, v in job.items() if "url" not in k and k not in told} for job in jobs]


RECORDS, JOBS = fixture_records(), fixture_jobs()
RECORD_ROLES = ((("n",), "number"), (("name",), "text"), (("ts",), "time"), (("num",), "number"), (("arr",), "items"),
                (("ok",), "flag"))


PADS = (('"', "x", '"'), ('"', "é\\n", '"'), ("[1", ",1", "]"), ("[{}", ",{}", "]"), ('{"a":1', ',"key":null', "}"),
        ("[[[1]]", ",[[1]]", "]"), ("[0", ',{"a":[1.5],"b":"c"}', "]"))


@functools.lru_cache(None)
def padding(number, size):
    """A JSON text of such a kind and about so many bytes."""
    first, middle, last = PADS[number]
    return first + middle * (size // len(middle.encode())) + last


def put(value, steps, leaf):
    """Put a leaf at a path within a value, making what is on the way; gives the value, and the path."""
    if not steps:
        return leaf, ()
    step = 0 if steps[0] == "*" else steps[0]
    if isinstance(step, int):
        value = value if isinstance(value, list) else []
        value += [None] * (step + 1 - len(value))
    else:
        value = value if isinstance(value, dict) else {}
    inner = value[step] if isinstance(value, list) or step in value else None
    value[step], path = put(inner, steps[1:], leaf)
    return value, (step, *path)


@dataclasses.dataclass
class Job:
    """A job: what it tells, and the records of its parts."""
    index: int
    id: str
    state: str
    word: str                   # the vendor's, for the state
    created: str
    way: str                    # to its results: urls, template, inline, or nothing
    path: tuple                 # of urls_path, that names them
    parts: list                 # of lists of records
    hides: bool                 # its URL is refused at first
    moves: bool                 # it is completed when it is told again
    told: int = 0               # how often it was


class World:
    """The answers of one case."""

    def __init__(self, seed, rnd, number, table, mode, allowed):
        """Draw the jobs, their results and what is odd; table is the one that is read."""
        self.rng = random.Random(f"{seed}/{number}")
        self.seed, self.round, self.number, self.table = seed, rnd, number, table
        self.mode, self.allowed = mode, allowed
        self.o = {**rnd.effective,
                  **{k: v for k, v in rnd.tables[table].items() if k in ("rows_path", "result_format")}}
        self.paths = {name: steps_of(value) for name,
                      value in self.o.items() if name.endswith("_path") and name != "urls_path"}
        self.lock, self.asked, self.patience = threading.Lock(), {}, PATIENCE
        self.is_slow = mode == CALM and number % 50 == 0   # a part takes long, and URLs expire soon
        self.exchanges, self.leaks = [], []     # what was sent; what should not have been asked
        self.has_key = bool(self.o.get("auth_header")) and table != "direct"
        self.jobs = self.draw_jobs()
        self.direct = self.draw_records(0)
        self.damage, self.is_disordered = None, False   # in a loud case
        self.padding = ""       # of a heavy case: a JSON text in its first job and its first record
        self.wild = {kind for kind in ("listing", "job", "file", "hop") if self.rng.random() < 0.4} or {"job", "file"}
        self.chance = self.rng.choice((0.15, 0.4, 1.0))
        self.routes = self.make_routes()

    def be_patient(self):
        """Whether this case may take longer once more."""
        self.patience -= 1
        return self.patience >= 0

    # ---------------------------------------------------------------- what there is

    def draw_records(self, first):
        """The records of a part."""
        rng, roll = self.rng, self.rng.random()
        n = rng.randrange(7) if roll < 0.9 else rng.randrange(20, 90) if roll < 0.99 else 1500
        records = []
        for i in range(first, first + n):
            record = {"n": i, "name": f"name {i}", "ts": "2026-06-20T10:30:00Z", "ok": True, "num": 1.25,
                      "arr": [1, 2, i],
                      "obj": {"deep": [{"x": "é"}]}, "odd key": None, "id": "x"}
            if rng.random() < 0.5:
                record.update({k: v for k, v in rng.choice(RECORDS).items() if k != "n"})
            records.append(record)
        return records

    def told_states(self):
        """The states that jobs are in, completed often: those of a vocabulary for which the server's owner vouches."""
        words, states = self.round.words(), STATES
        field = "".join(map(str, self.paths["status_path"]))
        for entry in (self.o.get("list_filters") or "").split(","):
            name, _, vocabulary = entry.strip().partition("=")
            if vocabulary and name.rpartition(":")[2] == field:
                states = [state for state, word in zip(STATES, words) if word in vocabulary.split("|")]
        return [*states, *["completed"] * 4] if "completed" in states else states

    def make_heavy(self, rng):
        """Pad the first job and the first record; give by how many bytes."""
        self.padding = padding(rng.randrange(len(PADS)), rng.choice((2, 5)) << 20)
        for part in (self.direct, *(part for job in self.jobs[:1] for part in job.parts[:1])):
            for record in part[:1]:
                record["pad"] = "\0raw:0"
        return len(self.padding.encode())

    def draw_jobs(self):
        """The jobs, in the order of the listing."""
        rng, jobs, first = self.rng, [], 0
        n = rng.choice((0, 1, 2, 3, 4, 5, 6, 8, 9)) if rng.random() < 0.95 else 45
        words, states = self.round.words(), self.told_states()
        falling = "desc" in self.o.get("list_order", "desc")
        ways = [way for way,
                name in (("urls", "urls_path"), ("template", "results_url"), ("inline", "inline_path"))
                if self.o.get(name)]
        for i in range(n):
            state, way, minute = rng.choice(states), rng.choice(ways or ["nothing"]), 599 - i if falling else i
            path = rng.choice([steps_of(p) for p in self.o["urls_path"].split(",")
                               if "none" not in p]) if way == "urls" else ()
            parts = []
            for _ in range(rng.randrange(1, 5) if "*" in path else 1):
                parts.append(self.draw_records(first) if n < 20 else [{"n": first}])
                first += len(parts[-1])
            hides = rng.random() < 0.03 and (i < 2 or self.allowed("renewals:many"))
            created = f"2026-06-20T{minute // 60:02}:{minute % 60:02}:00Z"
            moves = self.mode == ODD and rng.random() < 0.3
            jobs.append(Job(i, self.round.ids[i], state, words[STATES.index(state)], created, way, path, parts, hides,
                            moves))
        return jobs

    def is_result_state(self, job):
        """Whether the results of a job in this state are read."""
        return job.state in [word.strip() for word in self.o["result_states"].split(",")]

    # ---------------------------------------------------------------- documents

    def urls_of(self, job):
        """The URLs of a job's parts, new ones each time that it is told."""
        style, kind, sign = self.number % 5, "h" if self.o.get("hop_path") else "f", f"?t={job.told}"
        origin = self.round.base if style == 0 else self.round.files
        if self.is_slow:
            style = 2
        if style == 1:
            sign = ""
        elif style == 2:
            date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
            seconds = 30 if self.is_slow else (30, 70, 600, 5000)[job.index % 4]
            sign = f"?X-Amz-Algorithm=A&X-Amz-Date={date}&X-Amz-Expires={seconds}&X-Amz-Signature=0{job.told}"
        elif style == 3 and self.number % 3 == 0:
            origin = "/" + self.round.base.split("/", 3)[3]
        return [f"{origin}/{kind}/{job.index}/{part}{sign}" for part in range(len(job.parts))]

    def add_urls(self, value, job, roles):
        """Put the URLs of a job's results into its document."""
        urls = self.urls_of(job)
        if "*" not in job.path:
            value, path = put(value, job.path, urls[0])
            roles.append((path, "url"))
            return value
        place = job.path.index("*")
        inner = job.path[place + 1:]
        value, path = put(value, job.path[:place], [put(None, inner, url)[0] for url in urls])
        roles += [(path + (i, *inner), "url") for i in range(len(urls))] + [(path, "items")]
        return value

    def add_results(self, value, job, roles):
        """Put where a job's results are, or what they are, into its document."""
        if job.way == "urls":
            value = self.add_urls(value, job, roles)
        elif job.way == "template":
            # one of the templates has its file, each in turn
            templates = [template for template in self.o["results_url"].split(",") if "{none}" not in template]
            for field in set(re.findall(r"\{\+?([^}]*)\}", templates[job.index % len(templates)])) - {"id"}:
                value, path = put(value, tuple(field.split(".")), f"file-{job.index}")
                roles.append((path, "file"))
        elif job.way == "inline":
            rows = put({}, self.paths["rows_path"], job.parts[0])[0]
            value, path = put(value, self.paths["inline_path"], rows)
            roles.append((path, "items"))
        if job.way in ("urls", "template") and self.o.get("pointer_path"):
            value, path = put(value, self.paths["pointer_path"], True)
            roles.append((path, "flag"))
        return value

    def job_document(self, job, listed):
        """A job as the listing shows it, or as it is by itself; and the roles of its parts."""
        value = {**JOBS[job.index % len(JOBS)], "n": job.index, "created_at": job.created,
                 "entity": ("person", "company")[job.index % 2]}
        if self.padding and job.index == 0:
            value["pad"] = "\0raw:0"
        roles = [(("created_at",), "time"), (("n",), "number")]
        count = sum(map(len, job.parts)) if self.is_result_state(job) else 0
        words = "It failed: ß." if job.state == "failed" else None
        for name, leaf, role in (("id_path", job.id, "id"), ("status_path", job.word, "status"),
                                 ("count_path", count, "count"), ("empty_path", count, "count"),
                                 ("gone_path", False, "flag"),
                                 ("error_path", words, "error")):
            if self.o.get(name):
                value, path = put(value, self.paths[name], leaf)
                roles.append((path, role))
        if self.is_result_state(job) or (self.number + job.index) % 5 == 0:
            value = self.add_results(value, job, roles)
        for lack in (self.o.get("list_lacks") or "").split(",") if listed else ():
            field, _, state = lack.strip().partition("@")
            if state in ("", job.state):
                value.pop(field, None)
        return value, roles

    def tell(self, job):
        """A job is told once more, and may have moved."""
        job.told += 1
        if job.moves and job.told > 1:
            job.state, job.word = "completed", self.round.words()[STATES.index("completed")]

    def job_answer(self, name):
        """The answer to GET of one job."""
        job = next((job for job in self.jobs if job.id == name), None)
        if job is None:
            return Answer(404, body=b'{"error": {"type": "not_found", "message": "There is no such job."}}', kind="job")
        self.tell(job)
        value, roles = self.job_document(job, False)
        outer, path = put({"ok": True} if self.paths["job_path"] else None, self.paths["job_path"], value)
        roles = [(path + inner, role) for inner, role in roles] + [(path, "item")]
        return Answer(document=Document(outer, roles, self.padding), kind="job")

    def filtered(self, query):
        """The jobs that the listing's filters leave."""
        jobs = self.jobs
        for entry in (self.o.get("list_filters") or "").split(","):
            param, _, field = entry.strip().partition("=")[0].rpartition(":")
            word = query.get(param or field) if field else None
            if word is not None:
                jobs = [job for job in jobs if str(self.job_document(job, False)[0].get(field)) == word]
        return jobs

    def page_of(self, query, jobs):
        """Where a page begins, and its size."""
        o = self.o
        try:
            size = min(int(query.get(o.get("page_size_param"), PAGE)), MOST) or PAGE
            place = query.get(o.get("page_param"))
            if o["page_style"] == "none":
                return 0, max(len(jobs), 1)
            if o["page_style"] == "cursor":
                return int(place[1:]) if place else 0, size
            first = int(o.get("page_start") or (1 if o["page_style"] == "page" else 0))
            return max((int(place or first) - first) * (size if o["page_style"] == "page" else 1), 0), size
        except ValueError:
            return 0, PAGE

    def list_answer(self, query):
        """The answer to GET of the listing."""
        o, jobs = self.o, self.filtered(query)
        start, size = self.page_of(query, jobs)
        items, roles = [], []
        for job in jobs[start:start + size]:
            self.tell(job)
            value, inner = self.job_document(job, True)
            roles += [((len(items), *path), role) for path, role in inner] + [((len(items),), "item")]
            items.append(value)
        value, path = put({"object": "list"} if self.paths["items_path"] else None, self.paths["items_path"], items)
        roles = [(path + inner, role) for inner, role in roles] + [(path, "items")]
        more = start + size < len(jobs)
        cursor = f"c{start + size}" if more or (o.get("more_path") and self.number % 2 and items) else None
        total = -(-len(jobs) // size) if o["page_style"] == "page" else len(jobs)
        for name, leaf, role in (("next_path", cursor, "cursor"), ("more_path", more, "more"),
                                 ("total_path", total, "total")):
            if o.get(name) and isinstance(value, dict) and (role != "total" or self.number % 3):
                value, place = put(value, self.paths[name], leaf)
                roles += [(place, role)] * 3
        return Answer(document=Document(value, roles, self.padding), kind="listing")

    def hop_answer(self, job, part, query):
        """The answer to GET of the document that names where a part is."""
        value, path = put({"kind": "pointer"}, self.paths["hop_path"], f"{self.round.files}/f/{job.index}/{part}?hop=1")
        return self.refusal(job, query) or Answer(document=Document(value, [(path, "url")]), kind="hop")

    # ---------------------------------------------------------------- files

    def encode_records(self, rng, records, odd):
        """The texts of records, some of them odd."""
        texts = []
        for record in records:
            doc = Document(record, RECORD_ROLES, self.padding)
            if odd and rng.random() < max(0.3, 1 / len(records)):
                change(rng, doc, self.round.files, self.allowed)
            texts.append(doc.encode())
        return texts

    def file_body(self, rng, records, odd=False):
        """The bytes of a results file, as its options and chance would have it."""
        texts, form = self.encode_records(rng, records, odd), self.o["result_format"]
        if self.paths["rows_path"] and form != "jsonl":
            outer = json.dumps(put({"ok": 1}, self.paths["rows_path"], "@rows@")[0]).encode()
            body = outer.replace(b'"@rows@"', b"[" + b",".join(texts) + b"]")
        elif form == "json" or (form == "auto" and rng.random() < 0.3):
            body = b"[" + rng.choice((b",", b",\n", b" , ")).join(texts) + b"]" + rng.choice((b"", b"\n"))
        else:
            body = b"".join(text + rng.choice((b"\n", b"\n", b"\r\n", b"\n\n")) for text in texts)
        if rng.random() < 0.5:
            return body
        places = sorted(rng.randrange(len(body) + 1) for _ in range(rng.choice((0, 0, 1, 3))))
        return b"".join(gzip.compress(body[a:b], 1, mtime=0) for a, b in zip([0, *places], [*places, len(body)]))

    def refusal(self, job, query):
        """The answer to a URL that is not good yet, or None."""
        sign = query.get("t") or query.get("X-Amz-Signature")
        if job.hides and job.way == "urls" and self.o.get("job_url") and sign is not None and int(sign) < 2:
            return Answer(403, body=b"<Error><Code>AccessDenied</Code></Error>", kind="file")
        return None

    def file_answer(self, target, records, headers, rng):
        """The answer to GET of a results file, or of the rest of one."""
        odd = self.mode == ODD and "file" in self.wild and rng.random() < self.chance
        stable = random.Random(f"{self.seed}/{self.number}/{target.partition('?')[0]}")     # the same each time
        write = self.damage.write if self.damage else None
        body = write(self, stable, records) if write else self.file_body(stable, records, odd)
        etag = stable.choice(('"e1"', '"e1"', 'W/"e1"', None))
        answer = Answer(headers=[("Content-Type", "binary/octet-stream")] + ([("ETag", etag)] if etag else []),
                        body=body, kind="file")
        found = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
        if found and int(found[1]) < len(body):
            start = int(found[1])
            answer.status, answer.body = 206, body[start:]
            answer.headers.append(("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}"))
            if self.mode == ODD and rng.random() < 0.5:
                make_range_odd(rng, answer, len(body))
        return answer

    # ---------------------------------------------------------------- routes

    def make_routes(self):
        """Pairs of a pattern of "path?query" and a kind."""
        routes = []
        if self.o.get("list_url"):
            path = "/" + self.o["list_url"].lstrip("/").partition("?")[0]
            routes.append((re.compile(re.escape(path) + r"(\?.*)?"), "listing"))
        for name, kind in (("job_url", "job"), ("results_url", "template")):
            for template in self.o.get(name, "").split(",") if self.o.get(name) else ():
                template = "/" + re.sub(r"^https?://[^/]*/w\d+", "", template.strip()).lstrip("/")
                parts = ["(.*)" if part.startswith("{+") else "([^/?&]*)" if part.startswith("{") else re.escape(part)
                         for part in re.split(r"(\{\+?[^}]*\})", template)]
                routes.append((re.compile("".join(parts) + r"(?:[?&]moved=1)?"), kind))
        return [*routes, (re.compile(r"/f/(\d+)/(\d+)(\?.*)?"), "file"), (re.compile(r"/h/(\d+)/(\d+)(\?.*)?"), "hop"),
                (re.compile(r"/direct/file(\?.*)?"), "direct")]

    def route(self, target, headers, rng):
        """The answer to a request, before anything is odd in it."""
        query = dict(urllib.parse.parse_qsl(target.partition("?")[2], keep_blank_values=True))
        for pattern, kind in self.routes:
            found = pattern.fullmatch(target)
            if found and kind == "listing":
                return self.list_answer(query)
            if found and kind == "job":
                return self.job_answer(urllib.parse.unquote(found[1]))
            if found and kind == "direct":
                return self.file_answer(target, self.direct, headers, rng)
            if found:
                index, part = (re.sub(r"\?.*|\D", "", found[1]), 0) if kind == "template" else (found[1], int(found[2]))
                return self.part_answer(kind, target, (int("0" + index), part), query, headers, rng)
        return self.nothing()

    def nothing(self):
        """The answer where there is nothing."""
        return Answer(404, body=b'{"message": "No such route"}', kind="none")

    def part_answer(self, kind, target, place, query, headers, rng):
        """The answer to GET of a part of a job's results; place: numbers of both."""
        index, part = place
        if index >= len(self.jobs) or part >= len(self.jobs[index].parts):
            return self.nothing()
        job = self.jobs[index]
        if kind == "hop" or (kind == "template" and self.o.get("hop_path")):
            return self.hop_answer(job, part, query)
        return (kind == "file" and self.refusal(job, query)) or self.file_answer(target, job.parts[part], headers, rng)

    def answer(self, server, target, headers):
        """The answer to a request for a path and query, with headers in lower case."""
        with self.lock:
            nth = self.asked[server, target] = self.asked.get((server, target), 0) + 1
            if server == "files" and any(KEY in text for text in (target, *headers.values())):
                self.leaks.append(f"the key came to the object store: {target[:200]}")
            rng = random.Random(f"{self.seed}/{self.number}/{server}{DATE.sub('', target)}/{nth}")
            answer = self.route(target, headers, rng)
            if answer.document is not None:
                answer.headers.append(("Content-Type", "application/json"))
            if self.mode == ODD and answer.kind in self.wild and rng.random() < self.chance:
                make_odd(rng, answer, self)
            elif self.damage and self.damage.applies(answer, nth) and (self.damage.times > 1 or self.be_patient()):
                self.damage.change(self, rng, answer)
            answer.settle()
            if answer.kind == "listing" and answer.body.strip() == b"null" and not self.allowed("listing:null"):
                answer.body = b"{}"
            if answer.script is None:
                self.send_somehow(rng, answer, target, nth)
            if len(self.exchanges) < KEPT:
                self.exchanges.append((server, target, answer))
            return answer

    # ---------------------------------------------------------------- ways of sending that mean the same

    def send_somehow(self, rng, answer, target, nth):
        """Choose among them."""
        roll = rng.random()
        if self.is_slow and answer.kind == "file" and "/0?" in target and self.patience == PATIENCE:
            self.patience -= 1
            answer.script = drip(rng, answer.head() + answer.framed(), 1.4)
            return
        if roll < 0.3 and answer.status not in (204, 304) and answer.status >= 200:
            answer.framing = "chunked"
        if roll < 0.15 and answer.body:
            answer.script = [answer.head() + answer.framed(rng.choice((1, 7, 100)) if len(answer.body) < 3000
                                                           else 1000)]
        elif roll > 0.97:
            answer.script = drip(rng, answer.head() + answer.framed(), 0.05)
        elif 0.9 < roll < 0.96 and self.mode != LOUD and answer.kind == "file" and answer.status == 200 and nth == 1:
            self.interrupt(rng, answer, target)

    def interrupt(self, rng, answer, target):
        """Do to a file what its reader has to get over: break it off once, or let it be elsewhere."""
        if rng.random() < 0.5:
            if self.o["max_retries"] != "0" and self.o["result_once"] != "true" and self.be_patient():
                data = answer.head() + answer.framed()
                start = 0 if self.allowed("head:cut") else len(answer.head())
                answer.script = [data[:rng.randrange(start, len(data))] if start < len(data) else b"",
                                 rng.choice((CLOSE, RESET))]
        elif "moved" not in target:
            answer.status, answer.body = rng.choice((301, 302, 303, 307, 308)), b"elsewhere"
            answer.headers = [("Location", f"{self.round.files}{target}{'&' if '?' in target else '?'}moved=1")]
