"""The cost of keeping the chain in a file: the same run in memory and in a store, one right after the other.

"times memory" is the wall time of the whole process, with the end of the store, over that of the run in memory; "bytes
by payload" is the size of the file over that of its numbers (coordinates, log_prob, accepted). A round takes 60 s.
"""
import importlib.util
import json
import sys
from pathlib import Path

TITLE = "store: 32 walkers, 5-D, one worker, a store beside memory"
RANGES = ("times memory",)
WALKERS, NDIM = 32, 5
PAYLOAD = WALKERS * (8 * NDIM + 8 + 1)  # bytes of a step

# name, seconds of an evaluation, our steps, emcee's steps
MODELS = [("1 us", 1e-6, 60000, 2000), ("100 us", 100e-6, 1000, 1000)]


def ours(bench, program, seconds, steps):
    memory, stored = (bench.ours(program, "spin.lua", steps, 1, seconds, WALKERS, store=store) for store in (False, True))
    return {"times memory": stored["process_s"] / memory["process_s"],
            "bytes by payload": stored["store_mib"] * 2**20 / (PAYLOAD * bench.steps(steps)),
            "us a step more": 1e6 * (stored["process_s"] - memory["process_s"]) / bench.steps(steps)}


def emcee(bench, seconds, steps):
    steps = bench.steps(steps)
    loop = Path(__file__).resolve().parents[1] / "emcee_store.py"
    path = bench.store()
    memory, stored = (json.loads(bench.command(sys.executable, loop, file, seconds, steps)["stdout"])
                      for file in ("-", path))
    path.unlink()
    return {"times memory": stored["wall_s"] / memory["wall_s"],
            "bytes by payload": stored["bytes"] / ((PAYLOAD - WALKERS) * steps),
            "us a step more": 1e6 * (stored["wall_s"] - memory["wall_s"]) / steps}


def measure(bench):
    missing = [name for name in ("emcee", "h5py") if importlib.util.find_spec(name) is None]
    for name in missing:
        bench.note(f"no {name} for {sys.executable}: its HDF5 backend is left out")
    for model, seconds, steps, emcee_steps in MODELS:
        for name, program in bench.built():
            yield f"{name} {model}", ours(bench, program, seconds, steps)
        if not missing:
            yield f"emcee, HDF5 {model}", emcee(bench, seconds, emcee_steps)
