"""What is a finding, and how one is told.

Standard library only.
"""
import base64
import re

from draws import KEY
from world import CALM

LIMIT = 10              # seconds of a statement
SLACK = 1.5             # seconds that its end may take on a busy machine
INTERNAL = ("XX000", "XX002", "53000", "53100", "53200", "57014", "58000")
SUSPECT = re.compile(r"cache lookup failed|unrecognized node|invalid memory alloc|not closed|\bleak|still referenced")
DATA = ("00", "22", "23")   # classes of messages that quote what they are about


class Finding(Exception):
    """What must not happen."""


class Slow(Finding):
    """What may come of a busy machine, unless it comes again."""


def judge(outcome, step, seconds, has_key, allowed):
    """Raise what is wrong with the outcome of a statement, whatever was answered."""
    limit = step.patience / 1000 if step.patience else LIMIT
    if seconds > limit + SLACK:
        raise Slow(f"the statement took {seconds:.1f} s, its limit is {limit} s")
    for message in outcome.messages:
        judge_message(message, has_key, allowed)
    if outcome.undecodable is not None and allowed("value:bytes"):
        raise Finding(f"a value is not in the client's encoding\n{outcome.undecodable[:600]}")
    if outcome.sqlstate == "53200" and outcome.error["M"].startswith("could not fetch") and not allowed("url:huge"):
        return
    if outcome.sqlstate in INTERNAL and not (outcome.sqlstate == "57014" and step.patience):
        kind = Slow if outcome.sqlstate == "57014" else Finding
        raise kind(f"SQLSTATE {outcome.sqlstate}: {outcome.error.get('M')}\n{outcome.error.get('W', '')[:300]}")


def judge_message(message, has_key, allowed):
    """Raise what is wrong with an error or a notice."""
    text = " ".join(str(value) for value in message.values())[:600]
    odd = [name for name, value in message.items() if isinstance(value, bytes)]
    if odd and allowed("message:bytes"):
        raise Finding(f"a message is not in the client's encoding: fields {odd} of {message['C']}\n{text}")
    told = [name for name, value in message.items() if KEY in str(value)]
    if told and has_key and message["C"][:2] not in DATA and allowed("message:key"):
        raise Finding(f"a message tells the key: fields {told} of {message['C']}\n{text}")
    if "X-Amz-Signature=0" in text and message["C"][:2] not in DATA and allowed("message:signature"):
        raise Finding(f"a message tells a signature, {message['C']}\n{text}")
    if SUSPECT.search(text):
        raise Finding(f"{message.get('S')}: {text}")


def judge_rows(outcome, step, world):
    """Raise where the row is not the one that is known; an error is one where something is odd."""
    if outcome.error and world.mode == CALM:
        kind = Slow if "See connect_timeout" in outcome.error.get("H", "") else Finding
        raise kind(f"nothing is odd, but: {outcome.error.get('C')} {outcome.error.get('M')}\n{outcome.error}")
    if outcome.error:
        return
    row = tuple(value.decode() for value in outcome.rows[0])
    if row != step.expected:
        damage = world.damage.name if world.damage else "the order" if world.is_disordered else "nothing"
        raise Finding(f"rows are missing, or wrong, where {damage} is odd\n{row} instead of {step.expected}")


def signature(what):
    """What findings of one kind have in common."""
    frames = re.findall(r"^#\d+ +(?:0x\w+ in )?(\w+) \(", what, re.M)
    trap = re.search(r"TRAP: .*?\)", what)
    if trap or frames:
        return (trap[0] if trap else "crash") + ": " + " ".join(frames[:6])
    return re.sub(r"\"[^\"]*\"|\d+", "_", what.split("\n")[0])[:140]


def describe(what, context):
    """A finding as JSON: all that led to it."""
    world = context.get("world")
    names = ("seed", "case", "round", "mode", "options", "statements", "outcomes", "statement")
    told = {"finding": what, **{name: context[name] for name in names if name in context}}
    if world:
        told["damage"] = world.damage.name if world.damage else None
        told["exchanges"] = [{"server": server, "target": target[:3000], "kind": answer.kind, "odd": answer.oddities,
                              "sent": [describe_step(step) for step in answer.steps()]}
                             for server, target, answer in world.exchanges]
    return told


def describe_step(step):
    """Something that is sent, as JSON: what is short by its bytes, each a character."""
    if not isinstance(step, bytes):
        return step
    if len(step) < 4000:
        return {"text": step.decode("latin-1")}
    return {"base64": base64.b64encode(step[:2000000]).decode()}
