"""An imitation of four batch-job APIs and of their object store, for tests.

    python3 test/api.py [--port 9470] [--files-port 9471] [--four-digits] [--parent PID]

Serves two ports on 127.0.0.1, prints `ready API_PORT FILES_PORT` once both
listen, logs every request (GET /_log on the API port) and misbehaves on
request. test/README.md lists the routes. Standard library only.
"""
import argparse
import dataclasses
import datetime
import email.utils
import fcntl
import functools
import gzip
import hashlib
import hmac
import http.server
import itertools
import json
import math
import os
import pathlib
import random
import re
import select
import signal
import socket
import socketserver
import struct
import sys
import termios
import threading
import time
import traceback
import typing
import urllib.parse
import zlib

sys.dont_write_bytecode = True
import documents  # noqa: E402
import generate  # noqa: E402
import proof  # noqa: E402

KEY = "test-key"
FIXTURES = pathlib.Path(__file__).resolve().parent / "fixtures"
HOLD_SECONDS = 60
PIECE = 65536
BINARY = "binary/octet-stream"
UTC = datetime.timezone.utc


# ---------------------------------------------------------------- state

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


# ---------------------------------------------------------------- requests and replies

@dataclasses.dataclass
class Request:
    """One request as the routes see it."""
    server: str
    method: str
    path: str
    raw_query: typing.Optional[str]
    headers: dict
    connection: typing.Any
    number: int

    @functools.cached_property
    def segments(self):
        """The decoded parts of the path."""
        return [urllib.parse.unquote(s) for s in self.path.split("/")[1:]]

    @functools.cached_property
    def query(self):
        """The decoded query, first value of each name."""
        pairs = urllib.parse.parse_qsl(self.raw_query or "", keep_blank_values=True)
        return dict(reversed(pairs))

    def number_of(self, name, default):
        """A query parameter as an integer; None if it is not one."""
        try:
            return int(self.query.get(name, default))
        except ValueError:
            return None


@dataclasses.dataclass
class Reply:
    """One answer. The body is bytes or an iterable of bytes.

    framing: "length" (of `length`, else of the body), "chunked", "unended" (chunked
    without its end), "close" (ends with the connection), "raw" (no head at all).
    """
    status: int = 200
    body: typing.Any = b""
    type: str = BINARY
    headers: dict = dataclasses.field(default_factory=dict)
    length: typing.Optional[int] = None
    framing: str = "length"
    close: bool = False


def as_json(document, status=200, kind="application/json", **headers):
    """A JSON answer."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return Reply(status, body, kind, {k.replace("_", "-"): v for k, v in headers.items()})


def hold(request, seconds=HOLD_SECONDS):
    """Wait until the client has left, for a minute at most."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        readable, _, _ = select.select([request.connection], [], [], 0.5)
        if readable:
            if not request.connection.recv(1, socket.MSG_PEEK):
                return
            time.sleep(0.1)


def held(request, body=b""):
    """The body's bytes, then silence."""
    if body:
        yield body
    hold(request)


def origin(server):
    """scheme://host:port of "api" or "files"."""
    return STATE.origins[server]


# ---------------------------------------------------------------- error bodies

def crust_error(status, kind, message, **metadata):
    """An error in Crustdata's shape."""
    return as_json({"error": {"type": kind, "message": message, "metadata": metadata}}, status)


def problem(status, title, detail=None, /, **errors):
    """An error in CompanyEnrich's shape (application/problem+json)."""
    body = {"type": "https://tools.ietf.org/html/rfc9110#section-15", "title": title,
            "status": status, "traceId": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-00"}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    return as_json(body, status, "application/problem+json")


def html(status, title):
    """An HTML page."""
    page = f"<html>\n<head><title>{title}</title></head>\n<body><h1>{title}</h1></body>\n</html>\n"
    return Reply(status, page.encode(), "text/html; charset=utf-8")


def s3_error(status, code, message, **more):
    """An error in S3's shape."""
    inner = "".join(f"<{k.replace('_', '-')}>{v}</{k.replace('_', '-')}>" for k, v in more.items())
    text = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}'
            f"</Message>{inner}<RequestId>7E57000000000001</RequestId><HostId>dGVzdA==</HostId></Error>")
    return Reply(status, text.encode(), "application/xml")


def no_such_key(path):
    """S3's answer for an unknown object."""
    return s3_error(404, "NoSuchKey", "The specified key does not exist.", Key=path.lstrip("/"))


