"""The API and its object store: two ports of 127.0.0.1, which send whatever they are told to.

Standard library only.
"""
import re
import socket
import struct
import threading
import time

from sent import CLOSE, RESET

MOST_HEAD = 1 << 18     # bytes of a request
IDLE = 20               # seconds
NAMES = (b"Host|User-Agent|Accept|Accept-Encoding|Range|If-Match|Proxy-Connection|Authorization|x-api-key|x-api-version"
         b"|anthropic-version|a|c")     # the last of draws.py
REQUEST = re.compile(rb"GET [!-~\x80-\xff]+ HTTP/1\.1(\r\n(" + NAMES + rb"):[\t -~\x80-\xff]*)+", re.I)    # may be asked


class Port:
    """A port; its origin is in .origin."""

    def __init__(self, name, board):
        """Listen; board finds the answer to a request."""
        self.name, self.board = name, board
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.origin = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        """Give each connection a thread."""
        while True:
            connection = self.socket.accept()[0]
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        """Answer the requests of a connection."""
        connection.settimeout(IDLE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = b""
        try:
            while True:
                while b"\r\n\r\n" not in data:
                    piece = connection.recv(65536)
                    if not piece or len(data) > MOST_HEAD:
                        return
                    data += piece
                head, _, data = data.partition(b"\r\n\r\n")
                if not self.send(connection, self.board.answer(self.name, head)):
                    return
        except OSError:
            pass
        finally:
            connection.close()

    def send(self, connection, steps):
        """Do what an answer's steps say; False where the connection is to be closed."""
        for step in steps:
            if step == CLOSE:
                return False
            if step == RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            if isinstance(step, float):
                time.sleep(step)
            else:
                connection.sendall(step)
        return True


def read_head(head):
    """The target of a request, and its headers in lower case."""
    lines = head.decode("latin-1").split("\r\n")
    target = lines[0].split(" ")[1] if lines[0].count(" ") >= 2 else "/"
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return target, headers


class Board:
    """Which world each of the prefixes /w0, /w1 ... stands for at the moment."""

    def __init__(self):
        """Open the two ports, for no world yet."""
        self.worlds, self.answers, self.failure = {}, 0, None
        self.ports = {name: Port(name, self) for name in ("api", "files")}

    def answer(self, server, head):
        """The steps of the answer to a request."""
        target, headers = read_head(head)
        if target.startswith("http://"):    # asked as a proxy
            origin = "/".join(target.split("/")[:3])
            server = next((name for name, port in self.ports.items() if port.origin == origin), server)
            target = "/" + target.partition("://")[2].partition("/")[2]
        found = re.match(r"/(w\d+)(/.*|$)", target)
        world = self.worlds.get(found[1]) if found else None
        self.answers += 1
        if world is None:
            return [b"HTTP/1.1 404 None\r\nContent-Length: 2\r\n\r\n{}"]
        if REQUEST.fullmatch(head) is None:
            world.leaks.append(f"a request is odd\n{head[:2000]}")
        try:
            return world.answer(server, found[2] or "/", headers).steps()
        except Exception as error:          # a mistake of the fuzzer's own
            self.failure = error
            raise
