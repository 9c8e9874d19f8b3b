"""Statements whose answer is known: if nothing is odd they give it, else it or an error.

Standard library only.
"""
from draws import quote
from statements import Step, settings
from world import CALM, LOUD

COUNT = "SELECT count(*), coalesce(sum(n), 0) FROM {}"
PLENTY = ("16MB", None)     # of max_record_size


def counted(numbers):
    """How many numbers there are, and their sum, as a row."""
    numbers = list(numbers)
    return (str(len(numbers)), str(sum(numbers)))


def check_listing(world, rng):
    """All jobs, or those of one state or status."""
    jobs, where = world.jobs, ""
    if rng.random() < 0.5:
        state = rng.choice(world.told_states())
        word = next((job.word for job in jobs if job.state == state), None)
        jobs = [job for job in jobs if job.state == state]
        if rng.random() < 0.5 or word is None:
            where = f" WHERE state = {quote(state)}"
        else:
            where, jobs = f" WHERE status IN ({quote(word)}, 'no such')", [job for job in jobs if job.word == word]
    return [Step(COUNT.format(world.table) + where, expected=counted(job.index for job in jobs))]


def check_order(world, rng):
    """The first jobs in the listing's order, or those from a time on; all in order, where the listing may not be."""
    falling, jobs, table = "desc" in world.o["list_order"], world.jobs, world.table
    order = f"ORDER BY created_at{' DESC' if falling else ''}"
    if world.mode == LOUD and rng.random() < 0.6:
        world.is_disordered = True
        for job, created in zip(jobs, rng.sample([job.created for job in jobs], len(jobs))):
            job.created = created
        numbers = [str(job.index) for job in sorted(jobs, key=lambda job: job.created, reverse=falling)]
        return [Step(f"SELECT coalesce(string_agg(n::text, ' '), '') FROM (SELECT n FROM {table} {order}) AS t",
                     expected=(" ".join(numbers),))]
    if rng.random() < 0.5:
        n = rng.randrange(1, 9)
        inner = f"(SELECT n FROM {table} {order} LIMIT {n}) AS t"
        return [Step(COUNT.format(inner), expected=counted(job.index for job in jobs[:n]))]
    bound = rng.choice(jobs).created if jobs else "2026-06-20T05:00:00Z"
    there = [job.index for job in jobs if (job.created >= bound if falling else job.created <= bound)]
    return [Step(COUNT.format(table) + f" WHERE created_at {'>=' if falling else '<='} {quote(bound)}",
                 expected=counted(there))]


def check_job(world, rng):
    """Jobs by their ids, one of which there may not be."""
    ids = rng.sample(world.round.ids[:len(world.jobs) + 2], min(len(world.jobs) + 1, rng.randrange(1, 5)))
    kind = "::uuid[]" if world.round.uuids else ""
    where = rng.choice(("id IN ({})", f"id = ANY (ARRAY[{{}}]{kind})")) if len(ids) > 1 else "id = {}"
    there = counted(job.index for job in world.jobs if job.id in ids)
    return [Step(COUNT.format(world.table) + " WHERE " + where.format(", ".join(map(quote, ids))), expected=there)]


def numbers_of(jobs):
    """The n of all records of jobs."""
    return (record["n"] for job in jobs for part in job.parts for record in part)


def readable(world):
    """The jobs whose results may be read."""
    return [job for job in world.jobs if world.is_result_state(job) and job.way != "nothing"]


def check_results(world, rng):
    """The records of one job, or of several."""
    jobs = readable(world)
    if not jobs:
        return None
    jobs = rng.sample(jobs, min(len(jobs), rng.choice((1, 1, 1, 3))))
    where = f" WHERE id IN ({', '.join(quote(job.id) for job in jobs)})"
    return [Step(COUNT.format(world.table) + where, expected=counted(numbers_of(jobs)))]


def check_all(world, rng):
    """The records of all jobs that have any, through the listing."""
    if any(job.way == "nothing" for job in world.jobs if world.is_result_state(job)):
        return None
    return [Step(COUNT.format(world.table), expected=counted(numbers_of(readable(world))))]


def check_fixed(world, rng):
    """The records of the table's own job."""
    first = [job for job in readable(world) if job.index == 0]
    return [Step(COUNT.format("fixed"), expected=counted(numbers_of(first)))] if first else None


def check_direct(world, rng):
    """The records at the table's own URL."""
    return [Step(COUNT.format("direct"), expected=counted(record["n"] for record in world.direct))]


def checks(world):
    """The checks that fit a world, each with the kinds of answers that it needs."""
    o, table = world.o, world.round.tables[world.table]
    if o.get("max_record_size") not in PLENTY or (table.get("on_error") or "error") != "error":
        return []
    if o["result_hosts"] == "files.example.com" and world.round.tables[world.table]["resource"] == "results":
        return []
    askable = "id}" in (o.get("job_url") or "")
    listed = bool(o.get("list_url"))
    ordered = listed and "created_at" in o.get("list_order", "") and "created_at" not in o.get("list_lacks", "")
    files = ("job", "file", "hop") if o.get("hop_path") else ("job", "file")
    found = {
        "jobs": [(check_listing, ("listing",), listed), (check_order, ("listing",), ordered),
                 (check_job, ("job",), askable)],
        "results": [(check_results, files, askable), (check_all, ("listing", *files), listed)],
        "fixed": [(check_fixed, files, askable)],
        "direct": [(check_direct, ("file",), not o.get("hop_path"))]}
    name = {"docs": "jobs", "wide": "results"}.get(world.table, world.table)
    return [(check, kinds) for check, kinds, fits in found[name] if fits]


def draw_checks(world, rng):
    """Statements whose answer is known, and the kinds of answers that they need; or None."""
    found = checks(world)
    for check, kinds in rng.sample(found, len(found)):
        steps = check(world, rng)
        if steps and rng.random() < 0.3 and world.mode == CALM:
            steps = [Step("BEGIN"), Step(settings(world, rng)), *steps]
        if steps:
            return steps, kinds
    return None
