"""The bare loop in C (stretch_loop.c): the floor under what a sampler can cost."""
import json
from pathlib import Path

TITLE = "loop: stretch move in a bare C loop, chain in memory"
LOOP = Path("build/bench/stretch_loop")


def measure(bench):
    if not LOOP.is_file():
        bench.note(f"{LOOP} is not built: 'make {LOOP}'")
        return
    for target in json.loads(bench.command(LOOP.resolve(), 10 if bench.quick else 1)["stdout"]):
        yield target["name"], {key: target[key] for key in ("ndim", "walkers", "ns_per_update", "acceptance")}
