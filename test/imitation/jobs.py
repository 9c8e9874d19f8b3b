"""Jobs in Crustdata's shape whose document, or whose results, are what a test needs."""
from fixtures import fill
from proof_store import proof_job
from state import origin
from tables import EDGES, FAULTS, JOBS
from vendors.crustdata import job_document, job_with_url

BAD_URLS = {"bad-url-ftp": "ftp://127.0.0.1/fault/small", "bad-url-private": "http://10.0.0.1/fault/small"}


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


def generated_job(name, n):
    """The job of a generated file of n records."""
    kind = "enrich" if name.startswith("big-") else "narrow"
    return job_with_url(name, int(n), fill(f"@FILES@/gen/{kind}-{n}.jsonl.gz"))


def parts_job(name, k, n):
    """A job of k parts of n records each, the last of which may be at fault."""
    urls = [fill(f"@FILES@/gen/narrow-{n}.jsonl.gz?part={number}") for number in range(1, int(k) + 1)]
    if name.endswith(("-bad", "-hang")):
        urls[-1] = fill("@FILES@/fault/" + ("badcrc" if name.endswith("-bad") else "hang"))
    return {**job_document(name, int(k) * int(n) + name.endswith("-more")), "download_urls": urls}


def edge_job(identifier, name):
    """The job of an odd file."""
    return job_with_url(identifier, None, fill(f"@FILES@/edge/{name}")) if EDGES.find(name)[0] else None


def fault_job(name, fault):
    """The job of an odd server: of as many records as it has, 3 where it has none, many where they do not end."""
    row, _ = FAULTS.find(fault)
    if not row:
        return None
    records = row.cells[0].split()[0]
    return job_with_url(name, {"–": 3, "∞": 1_000_000}.get(records) or int(records), fill(f"@FILES@/fault/{fault}"))


JOBS.add(
    ("big-<n>", generated_job, "`/gen/enrich-<n>.jsonl.gz`; n records"),
    ("narrow-<n>", generated_job, "`/gen/narrow-<n>.jsonl.gz`; n records"),
    ("parts-<k>-<n>", parts_job, "`download_urls`: k times `/gen/narrow-<n>.jsonl.gz`"),
    ("parts-<k>-<n>-bad", parts_job, "the same; the last is `/fault/badcrc`"),
    ("parts-<k>-<n>-hang", parts_job, "the same; the last is `/fault/hang`"),
    ("parts-<k>-<n>-more", parts_job, "as `parts-<k>-<n>`; `result_count` is one too many"),
    ("edge-<name>", edge_job, "`/edge/<name>`; `result_count` null"),
    ("bad-url-ftp bad-url-userinfo bad-url-private", odd_job, "a URL that is not to be fetched"),
    ("no-url", odd_job, "absent"),
    ("zero-null", odd_job, "null; `result_count` 0"),
    ("not-done", odd_job, "absent; the job is processing"),
    ("proof[.<fields>]", proof_job, "see the proof"),
    ("<fault>", fault_job, "`/fault/<fault>`"))
