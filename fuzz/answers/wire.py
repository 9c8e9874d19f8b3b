"""A session of PostgreSQL, by its protocol: what a fuzzer needs of it.

Errors are results here, and so is a lost connection. Standard library only.
"""
import dataclasses
import socket
import struct
import typing

MOST_ROWS = 1000        # that an outcome keeps
TEXTS = b"SVCMDHWqstcdn"  # the fields of a message that are looked at


class Lost(Exception):
    """The server closed the connection."""


class Late(Exception):
    """The server did not answer in time."""


@dataclasses.dataclass
class Outcome:
    """What a statement gave: the first rows, their number, an error, what was told."""
    rows: list = dataclasses.field(default_factory=list)
    count: int = 0
    error: typing.Optional[dict] = None
    told: list = dataclasses.field(default_factory=list)
    undecodable: typing.Optional[bytes] = None  # a value that is not in the client's encoding

    @property
    def sqlstate(self):
        """Of the error, or 00000."""
        return self.error["C"] if self.error else "00000"

    @property
    def messages(self):
        """The error and what was told, as dicts of fields."""
        return self.told + ([self.error] if self.error else [])


def fields_of(body, encoding):
    """The fields of an error or a notice; bytes where one is not in the encoding, a server's or Python's name."""
    fields = {}
    for field in body.split(b"\0"):
        if field and field[0] in TEXTS:
            try:
                fields[chr(field[0])] = field[1:].decode(encoding)
            except UnicodeDecodeError:
                fields[chr(field[0])] = field[1:]
    return fields


def values_of(body):
    """The values of a row, as bytes or None."""
    values, place = [], 2
    for _ in range(struct.unpack_from("!H", body)[0]):
        size = struct.unpack_from("!i", body, place)[0]
        place += 4
        values.append(None if size < 0 else body[place:place + size])
        place += max(size, 0)
    return tuple(values)


def is_binary(body):
    """Whether a row description tells of a column in the binary format."""
    place, binary = 2, False
    for _ in range(struct.unpack_from("!H", body)[0]):
        place = body.index(b"\0", place) + 19
        binary |= body[place - 1] != 0
    return binary


class Session:
    """One connection, by the Unix socket of a cluster whose authentication is trust."""

    def __init__(self, folder, database, port=5432, user="postgres", patience=60):
        """Connect, and learn the backend's process id."""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience)
        self.buffer, self.status, self.pid, self.encoding = bytearray(), "I", 0, "UTF8"
        pairs = f"user\0{user}\0database\0{database}\0client_encoding\0UTF8\0\0".encode()
        try:
            self.socket.connect(f"{folder}/.s.PGSQL.{port}")
        except OSError as error:
            raise Lost(str(error)) from error
        self.send(b"", struct.pack("!I", 196608) + pairs)
        outcome = self.finish()
        if outcome.error:
            raise Lost(str(outcome.error))

    def send(self, *messages):
        """Send messages, given as pairs of type and body."""
        data = b"".join(kind + struct.pack("!I", len(body) + 4) + body
                        for kind, body in zip(messages[::2], messages[1::2]))
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Lost(str(error)) from error

    def receive(self, size):
        """The next bytes."""
        while len(self.buffer) < size:
            try:
                piece = self.socket.recv(1 << 18)
            except TimeoutError as error:
                raise Late("no answer") from error
            except OSError as error:
                raise Lost(str(error)) from error
            if not piece:
                raise Lost("the connection was closed")
            self.buffer += piece
        piece = bytes(self.buffer[:size])
        del self.buffer[:size]
        return piece

    def finish(self):
        """Read what comes until the server is ready."""
        outcome, binary = Outcome(), False
        while True:
            head = self.receive(5)
            kind, body = head[:1], self.receive(struct.unpack("!I", head[1:])[0] - 4)
            if kind == b"Z":
                self.status = body.decode()
                return outcome
            if kind == b"T":
                binary = is_binary(body)
            elif kind == b"D":
                self.take_row(outcome, body, binary)
            elif kind == b"E":
                outcome.error = fields_of(body, self.encoding)
                if outcome.error.get("S") in ("FATAL", "PANIC"):
                    raise Lost(f"{outcome.error.get('C')} {outcome.error.get('M')}")
            elif kind == b"N":
                outcome.told.append(fields_of(body, self.encoding))
            elif kind == b"S" and body.startswith(b"client_encoding\0"):
                self.encoding = body.split(b"\0")[1].decode()
            elif kind == b"K":
                self.pid = struct.unpack("!I", body[:4])[0]

    def take_row(self, outcome, body, binary):
        """Add a row to an outcome."""
        outcome.count += 1
        if len(outcome.rows) < MOST_ROWS:
            outcome.rows.append(values_of(body))
        try:
            if not binary:
                for value in outcome.rows[-1]:
                    (value or b"").decode(self.encoding)
        except UnicodeDecodeError:
            outcome.undecodable = value

    def run(self, sql):
        """Run statements, without parameters."""
        self.send(b"Q", sql.encode() + b"\0")
        return self.finish()

    def execute(self, sql, parameters, most=0):
        """Run one statement with parameters; take so many rows at first, then all, then leave it."""
        texts = [None if p is None else str(p).encode() for p in parameters]
        bind = b"\0\0\0\0" + struct.pack("!H", len(texts))
        for text in texts:
            bind += struct.pack("!i", -1) if text is None else struct.pack("!i", len(text)) + text
        self.send(b"P", b"\0" + sql.encode() + b"\0\0\0", b"B", bind + b"\0\0", b"D", b"P\0",
                  b"E", b"\0" + struct.pack("!I", most), b"E", b"\0" + struct.pack("!I", 0), b"S", b"")
        return self.finish()

    def close(self):
        """End the session."""
        try:
            self.send(b"X", b"")
        except Lost:
            pass
        self.socket.close()
