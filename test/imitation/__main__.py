"""An imitation of eight batch-job APIs and of their object store, for tests.

    python3 test/imitation [--port 9470] [--files-port 9471] [--four-digits] [--parent PID]
    python3 test/imitation --tables

Serves two ports on 127.0.0.1, prints `ready API_PORT FILES_PORT` once both
listen, logs every request (GET /_log on the API port) and misbehaves on
request. test/README.md lists the routes. Standard library only.
"""
import argparse
import functools
import itertools
import os
import signal
import threading

import accounts
import answers
import edge
import faults
import generate
import hostile
import jobs
import proof
import tables
from fixtures import fixture_file
from named import large, named, told
from odd import odd, tell
from proof_store import proof_detour, proof_file
from replies import PIECE, Reply, as_json, pieces
from state import STATE
from store import check_signature, gen, no_such_key, repeat, s3_error, serve, stored
from vendors import anthropic, apify, azure_openai, bigdata, companyenrich, crustdata, exa, gemini, groq, mistral, openai, pulse, replicate, together
from wire import Server

VENDORS = {"crustdata": crustdata.answer, "companyenrich": companyenrich.answer, "bigdata": bigdata.answer,
           "pulse": pulse.answer, "openai": openai.answer, "anthropic": anthropic.answer, "mistral": mistral.answer,
           "exa": exa.answer, "groq": groq.answer, "together": together.answer, "azure_openai": azure_openai.answer,
           "gemini": gemini.answer, "apify": apify.answer, "replicate": replicate.answer}
NAMING = (accounts, answers, edge, faults, hostile, jobs, proof)  # the modules whose rows are in the tables


def control(request):
    """The routes for the tests themselves: /_log, /_reset, /_state, /_tell."""
    if request.path == "/_reset":
        STATE.reset()
        return as_json([])
    if request.path == "/_log":
        with STATE.lock:
            log = [dict(entry) for entry in STATE.log]
        return as_json(log)
    if request.path == "/_state":
        return as_json(STATE.summary(request.number))
    if request.segments[0] == "_tell":
        return tell(request)
    return as_json({"message": "No such route"}, 404)


def api(request):
    """Every route of the API port."""
    if request.path.startswith("/_"):
        return control(request)
    if request.method not in ("GET", "HEAD"):
        return as_json({"message": "Method not allowed"}, 405, Allow="GET")
    route = {**VENDORS, "accounts": accounts.answer, "named": named, "told": told, "large": large, "odd": odd}.get(request.segments[0])
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
        case ["edge", name]:
            return edge.answer(request, name)
        case ["gen", name]:
            return gen(request, name)
        case ["echo", text]:
            content = stored(bytes.fromhex(text))
            content.pieces = functools.partial(pieces, bytes.fromhex(text), request.number_of("piece", PIECE))
            return serve(request, content)
        case ["repeat", count, before, piece, after]:
            return repeat(int(count), before, piece, after)
        case ["fault", name]:
            return faults.answer(request, name)
        case ["large", name]:
            shape, megabytes = name.split("-")
            return Reply(200, itertools.chain(generate.large(shape, int(megabytes)), [b"\n"]), framing="chunked")
        case ["proof", name, *_, "detour"] if proof.parse(name):
            return proof_detour(request, proof.parse(name))
        case ["proof", name, *_, number] if proof.parse(name):
            return proof_file(request, proof.parse(name), name, int(request.query.get("part", number)))
    return no_such_key(request.path)


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
    parser.add_argument("--tables", action="store_true", help="print the tables of test/README.md and end")
    options = parser.parse_args()
    if options.tables:
        tables.EDGES.check(edge.edge_files())
        tables.FIELDS.check(proof.TYPES)
        print(tables.markdown())
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    ports = [None, None] if options.four_digits else [options.port, options.files_port]
    servers = [Server("api", ports[0], api), Server("files", ports[1], files)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", *(s.server_address[1] for s in servers), flush=True)
    while not stop.wait(1):
        if options.parent and not alive(options.parent):
            break
    os._exit(0)


if __name__ == "__main__":
    main()
