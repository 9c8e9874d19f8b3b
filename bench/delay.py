"""Answer GET /jobs/N with a job, 50 ms later: a far API with many jobs.

    python3 bench/delay.py PORT

Connections are kept, each has a thread, and no request waits for another.
"""
import http.server
import json
import sys
import time

DELAY = 0.05


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        """Answer with the job that the path ends in."""
        number = self.path.rsplit("/", 1)[-1]
        body = json.dumps({"id": number, "status": "completed", "records": int(number) * 3}).encode()
        time.sleep(DELAY)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Keep silent."""


class Server(http.server.ThreadingHTTPServer):
    """The server, with room for many to connect at once."""
    request_queue_size = 64
    daemon_threads = True


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
