"""Deterministic JSON texts of every shape, one a line, to compare parsers with.

    python3 test/imitation/documents.py documents 1000 > documents.jsonl

Kinds: `documents` (any value: deep, wide, with duplicate keys, escapes, white
space and numbers of all spellings) and `numbers` (a number each). The texts
are written by hand, not by a serialiser, since the spelling is what matters.
All are valid, and all fit into jsonb.
"""
import argparse
import random
import sys

BATCH = 200
LETTERS = "abcdefghijklmnopqrstuvwxyz_"
CHARACTERS = "aZ09 ~/\x7fé߀漢\u2028\ufffd\uffff\U0001F600\U0010FFFF"
ESCAPES = (r"\"", r"\\", r"\/", r"\b", r"\f", r"\n", r"\r", r"\t", r"\u0001", r"\u001F", r"\u0022",
           r"\u005c", r"\u00e9", r"\u20AC", r"\uFFFF", r"\uD83D\uDE00", r"\udbff\udfff", r"\ud800\udc00")
SIZES = (0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 12)
WIDE = (31, 32, 33, 63, 64, 65, 96, 97, 255, 256, 257, 700)
EXPONENTS = (0, 1, 2, 3, 4, 5, 7, 8, 16, 17, 60, 63, 64, 65, 130, 252, 256, 260, 300, 400)
EDGES = ("0", "-0", "0.0", "-0.0", "0.000", "-0.0000", "0e0", "0e5", "-0E-5", "0.00e2", "1e131071", "9.99e131071",
         "1e-16383", "10000e-16383", "0.0001", "0.00010000", "0.00001", "10000", "9999", "99999999", "100000000",
         "10000.0001", "1.0", "12345678901234567", "1234567890.1234567", "0.12345678901234567",
         "9223372036854775807", "-9223372036854775808", "18446744073709551616", "1" + "0" * 255, "1" + "0" * 256,
         "9" * 256, "9" * 257, "0." + "0" * 62 + "1", "0." + "0" * 63 + "1", "0." + "9" * 64, "0." + "0" * 63,
         "0." + "0" * 64, "1" + "0" * 255 + "." + "0" * 62 + "1")


