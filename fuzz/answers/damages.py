"""What may be wrong with an answer so that it has to be told of: an error, or all the rows; never fewer.

Standard library only.
"""
import dataclasses
import gzip
import typing

from sent import BODIES, CLOSE, PASSING, RESET, STATUSES
from values import Document


@dataclasses.dataclass
class Damage:
    """What is done to one kind of answers, or how a results file is written instead."""
    kind: str
    act: typing.Callable = lambda *_: None
    write: typing.Callable = None
    needs: str = ""             # an oddity that must not be left out
    name: str = ""
    times: int = 1000           # of the same URL

    def applies(self, answer, nth):
        """Whether an answer is to be damaged."""
        return answer.kind == self.kind and answer.status in (200, 206) and nth <= self.times

    def change(self, world, rng, answer):
        """Damage an answer."""
        answer.oddities.append(self.name)
        self.act(world, rng, answer)


def cut_text(world, rng, answer):
    """End a JSON answer early, as if it were whole."""
    answer.settle()
    answer.body = answer.body[:rng.randrange(1, max(len(answer.body), 2))]


def cut_framed(world, rng, answer):
    """Announce more of an answer than is sent."""
    answer.settle()
    answer.framing = rng.choice(("length", "chunked"))
    body = answer.framed(rng.choice((1, 10, 1000)) if len(answer.body) < 5000 else 0)
    data = answer.head() + body
    start = rng.choice((0, len(data) - len(body))) if world.allowed("head:cut") else len(data) - len(body)
    end = len(data) - (4 if answer.framing == "chunked" else 1)
    answer.script = [data[:rng.randrange(min(start, end), end + 1)], rng.choice((CLOSE, RESET))]


def cut_refusal(world, rng, answer):
    """Refuse without a body, and break the head off."""
    data = b"HTTP/1.1 %d Status\r\n" % rng.choice([s for s in STATUSES if s > 200 and s != 404 and s not in PASSING])
    data += rng.choice((b"", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n",
                        b"Content-Length: 0\r\nX: y\r\n"))
    answer.script = [data + b"Date: x"[:rng.randrange(8)], rng.choice((CLOSE, RESET))]


def zipped(world, rng, records):
    """One gzip member, at least a record in it."""
    return gzip.compress(b"".join(text + b"\n" for text in world.encode_records(rng, records, False)), 6, mtime=0)


def cut_zip(world, rng, records):
    """A gzip file whose end is missing."""
    data = zipped(world, rng, records)
    return data[:rng.randrange(1, len(data))]


