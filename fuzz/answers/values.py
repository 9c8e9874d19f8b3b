"""What may be odd in a JSON document: its values, and where they stand.

Every oddity has a name, so that it can be left out (--without), and is a
function of a random.Random, so that it can be repeated. Standard library only.
"""
import json
import re

RAW = re.compile(r'"\\u0000raw:(\d+)"')


class Document:
    """A JSON value, parts of which may be texts that are no JSON."""

    def __init__(self, value, roles=(), raw=""):
        """A value, and the roles of its parts: pairs of a path and a role; the first text that is written as it is."""
        self.value, self.roles, self.raws = value, list(roles), [raw] if raw else []

    def raw(self, text):
        """A value that is written as this text; \\udcXX in it stands for the byte XX."""
        self.raws.append(text)
        return f"\0raw:{len(self.raws) - 1}"

    def separate(self):
        """Share nothing with other documents, nor within, so that parts can be changed."""
        self.value = json.loads(json.dumps(self.value))

    def encode(self):
        """The bytes."""
        text = json.dumps(self.value, ensure_ascii=False)
        if self.raws:
            text = RAW.sub(lambda found: self.raws[int(found[1])], text)
        return text.replace("\\u0000twin", "").encode("utf-8", "surrogateescape")

    def get(self, path):
        """The value at a path, or None."""
        value = self.value
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def set(self, path, value):
        """Put a value at a path that exists."""
        if not path:
            self.value = value
        else:
            self.get(path[:-1])[path[-1]] = value

    def has(self, path):
        """Whether there is something at a path."""
        above = self.get(path[:-1]) if path else None
        return not path or (isinstance(above, dict) and path[-1] in above) or \
            (isinstance(above, list) and isinstance(path[-1], int) and path[-1] < len(above))

    def named(self, role):
        """The paths of what has a role, each once."""
        return list(dict.fromkeys(path for path, its in self.roles if its == role and self.has(path)))

    def paths(self, most=400):
        """The paths of all values, the whole included."""
        found, stack = [], [(self.value, ())]
        while stack and len(found) < most:
            value, path = stack.pop()
            found.append(path)
            if isinstance(value, dict):
                stack += [(inner, path + (key,)) for key, inner in value.items()]
            elif isinstance(value, list):
                stack += [(inner, path + (key,)) for key, inner in enumerate(value)]
        return found


# ---------------------------------------------------------------- values

TEXTS = (
    "", " ", ".", "..", "../x", "a/b", "/", "?", "a?b=c", "a#b", "%2e%2e", "%", "%zz", "é", "ß\u0301", "\u2028", "\n",
    "a\r\nX-Y: z", "\t", "\x01", "\x7f", "\u0000", "a\u0000b", "{id}", "%s%n", "'; DROP TABLE t; --", "null", "true",
    "NaN", "-Infinity", "0", "-1", "x" * 255, "x" * 256, "x" * 257, "x" * 513, "😀" * 140, "\ufeff", "\uffff",
    "completed", "<html>", "[]", "{}", "now", "epoch", "infinity", "2026-02-30", "{1,2}")
RAWS = (
    "1e400", "-1e400", "1e-400", "1E+2", "-0", "-0.0", "18446744073709551615", "18446744073709551616",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "2147483648",
    "-2147483649", "0.1", "1.5", "1e3", "01", "+1", ".5", "1.", "1e", "0x10", "NaN", "Infinity", "-", "nul", "True",
    "undefined", "'a'", '"\\ud83d\\ude00"', '"\\uD83D\\uDE00\\ufffe"', '"\\ud83dx"', '"\\ud83d\\n"', '"\\ud83d\\u0041"',
    '"\\ud800"', '"\\udc00"', '"\\ud83d\\ud83d"', '"\\udc00\\ud800"', '"\\u0000"', '"\\u00"', '"\\x41"', '"\\', '"',
    '"a\x01b"', '"a\nb"', '"\udcff"', '"\udcc0\udc80"', '"\udced\udca0\udc80"', '"\udcf4\udc90\udc80\udc80"',
    '"\udce2\udc82"', "[", "]", "{", "}", "{]", "[}", "[,]", "[1,]", '{"a"}', '{"a":}', '{"a":1,}', "{1:2}", "[1 2]",
    "", "1 1", "\udcef\udcbb\udcbf1", "//", "/**/1", "\0", "[1]\x00", "\x0c1")
