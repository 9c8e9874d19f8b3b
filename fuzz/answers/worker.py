"""A thread that runs rounds of cases, in sessions of its own, and looks at what comes of them.

Standard library only.
"""
import random
import threading
import time
import traceback

import checks
import cluster
import damages
import draws
import statements
import wire
from findings import LIMIT, Finding, Slow, judge, judge_rows
from world import CALM, LOUD, ODD, World

CASES = 24              # of a round
TRIES = 3               # of a case that is slow
WARM = 12               # rounds of a session before its memory counts
GROWTH = 64 << 10       # kB that it may grow by then
TOP_GROWTH = 2 << 20    # bytes that its topmost memory context may
PEAK = 400 << 10        # kB of a session, at any time
HEAVY = 0.02            # of the cases in which nothing is odd
FACTOR = 4              # memory that a statement may take, by the size of the largest answer
ROOM = 4 << 10          # kB besides
TABLES = ("jobs", "jobs", "docs", "results", "results", "results", "wide", "fixed", "direct")
ENCODINGS = ("UTF8", "UTF8", "UTF8", "UTF8", "LATIN1", "EUC_JP", "SQL_ASCII", "UTF8")
CONTEXTS = """
SELECT (SELECT string_agg(DISTINCT name, ', ') FROM pg_backend_memory_contexts
         WHERE name ~ '^batch_fdw' AND name !~ 'reject'),
       (SELECT used_bytes FROM pg_backend_memory_contexts WHERE name = 'TopMemoryContext')
"""


class Held:
    """What a session held when it was first looked at, and when it was warm."""

    def __init__(self):
        """Nothing is known yet."""
        self.rounds, self.descriptors, self.memory, self.top = 0, None, 0, 0


