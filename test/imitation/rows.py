"""Deterministic CSV of every spelling, to compare readers with.

    python3 test/imitation/rows.py 7 1000 > rows.csv

The seed decides how many columns there are, whether lines end by a line feed
alone, and whether there is a byte order mark. The texts are written by hand,
not by a module, since the spelling is what matters. All are valid.
"""
import random
import sys

PIECES = ("", "a", "word", "two words", "0", "-12.50", "2026-01-02", " ", "  padded ", "é", "漢字", "\U0001F600", "\\", "\\N", "\\.", "x" * 70, "'", ";", "\t",
          "null", "NULL", "{}", '{"a":1}'.replace('"', "'"))
QUOTED = PIECES + (",", '""', "\n", "\r\n", "\r", ",,\n", '"",""', 'a""b', "\n\n", ', ""', "{}")


def value(rng, alone):
    """A value, quoted or not; one that is alone in its row is not what COPY takes for the end."""
    kind = rng.random()
    if kind < 0.15:
        return ""
    if kind < 0.2:
        return '""'
    if kind < 0.6:
        text = "".join(rng.choices(PIECES, k=rng.randint(1, 3)))
        return text if text != "\\." or not alone else "x"
    return '"' + "".join(rng.choices(QUOTED, k=rng.randint(1, 4))) + '"'


def records(seed, count):
    """CSV of so many rows behind a header, in pieces."""
    rng = random.Random(seed)
    columns, end = rng.randint(1, 6), rng.choice(("\n", "\r\n"))
    names = [rng.choice(("c{}", '"c{}"')).format(n) for n in range(columns)]
    yield (rng.choice(("", "\ufeff")) + ",".join(names)).encode()
    for _ in range(count):
        row = [value(rng, columns == 1) for _ in range(columns)]
        if end == "\r\n":       # which COPY does not mix with others outside of quotes
            row = [text if text.startswith('"') else text.replace("\r", "") for text in row]
        yield (end + ",".join(row)).encode()
    yield rng.choice(("", end)).encode()


if __name__ == "__main__":
    sys.stdout.buffer.writelines(records(int(sys.argv[1]), int(sys.argv[2])))
