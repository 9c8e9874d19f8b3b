"""What the imitation remembers, and where it listens."""
import threading
import time

KEY = "test-key"


def is_leak(entry):
    """Whether the object store is sent the key, or the API a signature."""
    if entry["server"] == "files":
        return any(KEY in text for text in (entry["path"], entry["query"] or "", *entry["headers"].values()))
    return "X-Amz-" in (entry["query"] or "")


class State:
    """What the imitation remembers: log, counters, marks, connections."""

    def __init__(self):
        """Start with nothing."""
        self.lock = threading.Lock()
        self.origins = {}
        self.connections = 0
        self.leaks = 0
        self.open = {}
        self.reset()

    def reset(self):
        """Forget the log, the retry counters and the single-use marks."""
        with self.lock:
            self.log, self.counters, self.used, self.windows = [], {}, set(), {}

    def record(self, entry):
        """Number a log entry and append it; count what should never come."""
        with self.lock:
            entry["n"] = len(self.log) + 1
            self.log.append(entry)
            self.leaks += is_leak(entry)

    def count(self, name):
        """How often this was called with the name since the last reset, from 1."""
        with self.lock:
            self.counters[name] = self.counters.get(name, 0) + 1
            return self.counters[name]

    def admit(self, name, most, seconds):
        """0 if one more request of the name fits into the current window, else the seconds left of it."""
        with self.lock:
            now = time.time()
            end, taken = self.windows.get(name, (0, 0))
            if now >= end:
                end, taken = now + seconds, 0
            if taken < most:
                self.windows[name] = (end, taken + 1)
                return 0
            return end - now

    def connect(self, server):
        """Give a new connection its number."""
        with self.lock:
            self.connections += 1
            self.open[self.connections] = server
            return self.connections

    def disconnect(self, number):
        """Forget a connection that has ended."""
        with self.lock:
            self.open.pop(number, None)

    def summary(self, asking):
        """The document of /_state; the connection that asks is left out."""
        with self.lock:
            servers = [s for number, s in self.open.items() if number != asking]
            return [{"open_connections": len(servers), "api_connections": servers.count("api"),
                     "files_connections": servers.count("files"),
                     "connections": self.connections, "requests": len(self.log),
                     "leaks": self.leaks}]


STATE = State()


def origin(server):
    """scheme://host:port of "api" or "files"."""
    return STATE.origins[server]
