"""HTTP on a port: read a request, log it, send the reply as it wants to be sent."""
import http.server
import random
import socket
import socketserver
import struct
import sys
import traceback

from replies import Request, pieces
from state import STATE


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "imitation", ""
    disable_nagle_algorithm = True

    def setup(self):
        """Number the connection."""
        super().setup()
        self.number = STATE.connect(self.server.name)

    def finish(self):
        """Forget the connection."""
        try:
            super().finish()
        finally:
            STATE.disconnect(self.number)

    def log_message(self, *_):
        """Stay quiet."""

    def answer(self):
        """Log a request, find its answer, send it."""
        path, mark, query = self.path.partition("?")
        if path.startswith("http://"):  # asked as a proxy: answer as the host that is meant
            path = "/" + path.split("/", 3)[3]
        headers = {}
        for name, value in self.headers.items():
            headers[name.lower()] = f"{headers[name.lower()]}, {value}" if name.lower() in headers else value
        request = Request(self.server.name, self.command, path, query if mark else None,
                          headers, self.connection, self.number)
        entry = {"n": None, "server": request.server, "method": request.method, "path": path,
                 "query": request.raw_query, "headers": headers, "connection": self.number,
                 "status": None, "sent": 0}
        if not path.startswith("/_"):
            STATE.record(entry)
        self.rfile.read(int(headers.get("content-length") or 0))
        self.send(self.server.routes(request), entry)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = answer

    def head(self, reply):
        """The head of a reply, as bytes."""
        self.close_connection = self.close_connection or reply.close
        headers = {"Date": self.date_time_string(), "Server": self.server_version,
                   "Content-Type": reply.type, **reply.headers}
        if reply.framing == "length":
            headers["Content-Length"] = len(reply.body) if reply.length is None else reply.length
        elif reply.framing in ("chunked", "unended"):
            headers["Transfer-Encoding"] = "chunked"
        if self.close_connection:
            headers["Connection"] = "close"
        phrase = self.responses.get(reply.status, ("Status",))[0]
        lines = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{k}: {v}" for k, v in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def send(self, reply, entry):
        """Send a reply and count its body bytes."""
        if reply.framing == "raw":
            self.close_connection = True
        else:
            entry["status"] = reply.status
            self.wfile.write(self.head(reply))
        if self.command != "HEAD" or reply.framing == "raw":
            self.send_body(reply, entry)
        if reply.framing == "chunked" and self.command != "HEAD":
            self.wfile.write(b"0\r\n\r\n")

    def send_body(self, reply, entry):
        """Send the body of a reply in pieces, each counted as it is handed over."""
        body = pieces(reply.body) if isinstance(reply.body, bytes) else reply.body
        for piece in body:
            entry["sent"] += len(piece)
            if reply.framing in ("chunked", "unended"):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            else:
                self.wfile.write(piece)


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """One of the two ports."""
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256
    send_buffer = 262144  # so that "sent" in the log stays near the truth

    def __init__(self, name, port, routes):
        """Listen on a port, any free one for 0, any free one of four digits for None."""
        self.name, self.routes = name, routes
        super().__init__(("127.0.0.1", port or 0), Handler, bind_and_activate=False)
        while not self.listen(port):
            pass
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.send_buffer)
        STATE.origins[name] = f"http://127.0.0.1:{self.server_address[1]}"

    def listen(self, port):
        """Bind and listen; False where a port of four digits is not free."""
        if port is None:
            self.server_address = ("127.0.0.1", random.randrange(2000, 10000))
        try:
            self.server_bind()
        except OSError:
            if port is not None:
                raise
            return False
        self.server_activate()
        return True

    def shutdown_request(self, request):
        """End a connection; one that is to be reset, without a farewell."""
        if any(struct.unpack("ii", request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))):
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """Be silent about clients that leave; show errors of the imitation itself."""
        if not isinstance(sys.exc_info()[1], OSError):
            traceback.print_exc()
