"""How a row is run once: each function gives seconds, cpu, peak and answer."""
import json
import os
import pathlib
import re
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


def stat_of(pid):
    """The fields of /proc/PID/stat from the third on."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_of(pid, children_only=False):
    """User and system seconds of a process and of the children it has waited for."""
    return sum(map(int, stat_of(pid)[13 if children_only else 11:15])) / TICK


def peak_of(pid):
    """The most memory that a process has had, in MB."""
    return int(re.search(r"VmHWM:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def children_of(pid):
    """The child processes of a process."""
    return set(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


class Session:
    """A psql with a backend of its own."""

    def __init__(self, setup, database="postgres"):
        self.psql = subprocess.Popen(
            [f"{setup.bin}/psql", "-XqAt", "-h", f"{setup.work}/cluster", "-U", "postgres", "-d", database,
             "-v", "ON_ERROR_STOP=1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.pid = int(self.run("SELECT pg_backend_pid()"))
        self.postmaster = int(stat_of(self.pid)[1])

    def run(self, sql):
        """Run SQL; give what it prints."""
        self.psql.stdin.write(f"{sql};\n\\echo =done=\n")
        self.psql.stdin.flush()
        lines = []
        for line in self.psql.stdout:
            if line == "=done=\n":
                return "".join(lines).strip()
            lines.append(line)
        raise SystemExit(f"{sql[:200]}\n{self.psql.stderr.read()}")

    def close(self):
        """End it, and wait until its backend is gone, so that its CPU counts to no other."""
        self.psql.communicate()
        while os.path.exists(f"/proc/{self.pid}"):
            time.sleep(0.01)


def idle_peak(setup, database):
    """The peak memory of a backend that has done next to nothing.

    The second one: the first in a database fills the caches on disk.
    """
    for _ in range(2):
        session = Session(setup, database)
        peak = peak_of(session.pid)
        session.close()
    return peak


def run_sql(setup, row):
    """Run a query in a backend of its own; its workers' CPU is found at the postmaster."""
    session = Session(setup, row.database)
    session.run(f"SET max_parallel_workers_per_gather = {row.workers}")
    session.run("SELECT count(*) FROM (SELECT * FROM small_3 LIMIT 1) AS warm")
    if row.before:
        session.run("SET client_min_messages = warning; " + row.before)
    others = children_of(session.postmaster)
    cpu = cpu_of(session.pid) + cpu_of(session.postmaster, True)
    start = time.monotonic()
    answer = session.run(row.argument)
    seconds = time.monotonic() - start
    while children_of(session.postmaster) - others:
        time.sleep(0.01)
    cpu = cpu_of(session.pid) + cpu_of(session.postmaster, True) - cpu
    peak = peak_of(session.pid) - setup.idle[row.database]
    if row.answer:
        answer = session.run(row.answer)
    session.close()
    return {"seconds": seconds, "cpu": cpu, "peak": peak, "answer": answer}


def sent_of(setup, file):
    """The bytes that nginx put on the wire for the latest request of a file."""
    lines = (setup.work / "nginx" / "access.log").read_text().splitlines()
    return [int(line.split()[1]) for line in lines if line.split()[0] == f"/{file}"][-1]


def run_limit(setup, row):
    """Run EXPLAIN ANALYZE of a LIMIT 1; find what was received, by us and by nginx."""
    result = run_sql(setup, row)
    time.sleep(0.2)
    result["received"] = int(re.search(r"Bytes Received: (\d+)", result["answer"])[1])
    result["sent"] = sent_of(setup, row.file)
    result["size"] = (setup.work / "files" / row.file).stat().st_size
    result["answer"] = re.search(r"Foreign Scan.*rows=(\d+)", result["answer"])[1] + " row"
    return result


def run_program(arguments):
    """Run a program that prints its result as JSON."""
    done = subprocess.run(arguments, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{arguments[:5]}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def run_floor(setup, row):
    """Inflate a file by a library."""
    library, file = row.argument
    return run_program([setup.work / "floor", library, setup.work / "files" / file])


def run_peer(setup, row):
    """Run a query by another engine."""
    engine, threads, query = row.argument
    query = query.format(files=setup.work / "files", base=setup.base)
    return run_program(["node", "bench/peer.mjs", setup.work / "peers", engine, str(threads), query])


RUN = {"sql": run_sql, "limit": run_limit, "floor": run_floor, "peer": run_peer}