def expired(seconds=432000, ended="2020-03-06T08:00:00Z"):
    """S3's answer for a signed URL whose time is over."""
    return s3_error(403, "AccessDenied", "Request has expired", X_Amz_Expires=seconds,
                    Expires=ended, ServerTime=datetime.datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


# ---------------------------------------------------------------- signed URLs

def signature(path, date, seconds):
    """The signature of a URL path."""
    text = f"{path}\n{date}\n{seconds}".encode()
    return hmac.new(b"batch_fdw test secret", text, hashlib.sha256).hexdigest()


def signed(path, date=None, seconds="432000"):
    """The URL of an object with a signature, as of now unless a date is given."""
    date = date or datetime.datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"AKIATESTTESTTESTTEST%2F{date[:8]}%2Feu-north-1%2Fs3%2Faws4_request"
    return (f"{origin('files')}{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}"
            f"&X-Amz-Date={date}&X-Amz-Expires={seconds}&X-Amz-SignedHeaders=host"
            f"&X-Amz-Signature={signature(path, date, seconds)}")


def check_signature(request):
    """None if the signature of a request holds, else the error."""
    query = request.query
    if any(name in request.headers for name in ("authorization", "x-api-key")):
        return s3_error(400, "InvalidArgument", "Only one auth mechanism allowed; only the X-Amz-Algorithm"
                        " query parameter, Signature query string parameter or the Authorization header"
                        " should be specified", ArgumentName="Authorization")
    date, seconds = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
    right = signature(request.path, date, seconds)
    if request.method != "GET" or not hmac.compare_digest(right, query["X-Amz-Signature"]):
        return s3_error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match"
                        " the signature you provided. Check your key and signing method.")
    start = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    end = start + datetime.timedelta(seconds=int(seconds))
    if datetime.datetime.now(UTC) > end:
        return expired(seconds, end.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return None


def fill(value):
    """A fixture value with its placeholders replaced and its URLs signed."""
    if isinstance(value, dict):
        return {k: fill(v) for k, v in value.items()}
    if isinstance(value, list):
        return [fill(v) for v in value]
    if not isinstance(value, str):
        return value
    if value.startswith("@FILES@/") and value.split("/")[1] in VENDORS:
        path, _, query = value[len("@FILES@"):].partition("?")
        given = dict(urllib.parse.parse_qsl(query))
        return signed(path, given.get("X-Amz-Date"), given.get("X-Amz-Expires", "432000"))
    return value.replace("@FILES@", origin("files")).replace("@API@", origin("api"))


@functools.lru_cache(None)
def fixture_jobs(vendor):
    """The jobs of a vendor, newest first."""
    return json.loads((FIXTURES / vendor / "jobs.json").read_text("utf-8"))


def find_job(vendor, key, identifier):
    """The filled job document of that id, or None."""
    for job in fixture_jobs(vendor):
        if job[key] == identifier:
            return fill(job)
    return None


# ---------------------------------------------------------------- Crustdata

CRUST_STATUSES = ("pending", "processing", "completed", "failed")
CRUST_NOT_LISTED = ("download_url", "download_urls", "error_message")


def crust_rate(reply):
    """Add the rate limit headers of Crustdata (reset: seconds to wait)."""
    reply.headers.update({"x-ratelimit-limit": "30", "x-ratelimit-remaining": "29", "x-ratelimit-reset": "1"})
    return reply


def bearer(request):
    """Whether the request carries the key as a bearer token."""
    return request.headers.get("authorization") == f"Bearer {KEY}"


def crust_unauthorized():
    """Crustdata's answer without a valid key."""
    return crust_error(401, "unauthorized", "Invalid API token")


def crust_not_found():
    """Crustdata's answer for an unknown job."""
    return crust_error(404, "not_found", "Batch job not found")


def crust_status(request):
    """(status filter or None, error or None)."""
    status = request.query.get("status")
    if status is not None and status not in CRUST_STATUSES:
        return None, crust_error(400, "invalid_request", f"Invalid status '{status}'.",
                                 allowed=list(CRUST_STATUSES))
    return status, None


def crust_limit(request):
    """The page size: 20 unless told, clamped to 1..100; None if no number."""
    limit = request.number_of("limit", 20)
    return None if limit is None else min(max(limit, 1), 100)


def crust_row(job):
    """A job as the listing shows it."""
    return {k: v for k, v in job.items() if k not in CRUST_NOT_LISTED}


def crust_page(jobs, more, cursor=None):
    """A page of the listing; the cursor is the last job's id unless told."""
    if more and cursor is None:
        cursor = jobs[-1]["batch_id"]
    return as_json({"jobs": [crust_row(j) for j in jobs], "next_cursor": cursor if more else None,
                    "has_more": more})


def crust_list(request):
    """GET /crustdata/batch"""
    status, error = crust_status(request)
    limit, cursor = crust_limit(request), request.query.get("cursor")
    ids = [j["batch_id"] for j in fixture_jobs("crustdata")]
    if error or limit is None or (cursor is not None and cursor not in ids):
        return error or crust_error(400, "invalid_request", "Invalid limit or cursor.")
    start = 0 if cursor is None else ids.index(cursor) + 1
    jobs = [j for j in fixture_jobs("crustdata")[start:] if status in (None, j["status"])]
    return crust_page(jobs[:limit], len(jobs) > limit)


def crustdata(request):
    """Every route under /crustdata."""
    if not bearer(request):
        return crust_rate(crust_unauthorized())
    match request.segments[1:]:
        case ["batch"]:
            return crust_rate(crust_list(request))
        case ["batch", identifier]:
            job = find_job("crustdata", "batch_id", identifier) or fault_job(identifier)
            if job:
                return crust_rate(as_json(job))
            return api_fault(request, identifier) or crust_rate(crust_not_found())
    return crust_error(404, "not_found", "No such route")


# ---------------------------------------------------------------- CompanyEnrich

ENRICH_STATUSES = ("pending", "processing", "completing", "completed", "failed")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


def enrich_list(request):
    """GET /companyenrich/companies/enrich/bulk/jobs"""
    page, size = request.number_of("page", 1), request.number_of("pageSize", 20)
    status = request.query.get("status")
    if not page or page < 1:
        return problem(422, "Unprocessable Entity", page=["'Page' must be greater than 0."])
    if not size or not 1 <= size <= 100:
        return problem(422, "Unprocessable Entity", pageSize=["'Page Size' must be between 1 and 100."])
    if status is not None and status not in ENRICH_STATUSES:
        return problem(422, "Unprocessable Entity", status=[f"The value '{status}' is not valid."])
    jobs = [j for j in fixture_jobs("companyenrich") if status in (None, j["status"])]
    rows = [{k: v for k, v in j.items() if k not in ("results_url", "error_message")}
            for j in jobs[(page - 1) * size:page * size]]
    return as_json({"items": rows, "page": page, "totalPages": -(-len(jobs) // size),
                    "totalItems": len(jobs)})


def companyenrich(request):
    """Every route under /companyenrich."""
    if not bearer(request):
        return problem(401, "Unauthorized")
    match request.segments[1:]:
        case ["companies", "enrich", "bulk", "jobs"]:
            return enrich_list(request)
        case ["companies", "enrich", "bulk", identifier]:
            if not UUID.fullmatch(identifier):
                return problem(400, "Bad Request", f"The value '{identifier}' is not valid for jobId.")
            job = find_job("companyenrich", "job_id", identifier)
            return as_json(job) if job else problem(404, "Not Found", "Job not found")
    return problem(404, "Not Found")


# ---------------------------------------------------------------- Bigdata.com

def bigdata(request):
    """Every route under /bigdata; without the key a firewall answers with HTML."""
    if request.headers.get("x-api-key") != KEY:
        return html(403, "403 Forbidden")
    match request.segments[1:]:
        case ["v1", "search", "batches", identifier]:
            job = find_job("bigdata", "batch_id", identifier)
            if job:
                return as_json(job)
            return as_json({"statusCode": 404, "message": "Batch not found"}, 404)
    return as_json({"statusCode": 404, "message": "Resource not found"}, 404)


# ---------------------------------------------------------------- Pulse

def pulse_error(status, code, message):
    """An error in Pulse's shape."""
    return as_json({"error": {"code": code, "message": message}}, status)


def large_result(identifier):
    """The answer to GET /pulse/large_results/{id}, gone once it was read completely."""
    path = FIXTURES / "pulse" / "large_results" / f"{identifier}.json"
    mark = f"large_results/{identifier}"
    if not re.fullmatch(r"[\w-]+", identifier) or not path.exists():
        return pulse_error(404, "JOB_001", "Job not found")
    if mark in STATE.used:
        return pulse_error(410, "RES_410", "Result already downloaded")
    data = path.read_bytes()

    def once():
        """The bytes; used up when the last of them leave."""
        yield data[:-1]
        STATE.used.add(mark)
        yield data[-1:]
    return Reply(200, once(), "application/json", length=len(data))


def pulse(request):
    """Every route under /pulse."""
    if request.headers.get("x-api-key") != KEY:
        return pulse_error(401, "AUTH_002", "Invalid API key")
    match request.segments[1:]:
        case ["job", identifier]:
            job = find_job("pulse", "job_id", identifier)
            return as_json(job) if job else pulse_error(404, "JOB_001", "Job not found")
        case ["large_results", identifier]:
            return large_result(identifier)
    return pulse_error(404, "ROUTE_001", "No such route")


# ---------------------------------------------------------------- OpenAI, Anthropic, Mistral, Exa

def plain_error(status, message):
    """An error in OpenAI's shape, which serves for all four."""
    return as_json({"error": {"type": "invalid_request_error", "message": message}}, status)


def fixture_lines(vendor, name):
    """A JSONL file that the API itself serves; 404 if there is none."""
    path = FIXTURES / vendor / "files" / f"{name}.jsonl"
    if not re.fullmatch(r"[\w-]+", name) or not path.exists():
        return plain_error(404, "No such file")
    return Reply(200, path.read_bytes(), "application/binary")


def after_page(request, vendor, key, parameter, default):
    """A page behind the job that the cursor names: (jobs, has more)."""
    jobs = fixture_jobs(vendor)
    after = request.query.get(parameter)
    start = next((i + 1 for i, job in enumerate(jobs) if job[key] == after), 0) if after else 0
    end = start + (request.number_of("limit", default) or default)
    return [fill(job) for job in jobs[start:end]], end < len(jobs)


def job_or_404(vendor, key, identifier):
    """The answer with one job."""
    job = find_job(vendor, key, identifier)
    return as_json(job) if job else plain_error(404, f"No batch found with id '{identifier}'.")


def openai(request):
    """Every route under /openai."""
    if not bearer(request):
        return plain_error(401, "Incorrect API key provided")
    match request.segments[1:]:
        case ["v1", "batches"]:
            jobs, more = after_page(request, "openai", "id", "after", 20)
            return as_json({"object": "list", "data": jobs, "first_id": jobs[0]["id"] if jobs else None,
                            "last_id": jobs[-1]["id"] if jobs else None, "has_more": more})
        case ["v1", "batches", identifier]:
            return job_or_404("openai", "id", identifier)
        case ["v1", "files", name, "content"]:
            return fixture_lines("openai", name)
    return plain_error(404, "No such route")


def anthropic(request):
    """Every route under /anthropic; the version header is required."""
    if request.headers.get("x-api-key") != KEY:
        return plain_error(401, "invalid x-api-key")
    if request.headers.get("anthropic-version") != "2023-06-01":
        return plain_error(400, "anthropic-version: header is required")
    match request.segments[1:]:
        case ["v1", "messages", "batches"]:
            jobs, more = after_page(request, "anthropic", "id", "after_id", 20)
            return as_json({"data": jobs, "last_id": jobs[-1]["id"] if jobs else None, "has_more": more})
        case ["v1", "messages", "batches", identifier]:
            return job_or_404("anthropic", "id", identifier)
        case ["v1", "messages", "batches", identifier, "results"]:
            return fixture_lines("anthropic", identifier)
    return plain_error(404, "No such route")


def mistral(request):
    """Every route under /mistral; pages count from 0."""
    if not bearer(request):
        return plain_error(401, "Unauthorized")
    match request.segments[1:]:
        case ["v1", "batch", "jobs"]:
            status = request.query.get("status")
            jobs = [job for job in fixture_jobs("mistral") if status in (None, job["status"])]
            size = request.number_of("page_size", 100)
            start = request.number_of("page", 0) * size
            listed = [{k: v for k, v in job.items() if k != "outputs"} for job in jobs[start:start + size]]
            return as_json({"object": "list", "data": listed, "total": len(jobs)})
        case ["v1", "batch", "jobs", identifier]:
            return job_or_404("mistral", "id", identifier)
        case ["v1", "files", name, "content"]:
            return fixture_lines("mistral", name)
    return plain_error(404, "No such route")


def exa(request):
    """Every route under /exa; the beta header is required."""
    if request.headers.get("x-api-key") != KEY:
        return plain_error(401, "Invalid API key")
    if "exa-beta" not in request.headers:
        return plain_error(400, "Exa-Beta header is required")
    match request.segments[1:]:
        case ["batches"]:
            jobs, more = after_page(request, "exa", "batchId", "cursor", 20)
            return as_json({"data": jobs, "hasMore": more, "nextCursor": jobs[-1]["batchId"] if more else None})
        case ["batches", identifier]:
            return job_or_404("exa", "batchId", identifier)
    return plain_error(404, "No such route")


# ---------------------------------------------------------------- generated accounts

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


def account_cursor_page(account, request, status):
    """A page of a well-behaved account: million, hundred."""
    limit, cursor = crust_limit(request), request.query.get("cursor")
    number = account_number(account, cursor) if cursor is not None else -1
    if limit is None or number is None:
        return crust_error(400, "invalid_request", "Invalid limit or cursor.")
    numbers = account_numbers(account, status, number + 1)
    return crust_page([account_job(account, n) for n in numbers[:limit]], len(numbers) > limit)


def odd_page(account, cursor):
    """A page of an account whose listing has a fault."""
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


def numbered_page(account, request, status):
    """A page of the accounts that count pages or offsets."""
    size = request.number_of("pageSize" if account == "pages" else "limit", 20)
    place = request.number_of("page", 1) if account == "pages" else request.number_of("offset", 0)
    first = 1 if account == "pages" else 0
    if size is None or place is None or not 1 <= size <= 100 or place < first:
        return crust_error(400, "invalid_request", "Invalid page, offset or size.")
    numbers = account_numbers(account, status, 0)
    overlap = request.number_of("overlap", 0)
    start = max((place - 1) * size - overlap, 0) if account == "pages" else place
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
    if error:
        return error
    if account in ("pages", "offsets"):
        return numbered_page(account, request, status)
    if account in ("million", "hundred", "slow", "limited"):
        return account_cursor_page(account, request, status)
    return odd_page(account, request.query.get("cursor"))


LIMITED = re.compile(r"limited-(\d+)-(\d+)-([a-z]+)")


def limit_rate(account):
    """None if a limited-MOST-SECONDS-HOW account takes one more request now, else its 429."""
    most, seconds, how = LIMITED.fullmatch(account).groups()
    left = STATE.admit(account, int(most), int(seconds))
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


def accounts(request):
    """Every route under /accounts."""
    if not bearer(request):
        return crust_unauthorized()
    account = request.segments[1] if len(request.segments) > 1 else ""
    if LIMITED.fullmatch(account):
        refused = limit_rate(account)
        if refused:
            return refused
        account = "limited"
    noun = "jobs" if account in ("pages", "offsets") else "batch"
    match request.segments[2:]:
        case [word] if account in SIZES and word == noun:
            return account_list(account, request)
        case [word, identifier] if account in SIZES and word == noun:
            number = account_number(account, identifier)
            time.sleep(0.05 if account == "slow" else 0)
            return crust_not_found() if number is None else as_json(account_job(account, number))
    return crust_error(404, "not_found", "No such route")


# ---------------------------------------------------------------- what the test names

def large(request):
    """Every route under /large, with any key or none: a completed job, or a page, whose `rows` is a large value."""
    shape, megabytes = re.fullmatch(r"([a-z]+)-(\d{1,4})", request.segments[1]).groups()
    head = b'{"id":"%s","status":"completed","total":1,"rows":' % (request.segments[-1] or "large").encode()
    return Reply(200, itertools.chain([head], generate.large(shape, int(megabytes)), [b"}"]), "application/json", framing="chunked")


def named(request):
    """Every route under /named, with any key or none: hex digits stand for the text that is named."""
    try:
        text = bytes.fromhex(request.segments[2])
        if request.segments[1] == "batch":
            return as_json(job_with_url(request.segments[2], 3, text.decode("utf-8")))
        if request.segments[1] == "json":
            return Reply(200, text, "application/json")
    except (IndexError, ValueError):
        return crust_not_found()
    return Reply(int(request.segments[1]), headers={"Location": text.decode("latin-1")})


def told(request):
    """Every route under /told/STATUS/HEX, whatever follows, with any key or none: hex digits stand for the body."""
    try:
        kind = bytes.fromhex(request.query.get("type", b"application/json".hex())).decode("latin-1")
        return Reply(int(request.segments[1]), bytes.fromhex(request.segments[2]), kind)
    except (IndexError, ValueError):
        return crust_not_found()


# ---------------------------------------------------------------- faulty jobs

# Result counts of the jobs whose id is the name of a /fault/ file; the others have 3.
FAULT_COUNTS = {"truncated": 50, "cut": 50, "badcrc": 50, "drip": 50, "stall": 20000,
                "full-speed": 1_000_000, "bad-line": 5, "bad-value": 5, "utf8": 5}
BAD_URLS = {"bad-url-ftp": "ftp://127.0.0.1/fault/small", "bad-url-private": "http://10.0.0.1/fault/small"}
SHAPES = {
    "1": {"error": {"type": "invalid_request", "message": "Shape one: no such field."}},
    "2": {"error": "Shape two: no such field."},
    "3": {"message": "Shape three: no such field."},
    "4": {"errors": [{"message": "Shape four: no such field."}]},
}


def job_document(identifier, count):
    """A completed job in Crustdata's shape, without URLs."""
    return {"batch_id": identifier, "status": "completed", "entity": "company", "action": "enrich",
            "identifier_count": count, "result_count": count, "entities_requested": count,
            "entities_fulfilled": count, "created_at": "2026-06-14T12:00:00+00:00",
            "completed_at": "2026-06-14T12:00:09.500000+00:00"}


def job_with_url(identifier, count, url):
    """A completed job with a download_url."""
    return {**job_document(identifier, count), "download_url": url}


def odd_job(name):
    """The jobs whose document is what is wrong, None for other names."""
    job = job_document(name, 3)
    if name in BAD_URLS:
        job["download_url"] = BAD_URLS[name]
    elif name == "bad-url-userinfo":
        job["download_url"] = origin("files").replace("//", "//user:secret@") + "/fault/small"
    elif name == "not-done":
        job.update(status="processing", completed_at=None)
    elif name == "zero-null":
        job.update(result_count=0, entities_fulfilled=0, download_url=None)
    elif name != "no-url":
        return None
    return job


def fault_job(name):
    """The job document of a fault id, None if the name is not one."""
    made = re.fullmatch(r"(big|narrow)-(\d{1,9})", name)
    if made:
        kind = "enrich" if made[1] == "big" else "narrow"
        return job_with_url(name, int(made[2]), fill(f"@FILES@/gen/{kind}-{made[2]}.jsonl.gz"))
    made = re.fullmatch(r"parts-(\d{1,3})-(\d{1,9})(-bad|-more|-hang)?", name)
    if made:
        urls = [fill(f"@FILES@/gen/narrow-{made[2]}.jsonl.gz?part={n}") for n in range(1, int(made[1]) + 1)]
        if made[3] in ("-bad", "-hang"):
            urls[-1] = fill("@FILES@/fault/" + {"-bad": "badcrc", "-hang": "hang"}[made[3]])
        count = int(made[1]) * int(made[2]) + (made[3] == "-more")
        return {**job_document(name, count), "download_urls": urls}
    if proof.parse(name):
        return proof_job(name, proof.parse(name))
    if name.startswith("edge-") and name[5:] in edge_files():
        return job_with_url(name, None, fill(f"@FILES@/edge/{name[5:]}"))
    if name in FAULTS or RETRY.fullmatch(name):
        return job_with_url(name, FAULT_COUNTS.get(name, 3), fill(f"@FILES@/fault/{name}"))
    return odd_job(name)


RETRY = re.compile(r"retry-(\d{1,6})-([2-5]\d\d)(?:-([-\w.]+))?")


def http_date(epoch):
    """An HTTP date."""
    return email.utils.formatdate(epoch, usegmt=True)


def retry_headers(hint):
    """The headers for a hint: dateN (an HTTP date in N seconds), skewN (the same, of a clock that is a day
    ahead), resetN, epochN (x-ratelimit-reset), anything else as Retry-After; several are joined by _."""
    headers, now = {}, int(time.time())
    for part in hint.split("_") if hint else []:
        kind, number = re.fullmatch(r"(date|skew|reset|epoch)?(.*)", part).groups()
        match kind:
            case "date":
                headers.update({"Date": http_date(now), "Retry-After": http_date(now + int(number))})
            case "skew":
                headers.update({"Date": http_date(now + 86400), "Retry-After": http_date(now + 86400 + int(number))})
            case "reset":
                headers["x-ratelimit-reset"] = number
            case "epoch":
                headers.update({"Date": http_date(now), "x-ratelimit-reset": str(now + int(number))})
            case _:
                headers["Retry-After"] = part
    return headers


def api_retry(name):
    """The answer of an api-retry-… id."""
    times, status, hint = RETRY.fullmatch(name[4:]).groups()
    if STATE.count(name) > int(times):
        return as_json(job_with_url(name, 3, fill("@FILES@/fault/small")))
    reply = crust_error(int(status), "temporary", f"Answer {status} as asked for.")
    reply.headers.update(retry_headers(hint))
    return reply


WAIT = re.compile(r"wait(-[a-z]+(:\d+(:\d+)?)?)+")


def waiting_job(name):
    """The answer of a wait-… id: each request takes the next of its steps, the last stays.

    A step is WORD[:COUNT[:RETRY_AFTER]]: the status, result_count and the Retry-After of the answer; the word
    `gone` is 404, `busy` 503, `mute` a job without a status.
    """
    steps = name.split("-")[1:]
    word, count, pause = (steps[min(STATE.count(name), len(steps)) - 1] + "::").split(":")[:3]
    if word == "gone":
        return crust_not_found()
    if word == "busy":
        return crust_error(503, "busy", "The API is busy.")
    job = job_document(name, 3 if word == "completed" else int(count or 0))
    job["status"] = None if word == "mute" else word
    if word == "completed":
        job["download_url"] = fill("@FILES@/fault/small")
    else:
        job["completed_at"] = None
    if word == "failed":
        job["error_message"] = "It failed as planned."
    reply = as_json(job)
    reply.headers.update({"Retry-After": pause} if pause else {})
    return reply


def api_shape(number):
    """A 422 in one of five shapes."""
    if number == "5":
        return problem(422, "Shape five", "No such field.", fields=["'colour' is unknown."])
    return as_json(SHAPES[number], 422)


def api_echo(kind):
    """An answer that tells the key and a signature: as an error, a page, a job's words or its status."""
    words = f"{KEY} is the key, see {signed('/crustdata/x')} and http://user:secret@127.0.0.1/."
    if kind == "job":
        return as_json({**job_document("api-echo-job", 3), "status": "failed", "error_message": words})
    if kind == "status":
        return as_json({**job_document("api-echo-status", 3), "status": words})
    if kind == "host":
        return Reply(302, headers={"Location": f"https://{KEY}.example/{KEY}?{KEY}"})
    return html(200, words) if kind == "html" else crust_error(422, KEY, words)


def api_fault(request, name):
    """The answer of an api-… or wait-… id, None if there is no such id."""
    good = json.dumps(job_with_url(name, 3, fill("@FILES@/fault/small"))).encode()
    kind = "application/json"
    if name.startswith("api-retry-") and RETRY.fullmatch(name[4:]):
        return api_retry(name)
    if WAIT.fullmatch(name):
        return waiting_job(name)
    if re.fullmatch(r"api-422-shape[1-5]", name):
        return api_shape(name[-1])
    if re.fullmatch(r"api-(400|401|402|403|404|410|422|500)", name):
        return crust_error(int(name[4:]), f"fault_{name[4:]}", f"Answer {name[4:]} as asked for.")
    if re.fullmatch(r"api-echo-(error|html|job|status|host)", name):
        return api_echo(name[9:])
    match name:
        case "api-html":
            return html(200, "Please log in")
        case "api-badjson":
            return Reply(200, good[:-10] + b",,", kind)
        case "api-redirect":
            return Reply(302, headers={"Location": fill("@FILES@/fault/small")})
        case "api-hang":
            return Reply(body=held(request), framing="raw")
        case "api-stall":
            return Reply(200, held(request, good[:len(good) // 2]), kind, length=len(good), close=True)
        case "api-endless":
            return Reply(200, for_ever(b"a" * 60000, good[:-2]), kind, framing="chunked")
        case "api-loris":
            return Reply(200, slowly(good, 1, 1.5), kind, length=len(good), close=True)
        case "api-drop":
            return Reply(framing="raw")
    return None


# ---------------------------------------------------------------- object store: contents

@dataclasses.dataclass
class Content:
    """A stored object: its size, its ETag and how to get its pieces."""
    size: int
    etag: str
    pieces: typing.Callable
    type: str = BINARY


def stored(data, kind=BINARY):
    """The Content of some bytes."""
    return Content(len(data), f'"{hashlib.md5(data).hexdigest()}"', lambda: pieces(data), kind)


def pieces(data, size=PIECE):
    """Bytes in pieces."""
    return (data[i:i + size] for i in range(0, len(data), size))


def generated(kind, count, packed):
    """The Content of a generated file."""
    etag = hashlib.md5(f"{kind}-{count}-{packed}".encode()).hexdigest()
    return Content(generate.size(kind, count, packed), f'"{etag}"',
                   lambda: generate.records(kind, count, packed))


def part(chunks, first, last):
    """The bytes first..last of the chunks."""
    place = 0
    for chunk in chunks:
        piece = chunk[max(first - place, 0):max(last + 1 - place, 0)]
        place += len(chunk)
        if piece:
            yield piece
        if place > last:
            return


def byte_range(text, size):
    """(first, last) of a Range header; None to ignore it; () if it cannot be met."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", text or "")
    if not found or not any(found.groups()):
        return None
    if not found[1]:
        first, last = max(size - int(found[2]), 0), size - 1
    else:
        first, last = int(found[1]), min(int(found[2] or size), size - 1)
    if found[2] and found[1] and int(found[2]) < first:
        return None
    return (first, last) if first <= last else ()


def serve(request, content):
    """The answer with an object or with the asked-for part of it."""
    headers = {"ETag": content.etag, "Accept-Ranges": "bytes", "Last-Modified": "Mon, 01 Jun 2026 00:00:00 GMT"}
    if request.headers.get("if-match", content.etag) not in (content.etag, "*"):
        return s3_error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold",
                        Condition="If-Match")
    asked = byte_range(request.headers.get("range"), content.size)
    if request.headers.get("if-range", content.etag) != content.etag:
        asked = None
    if asked is None:
        return Reply(200, content.pieces(), content.type, headers, content.size)
    if not asked:
        reply = s3_error(416, "InvalidRange", "The requested range is not satisfiable")
        reply.headers["Content-Range"] = f"bytes */{content.size}"
        return reply
    first, last = asked
    headers["Content-Range"] = f"bytes {first}-{last}/{content.size}"
    return Reply(206, part(content.pieces(), first, last), content.type, headers, last - first + 1)


def zipped(data):
    """Gzip bytes that depend on nothing but the data."""
    return gzip.compress(data, 6, mtime=0)


def fixture_file(request):
    """A result file of a vendor; a name in .gz may stand for the plain file."""
    root = FIXTURES / request.segments[0] / "files"
    path = root.joinpath(*request.segments[1:]).resolve()
    if root not in path.parents:
        return no_such_key(request.path)
    if path.is_file():
        return serve(request, stored(path.read_bytes()))
    if path.suffix == ".gz" and path.with_suffix("").is_file():
        return serve(request, stored(zipped(path.with_suffix("").read_bytes())))
    return no_such_key(request.path)


# ---------------------------------------------------------------- object store: edge cases

GOOD = b'{"a":1,"b":"one"}\n{"a":2,"b":"two"}\n{"a":3,"b":"three"}\n'
LINES = GOOD.splitlines(True)
OBJECTS = [json.loads(line) for line in LINES]


def with_second(value):
    """The three good records with another text (bytes, JSON) as b of the second."""
    return LINES[0] + b'{"a":2,"b":' + value + b"}\n" + LINES[2]


def nested(depth):
    """An array in an array in …"""
    return b"[" * depth + b"]" * depth


def edge_plain():
    """Plain files that hold exactly the three records, or none."""
    pretty = json.dumps(OBJECTS, indent=2).encode() + b"\n"
    wrapped = {"meta": {"page": 1, "note": "not a record"}, "data": {"items": OBJECTS}}
    marks = "".join(f'{{"a":{i},"b":"x{c}y"}}\n' for i, c in enumerate("\u2028\u2029\u0085", 1))
    return {
        "good.jsonl": GOOD,
        "bom.jsonl": b"\xef\xbb\xbf" + GOOD,
        "crlf.jsonl": GOOD.replace(b"\n", b"\r\n"),
        "blank_lines.jsonl": b"\n" + LINES[0] + b"\n  \t\n" + LINES[1] + b"\r\n" + LINES[2] + b"\n\n",
        "no_final_newline.jsonl": GOOD[:-1],
        "only_newlines.jsonl": b"\n\r\n\n",
        "empty.jsonl": b"",
        "empty.jsonl.gz": zipped(b""),
        "line_separators.jsonl": marks.encode(),
        "pretty_array.json": pretty,
        "pretty_object.json": json.dumps(OBJECTS[0], indent=2).encode() + b"\n",
        "compact_array.json": json.dumps(OBJECTS, separators=(",", ":")).encode(),
        "empty_array.json": b"[]\n",
        "wrapped_array.json": json.dumps(wrapped).encode(),
        "duplicate_keys.jsonl": GOOD.replace(b'{"a"', b'{"a":0,"a"'),
    }


def edge_hard():
    """Plain files with a record or an end that is hard to take."""
    array = json.dumps(OBJECTS).encode()
    return {
        "non_objects.jsonl": b'1\n"text"\nnull\ntrue\n[1,2]\n-2.5e3\n' + LINES[0],
        "array_garbage.json": array + b"\nand then some text\n",
        "array_unclosed.json": array[:-1],
        "two_objects_one_line.jsonl": LINES[0][:-1] + b" " + LINES[1] + LINES[2],
        "raw_control.jsonl": with_second(b'"x\x01y"'),
        "raw_nul.jsonl": with_second(b'"x\x00y"'),
        "nul_escape.jsonl": with_second(b'"x\\u0000y"'),
        "lone_surrogate.jsonl": with_second(b'"x\\ud83dy"'),
        "invalid_utf8.jsonl": with_second(b'"x\xc3(\xffy"'),
        "deep_1000.jsonl": with_second(nested(1000)),
        "deep_7000.jsonl": with_second(nested(7000)),
        "long_line_3mb.jsonl.gz": zipped(with_second(b'"' + b"0123456789abcdef" * 196608 + b'"')),
        "truncated_last_line.jsonl": GOOD[:-7],
        "html_200.html": html(200, "Please log in").body,
        "s3_error_200.xml": s3_error(200, "InternalError", "We encountered an internal error.").body,
    }


def fancy_gzip(data):
    """A gzip member whose header has an extra field, a name and a checksum."""
    plain = zipped(data)
    head = plain[:3] + bytes([0x02 | 0x04 | 0x08]) + plain[4:10]
    head += struct.pack("<H", 8) + b"TE\x04\x00four" + b"results.jsonl\x00"
    return head + struct.pack("<H", zlib.crc32(head) & 0xFFFF) + plain[10:]


def gzip_head(flags, more=b"", method=8):
    """The good file with other flags, further header fields or another method."""
    plain = zipped(GOOD)
    return plain[:2] + bytes([method, flags]) + plain[4:10] + more + plain[10:]


def edge_gzip_rare():
    """Gzip files with headers and endings that are seldom met."""
    good = zipped(GOOD)
    fancy = fancy_gzip(GOOD)
    return {
        "fextra.gz": gzip_head(4, struct.pack("<H", 8) + b"TE\x04\x00four"),
        "long_fname.gz": gzip_head(8, b"n" * 65536 + b"\x00"),
        "fcomment.gz": gzip_head(16, b"a comment\x00"),
        "ftext.gz": gzip_head(1),
        "bad_fhcrc.gz": fancy.replace(b"results.jsonl", b"resulTs.jsonl"),
        "reserved_flags.gz": gzip_head(0xe0),
        "method_7.gz": gzip_head(0, method=7),
        "stored_blocks.gz": gzip.compress(GOOD, 0, mtime=0),
        "lone_1f_behind.gz": good + b"\x1f",
        "magic_behind.gz": good + b"\x1f\x8b",
        "zeros_then_member.gz": good + bytes(16) + good,
        "raw_deflate": zlib.compress(GOOD)[2:-4],
        "bomb.gz": gzip.compress(b"\n" * (64 << 20) + GOOD, 9, mtime=0),
    }


def edge_gzip():
    """Gzip files, well-formed (in rare ways) and damaged."""
    good, slices = zipped(GOOD), [GOOD[i * len(GOOD) // 20:(i + 1) * len(GOOD) // 20] for i in range(20)]
    middle = len(good) // 2
    return {
        "good.gz": good,
        "multi_member.gz": b"".join(map(zipped, LINES)),
        "empty_members.gz": b"".join(map(zipped, (b"", LINES[0], b"", b"", LINES[1] + LINES[2], b""))),
        "twenty_members.gz": b"".join(map(zipped, slices)),
        "gz_in_gz.gz": zipped(good),
        "misnamed_plain.gz": GOOD,
        "misnamed_gzip.jsonl": good,
        "trailing_zeros.gz": good + bytes(512),
        "trailing_garbage.gz": good + b"and then some text",
        "bad_crc.gz": good[:-8] + bytes([good[-8] ^ 1]) + good[-7:],
        "bad_isize.gz": good[:-4] + bytes([good[-4] ^ 1]) + good[-3:],
        "bit_flip.gz": good[:middle] + bytes([good[middle] ^ 4]) + good[middle + 1:],
        "cut_half.gz": good[:middle],
        "cut_trailer4.gz": good[:-4],
        "cut_trailer8.gz": good[:-8],
        "cut_header.gz": good[:6],
        "lone_1f.gz": b"\x1f",
        "fname_fextra_fhcrc.gz": fancy_gzip(GOOD),
        "zlib_raw": zlib.compress(GOOD),
    }


@functools.lru_cache(None)
def edge_files():
    """All files under /edge/."""
    return {**edge_plain(), **edge_hard(), **edge_gzip(), **edge_gzip_rare()}


# ---------------------------------------------------------------- object store: faults

def envelopes(count, **changes):
    """JSONL of enrichment records 1..count; changes: number -> replacement of its data's headcount."""
    return b"".join(b'{"original_identifier":"r%d.example","internal_id":%d,"data":{"name":"Record %d",'
                    b'"headcount":%s,"hq":{"city":"Oslo"}}}\n'
                    % (i, i, i, changes.get(f"r{i}", b"%d" % (i * 10))) for i in range(1, count + 1))


@functools.lru_cache(None)
def fault_data(count):
    """A good gzip file of count records, big enough to be cut: random-looking names."""
    lines = []
    for i in range(1, count + 1):
        name = hashlib.sha256(b"%d" % i).hexdigest()
        lines.append(b'{"original_identifier":"r%d.example","internal_id":%d,"data":{"name":"%s",'
                     b'"headcount":%d,"hq":{"city":"Oslo"}}}\n' % (i, i, name.encode(), i * 10))
    return zipped(b"".join(lines))


def small(request):
    """The good file: three records."""
    return serve(request, stored(zipped(envelopes(3))))


def damaged(name):
    """The faults that are fixed bytes with an honest length, None for other names."""
    data = fault_data(50)
    bodies = {
        "truncated": data[:len(data) // 2],
        "badcrc": data[:-8] + bytes([data[-8] ^ 1]) + data[-7:],
        "html": html(200, "Please log in"),
        "s3-200": s3_error(200, "InternalError", "We encountered an internal error. Please try again."),
        "expired": expired(),
        "missing": no_such_key("/fault/missing"),
        "gone": s3_error(410, "Gone", "The result was deleted."),
        "bad-line": envelopes(5, r2=b'20,"oops'),
        "bad-value": envelopes(5, r3=b'"lots"'),
        "utf8": envelopes(5, r2=b'20,"note":"x\xc3(y"'),
    }
    if name == "hop":
        return as_json({"url": origin("files") + "/fault/small", "expires_at": "2026-07-01T00:00:00Z"})
    found = bodies.get(name)
    return Reply(body=found) if isinstance(found, bytes) else found


def redirects(name):
    """The faults that send the client elsewhere, None for other names."""
    places = {"redirect": "@FILES@/fault/small", "redirect-relative": "small",
              "redirect-loop": "@FILES@/fault/redirect-loop",
              "redirect-api": "@API@/crustdata/batch/small",
              "redirect-private": "http://10.0.0.1/"}
    if name not in places:
        return None
    return Reply(302, headers={"Location": fill(places[name])})


def slowly(data, size, pause):
    """Bytes in tiny pieces with a pause after each."""
    for piece in pieces(data, size):
        yield piece
        time.sleep(pause)


def endless_headers():
    """A response head without end (256 MB, should the client not give up)."""
    yield b"HTTP/1.1 200 OK\r\n"
    for number in range(4_000_000):
        yield b"x-filler-%07d: %s\r\n" % (number, b"y" * 44)


def stalled(request):
    """64 KB of a big file, then silence."""
    chunks = generate.gzipped("enrich", 20000)
    data = b"".join(part(chunks, 0, PIECE - 1))
    return Reply(body=held(request, data), length=generate.size("enrich", 20000, True), close=True)


def broken(request, name):
    """The faults of timing and framing, None for other names."""
    data, plain = fault_data(50), envelopes(3)
    match name:
        case "cut":
            return Reply(body=data[:len(data) // 2], length=len(data), close=True)
        case "stall":
            return stalled(request)
        case "hang":
            return Reply(body=held(request), framing="raw")
        case "slow":
            return Reply(body=slowly(fault_data(3), 1, 0.3), length=len(fault_data(3)))
        case "drip":
            return Reply(body=slowly(data, 7, 0), length=len(data))
        case "cl-short":
            return Reply(body=plain, length=len(plain) + 100, close=True)
        case "chunked-cut":
            return Reply(body=pieces(plain, 50), framing="unended", close=True)
        case "close-framed":
            return Reply(body=plain, framing="close", close=True)
        case "many-headers":
            return Reply(body=endless_headers(), framing="raw")
        case "full-speed":
            return Reply(body=generate.endless("enrich"), framing="chunked")
    return None


RAW_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: binary/octet-stream\r\nConnection: close\r\n"


def for_ever(piece, start=b"", most=1 << 30):
    """Some bytes, then the same piece again and again, up to 1 GB unless told."""
    if start:
        yield start
    for _ in range(most // len(piece)):
        yield piece


def hostile_heads(name):
    """Raw answers whose head or framing is meant to harm, None for other names."""
    filler, plain = b"y" * 60000, envelopes(3)
    lengths = {"cl-garbage": b"Content-Length: many\r\n", "cl-negative": b"Content-Length: -5\r\n",
               "cl-two": b"Content-Length: 100\r\nContent-Length: 200\r\n",
               "cl-small": b"Content-Length: %d\r\n" % (len(plain) - 10),
               "cl-mixed": b"Content-Length: %dx\r\n" % len(plain),
               "cl-huge": b"Content-Length: 99999999999999999999\r\n",
               "cl-twice": b"Content-Length: %d\r\n" % len(plain) * 2,
               "te-identity": b"Transfer-Encoding: identity\r\n",
               "te-identity-length": b"Content-Length: %d\r\nTransfer-Encoding: identity\r\n" % len(plain)}
    codings = {"te-chunked-identity": b"chunked, identity\r\n", "te-chunked-length": b"Chunked\r\nContent-Length: 10\r\n"}
    chunked = RAW_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    if name in lengths:
        return [RAW_HEAD + lengths[name] + b"\r\n" + plain]
    if name in codings:
        return [RAW_HEAD + b"Transfer-Encoding: " + codings[name] + b"\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(plain), plain)]
    match name:
        case "loris-head":
            return slowly(RAW_HEAD + b"Content-Length: 0\r\n\r\n", 1, 1.5)
        case "endless-1xx":
            return for_ever(b"HTTP/1.1 100 Continue\r\n\r\n")
        case "endless-line":
            return for_ever(filler, b"HTTP/1.1 200 OK\r\nx-long: ")
        case "endless-trailer":
            return for_ever(b"x-trailer: %s\r\n" % (b"y" * 1000),
                            chunked + b"%x\r\n%s\r\n0\r\n" % (len(plain), plain))
        case "endless-extension":
            # it ends by the clock alone, however fast the machine is
            return for_ever(filler, chunked + b"5;", 1 << 50)
        case "endless-error":
            return for_ever(filler, b"HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n")
        case "chunk-garbage":
            return [chunked + b"zz\r\n" + plain]
        case "chunk-huge":
            return [chunked + b"fffffffffffffffffff\r\n" + plain]
        case "chunk-longer":
            return [chunked + b"%x\r\n%s\r\n0\r\n\r\n" % (len(plain) + 50, plain)]
    return None


def hostile_bodies(name):
    """Bodies that do not end, or that swell, None for other names."""
    swelling = gzip.compress(b"a" * (16 << 20), 9, mtime=0)
    bodies = {"endless-record": lambda: for_ever(b"a" * 60000, b'{"name":"'),
              "endless-array": lambda: for_ever(b"a" * 60000, b'[{"name":"'),
              "endless-document": lambda: for_ever(b'"k":"v",\n' * 6000, b"{\n"),
              "endless-blank": lambda: for_ever(b" " * 60000),
              "bomb-record": lambda: for_ever(swelling, zipped(b'{"name":"'), 64 * len(swelling)),
              "bomb-in-bomb": lambda: [zipped(b"".join([swelling] * 64))]}
    return bodies[name]() if name in bodies else None


HOSTILE_BODIES = ("endless-record", "endless-array", "endless-document", "endless-blank", "bomb-record", "bomb-in-bomb")
HOSTILE_HEADS = ("cl-garbage", "cl-negative", "cl-two", "cl-small", "cl-mixed", "cl-huge", "cl-twice", "te-identity",
                 "te-identity-length", "te-chunked-identity", "te-chunked-length", "loris-head", "endless-1xx", "endless-line",
                 "endless-trailer", "endless-extension", "endless-error", "chunk-garbage", "chunk-huge", "chunk-longer")


def hostile(name):
    """The faults of a server that means harm, None for other names."""
    if name in HOSTILE_HEADS:
        return Reply(body=hostile_heads(name), framing="raw")
    return Reply(body=hostile_bodies(name), framing="chunked") if name in HOSTILE_BODIES else None


FAULTS = frozenset(HOSTILE_HEADS + HOSTILE_BODIES + (
    "small", "truncated", "cut", "badcrc", "stall", "hang", "slow", "drip", "redirect",
    "redirect-relative", "redirect-loop", "redirect-api", "redirect-private", "html", "s3-200",
    "expired", "missing", "gone", "slowdown", "cl-short", "chunked-cut", "close-framed",
    "many-headers", "full-speed", "bad-line", "bad-value", "utf8", "hop"))


def slow_down(times, status, hint, name, request):
    """`times` answers of a status, then the good file."""
    if STATE.count(f"fault/{name}") > times:
        return small(request)
    reply = s3_error(status, "SlowDown" if status == 503 else f"Fault{status}", "Please reduce your request rate.")
    reply.headers.update(retry_headers(hint))
    return reply


def fault(request, name):
    """The answer to GET /fault/{name}."""
    retry = RETRY.fullmatch(name)
    if retry:
        return slow_down(int(retry[1]), int(retry[2]), retry[3], name, request)
    if name == "slowdown":
        return slow_down(1, 503, None, name, request)
    if name == "small":
        return small(request)
    return damaged(name) or redirects(name) or broken(request, name) or hostile(name) or no_such_key(request.path)


def gen(request, name):
    """The answer to GET /gen/{kind}-{n}.jsonl[.gz]"""
    found = re.fullmatch(r"(documents|numbers)-(\d{1,9})\.jsonl", name)
    if found:
        return Reply(body=documents.records(found[1], int(found[2])), framing="chunked")
    found = re.fullmatch(r"(enrich|narrow)-(\d{1,9})\.jsonl(\.gz)?", name)
    if not found:
        return no_such_key(request.path)
    return serve(request, generated(found[1], int(found[2]), bool(found[3])))


def repeat(count, before, piece, after):
    """The answer to GET /repeat/{n}/{hex}/{hex}/{hex}: the second text n times, between the others."""
    before, piece, after = (bytes.fromhex(text) for text in (before, piece, after))
    many = max(PIECE // len(piece), 1)
    body = itertools.chain([before], itertools.repeat(piece * many, count // many), [piece * (count % many), after])
    return Reply(200, body, length=len(before) + count * len(piece) + len(after))


# ---------------------------------------------------------------- object store: the proof

def proof_job(name, spec):
    """The job of a proof.… id; each time it is asked for, its URLs carry another ticket."""
    told = STATE.count(f"job/{name}")
    urls = []
    for number in range(1, spec.parts + 1):
        token = f"t{told}/" if spec.wander else ""
        path = f"/proof/{name}/{token}{number + (100 if spec.moves and told > 1 else 0)}"
        if spec.query:
            urls.append(f"{origin('files')}/proof/{name}/0?part={number}&sig={told}")
        elif spec.detour >= 0:
            urls.append(f"{origin('files')}{path}/detour")
        elif spec.sign:
            urls.append(signed(path, seconds=str(spec.sign)) + f"&ticket={told}")
        else:
            urls.append(f"{origin('files')}{path}" + (f"?ticket={told}" if spec.ticket >= 0 or spec.stale else ""))
    if spec.turned and told > 1:
        urls.reverse()
    job = job_document(name, spec.n * spec.parts if spec.count < 0 else spec.count)
    return {**job, "download_urls": urls} if spec.parts > 1 else {**job, "download_url": urls[0]}


def proof_refusal(request, spec, name):
    """The answer to a URL that was used up, None if it is still good."""
    if spec.once and f"once/{request.path}" in STATE.used:
        return s3_error(410, "Gone", "The result was downloaded.")
    if spec.ticket < 0 and not spec.stale:
        return None
    ticket = request.query.get("ticket", "")
    used = STATE.count(f"ticket/{request.path}/{ticket}")
    if spec.ticket < 0:
        good = int(ticket) > spec.stale
    else:
        told = f"job/{name}" if spec.detour < 0 else f"detour/{request.path}"
        good = used <= spec.ticket and int(ticket) == STATE.counters[told]
    if good:
        return None
    reply = expired()
    reply.status = spec.code
    return reply


def proof_whole(request, spec, data):
    """The answer of a store without faults, but with the ETag and the ranges that the id tells."""
    content = stored(data)
    content.etag = f"W/{content.etag}" if spec.etag == "weak" else content.etag
    if spec.range == "no":
        kept = {k: v for k, v in request.headers.items() if k not in ("range", "if-match")}
        request = dataclasses.replace(request, headers=kept)
    reply = serve(request, content)
    if spec.etag == "none":
        reply.headers.pop("ETag", None)
    if not isinstance(reply.body, bytes):
        reply.body = b"".join(reply.body)
    return reply


def proof_other(spec, data):
    """Another file of the same length that begins as a good one does."""
    return data.translate(bytes.maketrans(b"cd", b"dc")) if spec.kind == "plain" else data[:10] + data[:9:-1]


def proof_changed(request, spec, data):
    """What a store answers to the second request of a file that is no longer the one it was."""
    reply = proof_whole(request, spec, data)
    start = len(data) - len(reply.body)
    match spec.then:
        case "412":
            return s3_error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        case "416":
            reply = s3_error(416, "InvalidRange", "The requested range is not satisfiable")
            reply.headers["Content-Range"] = f"bytes */{len(data) - 1}"
        case "flaky":
            reply = proof_whole(request, dataclasses.replace(spec, range="no"), data)
        case "other" | "splice":
            reply = proof_whole(request, dataclasses.replace(spec, range="no"), proof_other(spec, data))
        case "newetag":
            reply.headers["ETag"] = '"other"'
        case "wrongstart":
            reply.headers["Content-Range"] = f"bytes 0-{len(reply.body) - 1}/{len(data)}"
        case "shorter" | "longer":
            total = len(data) + (10 if spec.then == "longer" else -10)
            reply.headers["Content-Range"] = f"bytes {start}-{total - 1}/{total}"
        case "star":
            reply.body = reply.body[:len(reply.body) // 2]
            reply.headers["Content-Range"] = f"bytes {start}-{start + len(reply.body) - 1}/*"
        case "part":
            reply.body = reply.body[:max(len(reply.body) // 2, 1000)]
            reply.headers["Content-Range"] = f"bytes {start}-{start + len(reply.body) - 1}/{len(data)}"
        case "norange":
            del reply.headers["Content-Range"]
    reply.length = None
    return reply


def proof_reset(request):
    """Let what was sent arrive, then reset the connection."""
    end = time.monotonic() + 1
    while time.monotonic() < end and struct.unpack("i", fcntl.ioctl(request.connection, termios.TIOCOUTQ, bytes(4)))[0]:
        time.sleep(0.001)
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionResetError


def proof_body(request, spec, name, body, reset, last):
    """The bytes of a body at the pace that the id tells, and how they end."""
    if spec.gather:
        yield body[:len(body) // 2]
        body = body[len(body) // 2:]
        end = time.monotonic() + 10
        while STATE.counters[f"begun/{name}"] < spec.gather and time.monotonic() < end:
            time.sleep(0.005)
    for piece in proof.pieces(spec, body) if spec.piece else pieces(body):
        yield piece
        if spec.pause:
            time.sleep(spec.pause / 1e6)
    if reset:
        proof_reset(request)
    if spec.once and last:
        STATE.used.add(f"once/{request.path}")


def proof_cut(spec, reply, start, end):
    """End a reply at an offset of the file, framed as the id tells; True if by a reset."""
    size = len(reply.body)
    reply.body = reply.body[:max(end - start, 0)]
    reply.close = spec.frame != "half"
    match spec.frame:
        case "half":
            reply.length = len(reply.body)
        case "ended":
            reply.framing = "chunked"
        case "unended":
            reply.framing = "unended"
        case "close":
            reply.framing = "close"
        case _:
            reply.length = size
    return spec.frame == "reset"


def proof_detour(request, spec):
    """The answer to GET /proof/{id}/{part}/detour: a URL that is signed for 30 seconds unless told."""
    time.sleep(spec.detour / 1000)
    path = request.path.removesuffix("/detour")
    ticket = STATE.count(f"detour/{path}")
    return Reply(302, headers={"Location": f"{signed(path, seconds=str(spec.sign or 30))}&ticket={ticket}"})


def proof_file(request, spec, name, number):
    """The answer to GET /proof/{id}/[{token}/]{part}."""
    refused = proof_refusal(request, spec, name)
    if refused:
        return refused
    data = proof.content(spec, number)
    turn = STATE.count(f"turn/{name}/{number}")
    STATE.count(f"begun/{name}")
    if turn > 1 and (spec.then not in ("", "splice", "flaky") or spec.then and turn == 2):
        reply = proof_changed(request, spec, data)
    elif spec.then == "splice" and turn > 2:
        reply = proof_whole(request, spec, proof_other(spec, data))
    else:
        reply = proof_whole(request, spec, data)
    end, reset = proof.end_of(spec, turn, len(data)), False
    if end is not None and reply.status in (200, 206):
        reset = proof_cut(spec, reply, len(data) - len(reply.body) if reply.status == 206 else 0, end)
    if isinstance(reply.body, bytes) and reply.status in (200, 206):
        reply.length = len(reply.body) if reply.length is None else reply.length
        reply.body = proof_body(request, spec, name, reply.body, reset, end is None)
    return reply


# ---------------------------------------------------------------- routes

VENDORS = {"crustdata": crustdata, "companyenrich": companyenrich, "bigdata": bigdata, "pulse": pulse,
           "openai": openai, "anthropic": anthropic, "mistral": mistral, "exa": exa}


def control(request):
    """The routes for the tests themselves: /_log, /_reset, /_state."""
    if request.path == "/_reset":
        STATE.reset()
        return as_json([])
    if request.path == "/_log":
        with STATE.lock:
            log = [dict(entry) for entry in STATE.log]
        return as_json(log)
    if request.path == "/_state":
        return as_json(STATE.summary(request.number))
    return as_json({"message": "No such route"}, 404)


def api(request):
    """Every route of the API port."""
    if request.path.startswith("/_"):
        return control(request)
    if request.method not in ("GET", "HEAD"):
        return as_json({"message": "Method not allowed"}, 405, Allow="GET")
    route = {**VENDORS, "accounts": accounts, "named": named, "told": told, "large": large}.get(request.segments[0])
    return route(request) if route else as_json({"message": "No such route"}, 404)


def files(request):
    """Every route of the object store's port."""
    vendor = request.segments[0] in VENDORS
    if any(name.startswith("x-amz-") for name in request.headers):
        return s3_error(403, "AccessDenied", "There were headers present in the request which were not signed")
    if "X-Amz-Signature" in request.query:
        error = check_signature(request)
        if error:
            return error
    elif vendor:
        return s3_error(403, "AccessDenied", "Access Denied")
    if request.method not in ("GET", "HEAD"):
        return s3_error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
    if vendor:
        return fixture_file(request)
    match request.segments:
        case ["edge", name] if name in edge_files():
            kind = {"html": "text/html", ".xml": "application/xml"}.get(name[-4:], BINARY)
            return serve(request, stored(edge_files()[name], kind))
        case ["gen", name]:
            return gen(request, name)
        case ["echo", text]:
            content = stored(bytes.fromhex(text))
            content.pieces = functools.partial(pieces, bytes.fromhex(text), request.number_of("piece", PIECE))
            return serve(request, content)
        case ["repeat", count, before, piece, after]:
            return repeat(int(count), before, piece, after)
        case ["fault", name]:
            return fault(request, name)
        case ["large", name]:
            shape, megabytes = name.split("-")
            return Reply(200, itertools.chain(generate.large(shape, int(megabytes)), [b"\n"]), framing="chunked")
        case ["proof", name, *_, "detour"] if proof.parse(name):
            return proof_detour(request, proof.parse(name))
        case ["proof", name, *_, number] if proof.parse(name):
            return proof_file(request, proof.parse(name), name, int(request.query.get("part", number)))
    return no_such_key(request.path)


# ---------------------------------------------------------------- HTTP

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
        reply = api(request) if request.server == "api" else files(request)
        self.send(reply, entry)

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

    def __init__(self, name, port):
        """Listen on a port, any free one for 0, any free one of four digits for None."""
        self.name = name
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


def alive(pid):
    """Whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def main():
    """Serve until a signal comes or the parent is gone."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=9470)
    parser.add_argument("--files-port", type=int, default=9471)
    parser.add_argument("--four-digits", action="store_true", help="free ports of four digits, whatever else is said")
    parser.add_argument("--parent", type=int)
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    ports = [None, None] if options.four_digits else [options.port, options.files_port]
    servers = [Server("api", ports[0]), Server("files", ports[1])]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", *(s.server_address[1] for s in servers), flush=True)
    while not stop.wait(1):
        if options.parent and not alive(options.parent):
            break
    os._exit(0)


if __name__ == "__main__":
    main()