NUMBERS = (0, 1, 2, 3, 7, -1, 1.5, "0", "1", "7 ", "abc", "", None, True, False, [], {}, [3], 2**31, 2**63, 2**64,
           10**40, "1e3", " 5", "0x7", "٣", "-0", "9" * 400)
TIMES = (
    "now", "", "0", 0, 1, -1, 1750000000, 1750000000000, 10**11, 10**18, -10**18, 1e300, "2026-13-45", "2026-06-20",
    "2026-06-20T10:30:00.9999999999999999Z", "2026-06-20T10:30:00+99:99", "10000000-01-01T00:00:00Z", "infinity",
    "2026-06-20 10:30:00 BC", "0000-00-00T00:00:00Z", "2026-06-20T24:00:00Z", "2026-06-20T23:59:60Z", "x" * 500,
    "294277-01-01T00:00:00Z", "-4714-11-24T00:00:00Z", None, [], {}, True, "T10:30", "20260620T103000Z")
MESSAGES = (
    "é" * 600, "x" + "é" * 600, "xx" + "\u20ac" * 600, "xxx" + "😀" * 300, "a\u0000b", "\x07\x1b[31m", "%s%n%d", "<b>",
    "", None, 0, [], {}, ["why"], {"message": "why"}, {"code": None, "message": []}, "Bearer fuzz-key-1234567890",
    "key fuzz-key-1234567890 is bad", "fuzz-key-1234567890", "é" * 480 + "fuzz-key-1234567890",
    "fuzz-key-12345678901234567890",
    {"code": "fuzz-key-1234567890", "message": "fuzz-key-1234567890fuzz-key-1234567890"},
    "https://a.example/?X-Amz-Signature=" + "0" * 64, "\udcff", " " * 3000)
CURSORS = (None, False, True, 0, 1, "", "again", "c0", "c1", "x" * 50000, [], {}, [1], "a&b=c#d", "é", "\u0000", 1e300,
           " ")


def deep(rng, doc):
    """A value that is deeply nested."""
    depth = rng.choice((10, 100, 1000, 6380, 6399, 6400, 6401, 20000))
    left, right = rng.choice((("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")))
    return doc.raw(left * depth + rng.choice(("1", "null", '""', "")) + right * rng.choice((depth, depth, depth - 1)))