def flip_zip(world, rng, records):
    """A gzip file one of whose bits is another."""
    data = bytearray(zipped(world, rng, records))
    data[rng.randrange(2, len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def cut_array(world, rng, records):
    """An array whose end is missing."""
    data = b"[" + b",".join(world.encode_records(rng, records, False)) + b"]"
    return data[:rng.randrange(1, len(data))] if len(data) > 2 else b"["


def break_record(world, rng, records):
    """A file of which a record is no JSON."""
    texts = world.encode_records(rng, records, False)
    if texts:
        place = rng.randrange(len(texts))
        texts[place] = texts[place][:rng.randrange(1, len(texts[place]))]
    return b"".join(text + b"\n" for text in texts)


def lose_record(world, rng, records):
    """A file that lacks a record, where the job tells their number."""
    return world.file_body(rng, records[1:])


def set_status(world, rng, answer):
    """Refuse, for good; of the API any 2xx is an answer."""
    first = 300 if answer.kind in ("listing", "job") else 201
    answer.status = rng.choice([s for s in STATUSES if s >= first and s not in (206, 404) and s not in PASSING])
    if answer.document and rng.random() < 0.5:
        answer.document = Document({"error": {"type": "odd", "message": "No."}})


def move_nowhere(world, rng, answer):
    """Redirect to where nothing can be."""
    near = "http://127.0.0.1"
    answer.status = rng.choice((301, 302, 303, 307, 308))
    answer.headers.append(("Location", rng.choice((
        f"{near}:99999/x", "http://[::1", "http://", "//", f"{near}:-1/", "x y", f"{near}:0x50/", "\x7f",
        "ftp://127.0.0.1:1/",
        "http://u:p@127.0.0.1:1/", ""))))


def give_markup(world, rng, answer):
    """Answer with a page, and 200."""
    answer.document = None
    answer.body = rng.choice((BODIES["html"], BODIES["xml"], b" <p>busy</p>", b"<html>" + b"x" * 5000))


def give_scalar(world, rng, answer):
    """Answer with what holds no array where it should be."""
    odd = (None, [], "", "x", 0, 5, True, False, [[]])
    answer.document = Document(rng.choice(odd if answer.kind == "job" else (*odd, {"error": "x"})))


def lose_cursor(world, rng, answer):
    """Say that there is more, but not where."""
    doc = answer.document
    if any(doc.get(path) is True for path in doc.named("more")):
        for path in doc.named("cursor"):
            doc.set(path, rng.choice((None, "", [], {}, [1], False)))


def break_count(world, rng, answer):
    """Tell of a number of records that is none."""
    for path in answer.document.named("count"):
        odd = ("abc", "", "x7", [], {}, True, False, 1.5, 1e300, 2**64, -1, -5, "0x0", "NaN", "zero")
        answer.document.set(path, rng.choice(odd))


def break_total(world, rng, answer):
    """Tell of a number of jobs or pages that is none."""
    for path in answer.document.named("total"):
        answer.document.set(path, rng.choice(("x", "", [], {}, True, False, "NaN", "-", None, -1)))


def rename_job(world, rng, answer):
    """Answer with another job than the one that was asked for, or without an id."""
    for path in answer.document.named("id"):
        answer.document.set(path, rng.choice((world.round.ids[-1], "other", 7, None, "")))


def give_first_page(world, rng, answer):
    """Give the first page again, whatever is asked for, and say that there is more."""
    answer.document = world.list_answer({}).document


DAMAGES = {
    "file:broken-record": Damage("file", write=break_record), "file:cut-zip": Damage("file", write=cut_zip),
    "file:flip": Damage("file", write=flip_zip), "file:cut-array": Damage("file", write=cut_array),
    "file:record-lost": Damage("file", write=lose_record), "job:count": Damage("job", break_count),
    "listing:count": Damage("listing", break_count), "job:other": Damage("job", rename_job),
    "listing:total": Damage("listing", break_total), "listing:again": Damage("listing", give_first_page),
    "listing:cursor-lost": Damage("listing", lose_cursor),
    "job:scalar": Damage("job", give_scalar), "listing:scalar": Damage("listing", give_scalar)}
for _kind in ("listing", "job", "hop", "file"):
    for _name, _act in (("broken-off", cut_framed), ("cut-refusal", cut_refusal), ("status", set_status),
                        ("markup", give_markup)):
        DAMAGES[f"{_kind}:{_name}"] = Damage(_kind, _act)
    if _kind != "file":
        DAMAGES[f"{_kind}:cut"] = Damage(_kind, cut_text)
    if _kind in ("hop", "file"):
        DAMAGES[f"{_kind}:nowhere"] = Damage(_kind, move_nowhere, needs="location:odd")


def fits(name, world):
    """Whether a damage is one that must be told of, by the options."""
    o, table = world.o, world.round.tables[world.table]
    jsonl = not world.paths["rows_path"] and o["result_format"] != "json"
    if name == "file:record-lost":
        return bool(o.get("count_path")) and table.get("check_count") == "error" and world.table != "direct" \
            and all(part for job in world.jobs for part in job.parts)
    if name in ("file:cut-zip", "file:flip", "file:broken-record"):
        return jsonl
    if name == "file:cut-array":
        return o["result_format"] != "jsonl"
    if name == "listing:scalar":
        return o["items_path"] != "$"
    if name == "listing:cursor-lost":
        return o["page_style"] == "cursor" and bool(o.get("more_path"))
    if name in ("listing:again", "listing:total"):
        return o["page_style"] in ("page", "offset")
    if name in ("job:count", "listing:count"):
        return bool(o.get("count_path")) and table.get("check_count") != "error"
    return True


def choose(rng, world, kinds):
    """A Damage of one of some kinds of answers, or None where none fits."""
    names = [name for name, damage in DAMAGES.items() if damage.kind in kinds and world.allowed(name)
             and world.allowed(damage.needs) and fits(name, world)]
    if not names:
        return None
    name = rng.choice(names)
    once = name.endswith("broken-off") and rng.random() < 0.4
    return dataclasses.replace(DAMAGES[name], name=name, times=1 if once else 1000)
