"""Accounts with listings of any length, most of which have something wrong."""
import datetime
import math
import re
import time

from fixtures import fill
from replies import UTC, as_json, http_date
from state import STATE
from tables import ACCOUNTS
from vendors.crustdata import (
    crust_error, crust_limit, crust_not_found, crust_page, crust_row, crust_status, crust_unauthorized, job_document)
from vendors.shared import bearer

SIZES = {"million": 1_000_000, "loop": 4, "nocursor": 3, "gaps": 4, "endless": 0,
         "pages": 25, "offsets": 25, "hundred": 100, "slow": 100,
         "limited": 2000}
ACCOUNT_START = datetime.datetime(2026, 6, 1, tzinfo=UTC)


def account_status(account, number):
    """The status of an account's job: mixed in `hundred`, else completed."""
    if account != "hundred" or number < 37:
        return "completed"
    return "processing" if number < 60 else "pending" if number < 80 else "failed"


def account_id(number):
    """The id of job number (from 0, newest first)."""
    return f"acc00000-0000-4000-8000-{number:012d}"


def account_number(account, identifier):
    """The number of a job of an account, None if it has no such job."""
    found = re.fullmatch(r"acc00000-0000-4000-8000-(\d{12})", identifier)
    number = int(found[1]) if found else -1
    return number if 0 <= number < SIZES[account] else None


def account_job(account, number):
    """Job number of an account, in Crustdata's shape."""
    status = account_status(account, number)
    created = ACCOUNT_START - datetime.timedelta(seconds=number)
    ended = created + datetime.timedelta(milliseconds=500)
    job = job_document(account_id(number), 3 if status == "completed" else 0)
    job.update(status=status, created_at=created.isoformat(),
               completed_at=ended.isoformat() if status in ("completed", "failed") else None)
    if status == "completed":
        job["download_url"] = fill("@FILES@/fault/small")
    if status == "failed":
        job["error_message"] = f"Job number {number} failed as planned."
    return job


def account_numbers(account, status, start):
    """The numbers of an account's jobs from start on, of one status if told."""
    if account != "hundred":
        return range(start, SIZES[account] if status in (None, "completed") else start)
    return [n for n in range(start, SIZES[account]) if status in (None, account_status(account, n))]


def cursor_page(request, status, account, **_):
    """A page of a well-behaved account: million, hundred."""
    account = account.partition("-")[0]
    limit, cursor = crust_limit(request), request.query.get("cursor")
    number = account_number(account, cursor) if cursor is not None else -1
    if limit is None or number is None:
        return crust_error(400, "invalid_request", "Invalid limit or cursor.")
    numbers = account_numbers(account, status, number + 1)
    return crust_page([account_job(account, n) for n in numbers[:limit]], len(numbers) > limit)


def odd_page(request, _, account):
    """A page of an account whose listing has a fault."""
    cursor = request.query.get("cursor")
    jobs = [account_job(account, n) for n in range(SIZES[account])]
    if account == "loop":
        return crust_page(jobs[2:] if cursor else jobs[:2], True, "again")
    if account == "nocursor":
        return as_json({"jobs": [crust_row(j) for j in jobs], "next_cursor": None, "has_more": True})
    step = int(cursor[5:]) if cursor and re.fullmatch(r"next-\d{1,9}", cursor) else 0
    if account == "endless":
        return crust_page([], True, f"next-{step + 1}")
    part = jobs[:2] if step == 0 else jobs[2:] if step == 4 else []
    return crust_page(part, step < 4, f"next-{step + 1}")


