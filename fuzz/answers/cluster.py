"""A cluster that is thrown away: made of the programs in a folder, and watched.

Standard library only. Serves on a Unix socket in its own folder; run as root,
the server runs as postgres.
"""
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

import wire

SETTINGS = {
    "listen_addresses": "", "fsync": "off", "jit": "off", "log_line_prefix": "%p ", "log_min_messages": "log",
    "log_checkpoints": "off", "max_connections": 60, "max_worker_processes": 16, "max_parallel_workers": 8,
    "shared_buffers": "64MB", "temp_file_limit": "1GB", "autovacuum_naptime": "10s",
}
MEMORY = 8 << 30        # bytes of address space of a process
PRELOAD = os.environ.get("FUZZ_PRELOAD")    # a sanitizer's library, for the server
BAD_WORDS = re.compile(r"TRAP: .*|.*PANIC: .*|.*was terminated by signal (?!3\b|9\b|15\b).*(?:\n.*DETAIL: .*)?"
                       r"|.*\bleak\b.*|.*resource was not closed.*|.*still referenced.*|.*AddressSanitizer.*"
                       r"|.*runtime error: .*")
SOCKETS = ("socket:", "anon_inode:", "pipe:")


def as_server(command):
    """The command, run as a user who may run a server."""
    return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else command


def bound_memory():
    """Bound what a process may allocate, if no sanitizer needs it all, and let it leave a core."""
    if not PRELOAD:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


class Cluster:
    """One cluster."""

    def __init__(self, programs, **settings):
        """Make and start it; programs is the folder of initdb."""
        self.programs = pathlib.Path(programs)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="batch_fdw_fuzz."))
        self.data, self.log = self.folder / "data", self.folder / "log"
        self.read = 0
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.command("initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "--locale=C", "-E", "UTF8", "-N")
        lines = [f"{name} = '{value}'\n" for name, value in
                 {**SETTINGS, "unix_socket_directories": self.folder, **settings}.items()]
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.writelines(lines)
        self.command("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-c", "start", preexec_fn=bound_memory)

    def command(self, name, *arguments, **more):
        """Run one of the programs."""
        environment = {**os.environ, **({"LD_PRELOAD": PRELOAD} if PRELOAD else {})}
        done = subprocess.run(as_server([str(self.programs / name), *map(str, arguments)]), cwd=self.folder,
                              capture_output=True, text=True, check=False, env=environment, **more)
        if done.returncode != 0:
            raise SystemExit(f"{name} failed: {done.stderr}{self.log.read_text() if self.log.exists() else ''}")

    def connect(self, database="postgres", seconds=30):
        """A new session; waits for a server that recovers."""
        end = time.monotonic() + seconds
        while True:
            try:
                return wire.Session(self.folder, database)
            except wire.Lost:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def postmaster(self):
        """The process id of the postmaster, or None."""
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def complaints(self):
        """What is bad in the log's lines since the last look, as texts."""
        with open(self.log, "rb") as file:
            file.seek(self.read)
            data = file.read()
        end = data.rfind(b"\n") + 1
        if data.rpartition(b"\n")[0].rpartition(b"\n")[2].find(b"was terminated by signal") >= 0:
            return []                   # its DETAIL may be to come
        self.read += end
        return [found[0] for found in BAD_WORDS.finditer(data[:end].decode("utf-8", "replace"))]

    def backtrace(self):
        """Where the last core was left, by gdb; "" where there is no core or no gdb. Removes the cores."""
        cores = sorted(self.data.glob("core*"), key=lambda path: path.stat().st_mtime)
        text = ""
        if cores and shutil.which("gdb"):
            command = ["gdb", "-batch", "-nx", "-ex", "bt 24", str(self.programs / "postgres"), str(cores[-1])]
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, check=False)
            text = "\n".join(line[:300] for line in done.stdout.splitlines() if line.startswith("#"))
        for core in cores:
            core.unlink()
        return text

    def temporary_files(self, pid):
        """The names of temporary files that a backend has left."""
        return [path.name for path in self.data.glob(f"base/pgsql_tmp/pgsql_tmp{pid}.*")]

    def stop(self):
        """Stop the server, and remove the folder."""
        pid = self.postmaster()
        if pid is not None:
            try:
                os.kill(pid, signal.SIGQUIT)
            except ProcessLookupError:
                pass
            for _ in range(100):
                if not os.path.exists(f"/proc/{pid}"):
                    break
                time.sleep(0.05)
        shutil.rmtree(self.folder, ignore_errors=True)


def memory_of(pid):
    """The memory of its own that a process has, and the most it had, in kB; None where it is gone."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    return tuple(int(re.search(rf"{name}:\s*(\d+)", status)[1]) for name in ("RssAnon", "VmHWM"))


def forget_peak(pid):
    """Begin to measure the most memory of a process anew; give what it has, in kB, or None where that may not be."""
    try:
        pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError:
        return None
    return memory_of(pid)[1]


def descriptors_of(pid):
    """The sockets, pipes and the like that a process has open: name to number; None where it may not be seen."""
    counts = {}
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                target = os.readlink(f"/proc/{pid}/fd/{name}")
            except FileNotFoundError:
                continue
            if target.startswith(SOCKETS):
                target = target.split("[")[0] if not target.startswith("anon_inode") else target
                counts[target] = counts.get(target, 0) + 1
    except OSError:
        return None
    return counts