class Worker(threading.Thread):
    """A worker; .name is the prefix of its URLs, and its schema."""

    def __init__(self, fuzzer, number):
        """fuzzer: what all workers share."""
        super().__init__(daemon=True, name=f"w{number}")
        self.fuzzer, self.sessions, self.held = fuzzer, {}, {}

    def run(self):
        """Run rounds until it is enough."""
        try:
            while (number := self.fuzzer.next_round()) is not None:
                self.run_round(number)
        except Exception:               # a mistake of the fuzzer's own
            self.fuzzer.fail(traceback.format_exc())

    # ---------------------------------------------------------------- sessions

    def session(self, encoding):
        """The session of a database, made when first wanted."""
        if encoding not in self.sessions:
            session = self.fuzzer.cluster.connect("fuzz_" + encoding.lower())
            for sql in (f"SET statement_timeout = '{LIMIT}s'", "SET client_min_messages = warning",
                        f"CREATE SCHEMA IF NOT EXISTS {self.name}", f"SET search_path = {self.name}, public",
                        "CREATE TABLE IF NOT EXISTS loaded (n int, t text)", "SET client_min_messages = notice"):
                session.run(sql)
            self.sessions[encoding], self.held[encoding] = session, Held()
        return self.sessions[encoding]

    def drop_session(self, encoding):
        """End a session that may be in any state."""
        session = self.sessions.pop(encoding, None)
        if session:
            session.close()
        return session

    def lose(self, encoding, why, statement):
        """A session is lost: raise it if its statement was the cause, and not that of another."""
        session = self.drop_session(encoding)
        for i in range(100):
            time.sleep(0.1)
            crash = self.fuzzer.crash_of(session.pid, statement)
            if crash:
                raise Finding(f"crash: {crash}")
            if i > 10 and self.fuzzer.crashes:
                return
        raise Finding(f"the connection was lost: {why}")

    # ---------------------------------------------------------------- rounds and cases

    def make_round(self, number):
        """The options of a round, set; None where they are refused."""
        fuzzer = self.fuzzer
        api, files = (fuzzer.board.ports[name].origin + "/" + self.name for name in ("api", "files"))
        rnd = draws.Round(fuzzer.seed, number, api, files, fuzzer.providers, fuzzer.key_file, fuzzer.allowed)
        rnd.encoding = ENCODINGS[number % len(ENCODINGS)] if fuzzer.allowed("database:other") else "UTF8"
        rnd.statements = rnd.ddl(self.name)
        session = self.session(rnd.encoding)
        for sql in rnd.statements:
            outcome = session.run(sql)
            if outcome.error:
                fuzzer.count("refused", f"{outcome.error['C']} {outcome.error['M']}")
                session.run("ROLLBACK")
                return None
        return rnd

    def run_round(self, number):
        """Run the cases of a round."""
        try:
            rnd = self.make_round(number)
        except wire.Lost:               # by a crash elsewhere
            self.sessions.clear()
            time.sleep(0.3)
            return
        for case in range(number * CASES, (number + 1) * CASES) if rnd else ():
            if self.fuzzer.is_over():
                return
            self.try_case(rnd, case)
        if rnd:
            self.try_watch(rnd, number)

    def try_case(self, rnd, number):
        """Run a case, and report what is found; gives all that led to it."""
        for attempt in range(1, TRIES + 1):
            context = {"seed": self.fuzzer.seed, "case": number, "options": rnd.statements}
            try:
                self.run_case(rnd, number, context)
                break
            except Finding as finding:
                self.drop_session(rnd.encoding)
                if not isinstance(finding, Slow) or attempt == TRIES:
                    self.fuzzer.report(str(finding), context)
                    break
        return context

    def make_case(self, rnd, number):
        """The world of a case, and its statements."""
        rng = random.Random(f"{self.fuzzer.seed}/case/{number}")
        table, mode = rng.choice(TABLES), rng.choices((CALM, LOUD, ODD), (20, 25, 55))[0]
        world = World(self.fuzzer.seed, rnd, number, table, mode, self.fuzzer.allowed)
        world.schema = self.name
        found = checks.draw_checks(world, rng) if mode != ODD else None
        if found is None:
            world.mode = ODD
            return world, statements.draw_steps(world, rng)
        if mode == CALM and rng.random() < HEAVY:
            found[0][-1].weight = world.make_heavy(rng)
        if mode == LOUD:
            world.damage = None if world.is_disordered else damages.choose(rng, world, found[1])
            world.mode = LOUD if world.damage or world.is_disordered else CALM
        return world, found[0]

    def run_case(self, rnd, number, context):
        """Run the statements of a case."""
        world, steps = self.make_case(rnd, number)
        context.update(world=world, mode=world.mode, statements=[(step.sql, step.parameters) for step in steps],
                       outcomes=[])
        self.fuzzer.board.worlds[self.name] = world
        session = self.session(rnd.encoding)
        try:
            for step in steps:
                context["statement"] = step.sql
                self.run_step(session, step, world, context)
            self.tidy(session)
        except wire.Lost as lost:
            self.lose(rnd.encoding, lost, context["statement"])
        except wire.Late:
            raise Finding("the statement does not end") from None
        if world.leaks:
            raise Finding(world.leaks[0])
        if self.fuzzer.board.failure:
            raise self.fuzzer.board.failure

    def run_step(self, session, step, world, context):
        """Run one statement, and judge what it gives."""
        before = cluster.forget_peak(session.pid) if step.weight else None
        start = time.monotonic()
        outcome = session.run(step.sql) if step.parameters is None else session.execute(step.sql, step.parameters,
                                                                                        step.most)
        seconds = time.monotonic() - start
        context["outcomes"].append(f"{outcome.count} rows, {outcome.error or 'no error'}, {seconds:.3f} s")
        self.fuzzer.count("outcomes", f"{world.mode} {outcome.sqlstate}")
        judge(outcome, step, seconds, world.has_key, self.fuzzer.allowed)
        if step.expected is not None:
            self.fuzzer.count("checks", f"{world.mode} {'error' if outcome.error else 'rows'}")
            judge_rows(outcome, step, world)
        if before is not None and not cluster.PRELOAD:
            taken, most = cluster.memory_of(session.pid)[1] - before, step.weight * FACTOR // 1024 + ROOM
            if taken > most and self.fuzzer.allowed("memory:peak"):
                raise Finding(f"a statement took too much memory\n{taken} kB for {step.weight // 1024} kB")

    def tidy(self, session):
        """Leave no transaction, cursor or plan behind."""
        while session.status != "I":
            session.run("ROLLBACK")
        session.run("CLOSE ALL; DEALLOCATE ALL")

    # ---------------------------------------------------------------- what a session holds between rounds

    def try_watch(self, rnd, number):
        """Look at the session of a round, and report what is found."""
        session = self.sessions.get(rnd.encoding)
        if session is None:
            return
        try:
            self.watch(session, self.held[rnd.encoding])
        except wire.Lost:               # by a crash elsewhere
            self.drop_session(rnd.encoding)
        except Finding as finding:
            context = {"seed": self.fuzzer.seed, "case": number * CASES, "round": number, "options": rnd.statements}
            self.fuzzer.report(f"{finding}\nsome time until round {number}", context)
            self.drop_session(rnd.encoding)

    def watch(self, session, held):
        """Raise what an idle session holds that it should not."""
        names, top = session.run(CONTEXTS).rows[0]
        if names:
            raise Finding(f"memory contexts are left between statements: {names.decode()}")
        left = self.fuzzer.cluster.temporary_files(session.pid)
        if left:
            raise Finding(f"temporary files are left between statements: {left}")
        descriptors, memory = cluster.descriptors_of(session.pid), cluster.memory_of(session.pid)
        if memory is None or descriptors is None:
            return
        held.rounds += 1
        held.descriptors = held.descriptors or descriptors
        if descriptors != held.descriptors:
            raise Finding(f"descriptors are left between statements: {descriptors} instead of {held.descriptors}")
        if not cluster.PRELOAD:
            self.watch_memory(held, *memory, int(top))

    def watch_memory(self, held, now, most, top):
        """Raise that a session has more memory than when it was warm; now and most in kB, top in bytes."""
        self.fuzzer.note_memory((now, most))
        if held.rounds == WARM:
            held.memory, held.top = now, top
        elif held.rounds > WARM and (now > held.memory + GROWTH or top > held.top + TOP_GROWTH):
            raise Finding(f"memory grew from {held.memory} kB to {now} kB, its top from {held.top} to {top} bytes,"
                          f" in {held.rounds - WARM} rounds")
        if most > PEAK:
            raise Finding(f"a statement took {most} kB of memory")
