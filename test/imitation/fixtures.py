"""The invented jobs and result files of the vendors, test/fixtures."""
import functools
import json
import pathlib
import urllib.parse

from state import origin
from store import no_such_key, serve, signed, stored, zipped

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
VENDORS = frozenset(folder.name for folder in FIXTURES.iterdir())


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