def numbered_page(request, status, account):
    """A page of the accounts that count pages or offsets."""
    size = request.number_of("pageSize" if account == "pages" else "limit", 20)
    place = request.number_of("page", 1) if account == "pages" else request.number_of("offset", 0)
    first = 1 if account == "pages" else 0
    if size is None or place is None or not 1 <= size <= 100 or place < first:
        return crust_error(400, "invalid_request", "Invalid page, offset or size.")
    numbers = account_numbers(account, status, 0)
    overlap = request.number_of("overlap", 0)
    start = max((place - 1) * size - overlap, 0) if account == "pages" else place - request.number_of("base", 0)
    stays = request.query.get("stays")
    rows = [crust_row(account_job(account, n)) for n in numbers[0 if stays else start:][:size]]
    if stays == "counts":
        rows = [{**row, "identifier_count": STATE.count(account)} for row in rows]
    if str(place) in request.query.get("hole", "").split(","):
        rows = []
    if account == "pages":
        return as_json({"items": rows, "page": place, "totalPages": request.query.get("total", -(-len(numbers) // size))})
    return as_json({"data": rows, "total": request.query.get("total", len(numbers))})


def account_list(account, request):
    """The listing of an account."""
    status, error = crust_status(request)
    return error or ACCOUNTS.answer(account, request, status)


def limit_rate(account, n, s, how):
    """None if a limited-… account takes one more request now, else its 429."""
    left = STATE.admit(account, int(n), int(s))
    if not left:
        return None
    reply = crust_error(429, "rate_limited", "Too many requests.")
    reply.headers.update({
        "after": lambda: {"Retry-After": str(math.ceil(left))},
        "date": lambda: {"Retry-After": http_date(math.ceil(time.time() + left)), "Date": http_date(time.time())},
        "reset": lambda: {"x-ratelimit-reset": str(math.ceil(left))},
        "epoch": lambda: {"x-ratelimit-reset": str(math.ceil(time.time() + left))},
        "early": lambda: {"x-ratelimit-reset": "0"},
        "silent": lambda: {},
    }[how]())
    return reply


def answer(request):
    """Every route under /accounts."""
    if not bearer(request):
        return crust_unauthorized()
    name = request.segments[1] if len(request.segments) > 1 else ""
    row, told = ACCOUNTS.find(name)
    if told:
        refused = limit_rate(name, **told)
        if refused:
            return refused
    account = name.partition("-")[0]
    noun = "jobs" if account in ("pages", "offsets") else "batch"
    match request.segments[2:]:
        case [word] if row and word == noun:
            return account_list(name, request)
        case [word, identifier] if row and word == noun:
            number = account_number(account, identifier)
            time.sleep(0.05 if account == "slow" else 0)
            return crust_not_found() if number is None else as_json(account_job(account, number))
    return crust_error(404, "not_found", "No such route")


ACCOUNTS.add(
    ("million", cursor_page, "1,000,000 completed jobs"),
    ("hundred", cursor_page, "100 jobs: 37 completed, 23 processing, 20 pending, 20 failed, in this order"),
    ("slow", cursor_page, "100 completed jobs; a single one takes 50 ms to answer"),
    ("limited-<n>-<s>-<how>", cursor_page, "2,000 completed jobs; n requests in s seconds, then 429 with the time left as"
     " `after` (Retry-After), `date`, `reset`, `epoch` (x-ratelimit-reset), `early` (reset 0) or `silent`"),
    ("loop", odd_page, "2 jobs a page, `next_cursor` is always `again`"),
    ("nocursor", odd_page, "3 jobs, `has_more` true, `next_cursor` null"),
    ("gaps", odd_page, "2 jobs, three empty pages with new cursors, 2 jobs, end"),
    ("endless", odd_page, "empty pages with new cursors for ever"),
    ("pages", numbered_page, "25 jobs at `/jobs?page=1&pageSize=20`: `{items, page, totalPages}`"),
    ("offsets", numbered_page, "25 jobs at `/jobs?offset=0&limit=20`: `{data, total}`"))
ACCOUNTS.note(
    "Of `pages` and `offsets` the query may say `overlap=3`, how many jobs a page repeats of the one before; `base=1`, that offsets count from 1; `stays=1`,\n"
    "that all pages are the first one, or `stays=counts`, with other counts each time; `hole=10,15`, that the pages of\n"
    "these numbers or offsets are empty; and `total=many`, for another total.")