def huge(rng, doc):
    """A long text, number or array."""
    size = rng.choice((300, 1100, 8000, 70000, 300000, 1100000))
    return rng.choice((
        lambda: "x" * size, lambda: "é" * (size // 2), lambda: "😀" * (size // 4), lambda: doc.raw("1" * size),
        lambda: doc.raw("0." + "3" * size), lambda: "\\" * (size // 2),
        lambda: doc.raw('"' + "\\u00e9" * (size // 6) + '"'),
        lambda: "\n" * size, lambda: doc.raw(" " * size + "1" + "\t" * size), lambda: [[]] * (size // 8),
        lambda: doc.raw("1e" + "9" * min(size, 5000))))()


def many(rng, doc):
    """Many members or elements."""
    n = rng.choice((70, 300, 5000, 60000))
    keys = rng.choice((lambda i: i, lambda i: i % 7, lambda i: (i * 7919) % n, lambda i: "x" * (i % 40)))
    return rng.choice((
        lambda: doc.raw("{" + ",".join(f'"{keys(i)}":{i}' for i in range(n)) + "}"), lambda: list(range(n)),
        lambda: doc.raw("[" + ",".join('{"a":"b","c":[null]}' for _ in range(n)) + "]"), lambda: [["x"]] * n))()


VALUES = {
    "null": lambda rng, doc: None,
    "boolean": lambda rng, doc: rng.random() < 0.5,
    "number": lambda rng,
    doc: rng.choice((0, 1, -1, 7, 100, 2**31, -2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 10**30, 1.5)),
    "text": lambda rng, doc: rng.choice(TEXTS),
    "array": lambda rng, doc: rng.choice(([], [None], [[]], [1, "a", None, {}, []], ["x"], [{}], [True] * 50)),
    "object": lambda rng, doc: rng.choice(({}, {"a": 1}, {"": ""}, {"id": "x"}, {"a": {"a": {}}}, {"\u0000": 1})),
    "raw": lambda rng, doc: doc.raw(rng.choice(RAWS)),
    "huge": huge,
    "many": many,
    "deep": deep,
}


def odd_url(rng, origin):
    """A URL that is odd, or no URL at all; origin is one where a server listens."""
    host, near = origin.split("//")[1].partition("/")[0], "http://127.0.0.1"
    return rng.choice((
        "", " ", "/", "//", "///", "?", "#", ".", "..", "x", "/x", "../../x", "//" + host + "/x", "http:", "http:/",
        "http://",
        "http:///", "http://?", "http://#", "http:// /", "http://:80/", f"http://{host}:80/x", "http://[::1",
        "http://[::1]:1/x", "http://[::1%25lo]/", "http://[::ffff:127.0.0.1]:1/", "http://[zz]/", f"{near}:99999/x",
        f"{near}:-1/", f"{near}:0x50/", f"{near}:0/", f"{near}:/x", "http://0:1/", "http://2130706433:1/",
        "http://0x7f.1:1/",
        "http://127.1:1/", "http://localhost:1/x", "http://a b/", origin + "/a b", origin + "/a\tb",
        origin + "/a\r\nX: y",
        origin + "/\x7f", origin + "/\u0000", origin + "/é", origin + "/%00", origin + "/%zz", origin + "/a%2fb",
        origin + "/" + "x" * 9000, origin + "/" + "x" * 120000, origin + "/x?" + "y=z&" * 3000,
        origin + "/x?src=s3://b/k",
        "/x?src=s3://b/k", "x://y", "ftp://127.0.0.1:1/x", "file:///etc/passwd", "gopher://127.0.0.1:1/_x",
        "https://[::1]:1/", "https://localhost:1/x",
        "javascript:1",
        "data:,x", "HTTP://" + host + "/x", "https://" + host + "/x", f"http://u:p@{host}/x", f"http://u@{host}/x",
        f"http://{host}@127.0.0.1:1/", f"http:\\\\{host}\\x", f"http://{host}#@x/", f"http://{host}?@x/",
        f"\x01{origin}/x",
        f" {origin}/x", f"{origin}/x ", "http://é.example/", "http://xn--a/", f"{near}.:1/x", "http://a..b/",
        "http://" + "a" * 300 + "/", "http://" + "a." * 200 + "/", "http://%31%32%37.0.0.1:1/", None, 0, 5, True, [],
        {},
        f"{origin}/x?X-Amz-Date=20990101T000000Z&X-Amz-Expires=99999999999", [origin + "/x"], {"url": origin + "/x"},
        f"{origin}/x?X-Amz-Date=99999999T999999Z&X-Amz-Expires=30", f"{origin}/x?X-Amz-Date=&X-Amz-Expires=",
        f"{origin}/x?X-Amz-Date=20200101T000000Z&X-Amz-Expires=-1"))


def odd_for(rng, role, origin):
    """A value that is odd for what has a role."""
    if role == "url":
        return odd_url(rng, origin)
    choices = {"count": NUMBERS, "total": NUMBERS, "number": NUMBERS, "time": TIMES, "error": MESSAGES,
               "cursor": CURSORS,
               "more": (True, False, None, "false", "true", 0, 1, [], {}, ""),
               "flag": (True, False, None, "true", 1, 0, [], {}),
               "status": (None, 5, True, [], {}, *TEXTS, *MESSAGES)}
    return rng.choice(choices.get(role, (None, 5, 1.0, True, [], {}, *TEXTS)))


# ---------------------------------------------------------------- documents

def pick(rng, doc):
    """A path of a document, often one that has a role, and the role or ""."""
    known = [(path, role) for path, role in doc.roles if doc.has(path)]
    if known and rng.random() < 0.65:
        return rng.choice(known)
    path = rng.choice(doc.paths())
    return path, dict(doc.roles).get(path, "")


def put_odd(rng, doc, origin, allowed):
    """Replace a value by an odd one."""
    path, role = pick(rng, doc)
    kind = rng.choice([name for name in VALUES if allowed(f"value:{name}")])
    doc.set(path, odd_for(rng, role, origin) if role and rng.random() < 0.6 else VALUES[kind](rng, doc))


def drop(rng, doc, *_):
    """Leave a member or an element out."""
    path = pick(rng, doc)[0]
    if path:
        del doc.get(path[:-1])[path[-1]]


def rename(rng, doc, *_):
    """Give a member another name."""
    path = pick(rng, doc)[0]
    if path and isinstance(path[-1], str):
        name = path[-1]
        above = doc.get(path[:-1])
        above[rng.choice((name.upper(), name + " ", "", name + "\u0000", "x" * 3000, name[:-1], "é"))] = above.pop(name)


def duplicate(rng, doc, origin, _):
    """Write a member or an element twice, the other one odd."""
    path, role = pick(rng, doc)
    above, odd = doc.get(path[:-1]) if path else None, odd_for(rng, role, origin)
    if isinstance(above, list):
        above.insert(path[-1], rng.choice((above[path[-1]], odd)))
    elif isinstance(above, dict):
        old = above.pop(path[-1])
        above[path[-1]], above[path[-1] + "\u0000twin"] = rng.choice(((old, odd), (odd, old)))


def swap(rng, doc, *_):
    """Exchange two values."""
    one, two = pick(rng, doc)[0], pick(rng, doc)[0]
    if one[:len(two)] != two and two[:len(one)] != one:
        first, second = doc.get(one), doc.get(two)
        doc.set(one, second)
        doc.set(two, first)


def wrap(rng, doc, *_):
    """Put a value into an array or an object."""
    path = pick(rng, doc)[0]
    value = doc.get(path)
    doc.set(path, rng.choice(([value], {"value": value}, [value, value], [None, value], {"a": None, "": value})))


def unwrap(rng, doc, *_):
    """Put a part of a value in its place."""
    path = pick(rng, doc)[0]
    value = doc.get(path)
    if isinstance(value, (dict, list)) and value:
        doc.set(path, rng.choice(list(value.values()) if isinstance(value, dict) else value))


def retype(rng, doc, *_):
    """Write a number as a text, a text as a number, and so on."""
    path = pick(rng, doc)[0]
    value = doc.get(path)
    doc.set(path, str(value) if isinstance(value, (int, float)) else "null" if value is None else len(value))


def repeat(rng, doc, *_):
    """Give the elements of an array several times, or in another order."""
    arrays = [path for path in doc.paths() if isinstance(doc.get(path), list)]
    if arrays:
        path = rng.choice(arrays)
        value = list(doc.get(path)) * rng.choice((1, 2, 2, 3, 30))
        rng.shuffle(value)
        doc.set(path, value[:2000])


CHANGES = {"put": put_odd, "put-again": put_odd, "drop": drop, "rename": rename, "duplicate": duplicate, "swap": swap,
           "wrap": wrap, "unwrap": unwrap, "retype": retype, "repeat": repeat}


def change(rng, doc, origin, allowed):
    """Make a document odd in one of these ways; gives its name."""
    doc.separate()
    name = rng.choice([name for name in CHANGES if allowed(f"document:{name}")])
    CHANGES[name](rng, doc, origin, allowed)
    return name