class Writer:
    """Writes one text after another; what it wrote before decides the next."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.shapes = [["id", "name", "data"]]
        self.blanks = ("",)
        self.room = 0

    def digits(self, most):
        """1 to most digits, the first of which may be 0."""
        return str(self.rng.randrange(10 ** self.rng.randint(1, most)))

    def whole(self, most):
        """A whole number of up to most digits, often with zeros at its end."""
        value = self.digits(most)
        return value if self.rng.random() < 0.7 else value + "0" * self.rng.randint(1, 9) if value != "0" else value

    def fraction(self, most):
        """Digits behind a point, often with zeros at either end."""
        zeros = self.rng.choice((0, 0, 0, 1, 3, 4, 5, 8))
        return "." + "0" * zeros + self.digits(most) + "0" * self.rng.choice((0, 0, 0, 1, 3, 4, 5))

    def number(self):
        """A number in any spelling."""
        rng, kind = self.rng, self.rng.random()
        if kind < 0.05:
            return rng.choice(EDGES)
        sign = "-" if rng.random() < 0.3 else ""
        if kind < 0.4:
            return sign + self.whole(6)
        if kind < 0.75:
            return sign + self.whole(5) + self.fraction(6)
        if kind < 0.85:
            return sign + self.whole(40) + self.fraction(40)
        exponent = rng.choice(EXPONENTS)
        text = sign + self.whole(12) + (self.fraction(12) if rng.random() < 0.5 else "")
        if kind < 0.9:
            return text + "e" + rng.choice(("-", "+", "")) + rng.choice(("", "0", "00")) + str(exponent)
        if kind < 0.9999:
            return text + "E" + rng.choice(("-", "+", "")) + str(exponent)
        return sign + "1" + self.rng.choice("0123456789") * 131071

    def characters(self, length):
        """The inside of a string, of so many characters, some escaped."""
        rng = self.rng
        if rng.random() < 0.6:
            return "".join(rng.choices(LETTERS, k=length))
        return "".join(rng.choice(ESCAPES) if rng.random() < 0.2 else rng.choice(CHARACTERS) for _ in range(length))

    def string(self):
        """A string, mostly short, its length around those of vectors at times."""
        rng = self.rng
        length = rng.choice((0, 1, 2, 3, 5, 8, 13)) if rng.random() < 0.8 else rng.choice((15, 16, 17, 31, 63, 64, 65, 200))
        return '"' + self.characters(length) + '"'

    def key(self):
        """The inside of a key; many are equal in length and in their first bytes."""
        rng, kind = self.rng, self.rng.random()
        if kind < 0.45:
            return "".join(rng.choices(LETTERS, k=rng.randint(1, 9)))
        if kind < 0.6:
            return "".join(rng.choices("ab", k=rng.randint(0, 4)))
        if kind < 0.85:
            return "prefix__" + "".join(rng.choices("abé", k=rng.randint(0, 6)))
        if kind < 0.87:
            return "long" * rng.randint(20, 80) + rng.choice("xyz")
        return self.characters(rng.randint(0, 12))

    def respell(self, key):
        """The same key with a letter escaped, where it has one."""
        letter = key.find("a")
        escaped = letter > 0 and key[letter - 1] in "\\uU0123456789abcdefABCDEF"
        if letter < 0 or escaped or self.rng.random() < 0.5:
            return key
        return key[:letter] + r"\u0061" + key[letter + 1:]

    def keys(self):
        """The keys of an object: new ones, or those of an earlier object."""
        rng = self.rng
        if rng.random() < 0.4:
            keys = list(rng.choice(self.shapes))
            if len(keys) > 1 and rng.random() < 0.2:
                place = rng.randrange(len(keys))
                keys[place] = self.key()
            elif rng.random() < 0.3:    # of the same lengths and first bytes, in another order
                keys = [key[:8] + key[:7:-1] if key.startswith("prefix__") else key for key in keys]
        else:
            size = rng.choice(WIDE) if rng.random() < 0.01 else rng.choice(SIZES)
            keys = [self.key() for _ in range(size)]
            self.shapes = [list(keys)] + self.shapes[:60]
        while keys and rng.random() < 0.15:
            keys.insert(rng.randrange(len(keys) + 1), self.respell(rng.choice(keys)))
        return keys

    def blank(self):
        """What may stand between two tokens."""
        return self.rng.choice(self.blanks)

    def members(self, values, opening, closing):
        """Brackets around values with commas between them."""
        inside = (self.blank() + "," + self.blank()).join(values)
        return opening + self.blank() + inside + self.blank() + closing

    def value(self, depth):
        """Any value, of scalars only below some depth or when there were many."""
        rng, kind = self.rng, self.rng.random()
        self.room -= 1
        if depth > 0 and self.room > 0 and kind < 0.45:
            if kind < 0.25:
                return self.members([f'"{key}"' + self.blank() + ":" + self.blank() + self.value(depth - 1)
                                     for key in self.keys()], "{", "}")
            size = rng.choice(WIDE) if rng.random() < 0.02 else rng.choice(SIZES)
            return self.members([self.value(depth - 1) for _ in range(size)], "[", "]")
        if kind < 0.6:
            return rng.choice(("true", "false", "null"))
        return self.string() if kind < 0.8 else self.number()

    def deep(self):
        """A value nested deep."""
        text = self.value(1)
        for _ in range(self.rng.choice((50, 100, 500, 2000, 6000))):
            text = "[" + text + "]" if self.rng.random() < 0.5 else '{"' + self.rng.choice("ab") + '":' + text + "}"
        return text

    def documents(self):
        """Any text."""
        rng = self.rng
        self.blanks = ("",) if rng.random() < 0.7 else ("", "", " ", "\t", "  \r ")
        self.room = 60
        if rng.random() < 0.002:
            return self.deep()
        depth = rng.choice((0, 1, 2, 3, 4, 6, 12))
        return self.blank() + self.value(depth) + self.blank()

    def numbers(self):
        """A number."""
        return self.number()


KINDS = {"documents": Writer.documents, "numbers": Writer.numbers}


def records(kind, count):
    """The lines of count texts, in pieces."""
    writer = Writer(kind)
    for first in range(0, count, BATCH):
        lines = [KINDS[kind](writer) + "\n" for _ in range(min(BATCH, count - first))]
        yield "".join(lines).encode()


def main():
    """Write one file to standard output."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    for piece in records(options.kind, options.count):
        sys.stdout.buffer.write(piece)


if __name__ == "__main__":
    main()
