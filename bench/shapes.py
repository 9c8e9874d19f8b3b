"""Records of shapes that a scanner which goes by the last record does not like.

Each function gives the line of record number; the content is that of the
enrichment records.
"""
import json
import random

IDS = 800_000           # members of the one huge object


def record(tests, number):
    """Enrichment record number, as a dict."""
    tail = tests.tails("enrich")[number % tests.TEMPLATES]
    return json.loads(tests.HEAD["enrich"] % (number + 1, number + 1) + tail)


def line(value, separators=(",", ":")):
    """A value as a line."""
    return json.dumps(value, ensure_ascii=False, separators=separators).encode() + b"\n"


def rebuild(value, change):
    """A value whose objects, the inner ones first, are changed by a function of their items."""
    if isinstance(value, dict):
        return dict(change([(key, rebuild(item, change)) for key, item in value.items()]))
    return [rebuild(item, change) for item in value] if isinstance(value, list) else value


def shuffled(tests, number):
    """The keys of all objects in any order."""
    rng = random.Random(number)
    return line(rebuild(record(tests, number), lambda items: rng.sample(items, len(items))))


def sparse(tests, number):
    """A third of the members left out, as some leave out nulls; not what the columns want."""
    rng = random.Random(number)
    kept = ("original_identifier", "data", "name", "headcount")
    return line(rebuild(record(tests, number),
                        lambda items: [item for item in items if item[0] in kept or rng.random() > 0.3]))


def spaced(tests, number):
    """Blanks behind colons and commas, as Python writes them."""
    return line(record(tests, number), (", ", ": "))


def ids(tests, number):
    """Ids as keys, of objects and of plain values."""
    rng = random.Random(number)
    value = record(tests, number)
    data = value["data"]
    parts = data["offices"] + data["people"] + data["news"] + [rng.random(), None, "text", True] * 3
    value["data"] = {"name": data["name"], "headcount": data["headcount"],
                     "by_id": {f"{rng.getrandbits(64):016x}": part for part in parts * 2}}
    return line(value)


def huge(tests, number):
    """One object with very many members."""
    rng = random.Random(number)
    values = (1, None, "text", 2.5, True, [1, 2], {"a": 1})
    data = {"name": "huge", "headcount": 1,
            "by_id": {f"{rng.getrandbits(64):016x}": rng.choice(values) for _ in range(IDS)}}
    return line({"original_identifier": "huge.example", "data": data})


ALL = {"shuffled": shuffled, "sparse": sparse, "spaced": spaced, "ids": ids, "huge": huge}
