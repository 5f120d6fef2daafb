"""Integrated autocorrelation times of one array of 100 000 steps, 32 walkers and 5 parameters, tau 50, beside emcee's.

The array is an AR(1) series in a file that both read; the time excludes the reading. A round takes 30 s.
"""
import sys
from pathlib import Path

TITLE = "autocorr: seconds for the autocorrelation times of 100 000 x 32 x 5, one thread"
ROUNDS = 3
SHAPE, MEMORY, REPEATS = (100000, 32, 5), 49 / 51, 2
WRITE = """
import sys
import numpy as np
n, walkers, dim, memory = *map(int, sys.argv[2:5]), float(sys.argv[5])
x = np.random.default_rng(1).normal(size=(n, walkers, dim))
for t in range(1, n):
    x[t] += memory * x[t - 1]
np.save(sys.argv[1], x)
"""
EMCEE = """
import sys, time
import numpy as np
from emcee import autocorr
x, best = np.load(sys.argv[1]), np.inf
for _ in range(int(sys.argv[2])):
    begun = time.monotonic()
    tau = autocorr.integrated_time(x, tol=0)
    best = min(best, time.monotonic() - begun)
print(best, tau.mean())
"""


def figures(result):
    seconds, tau = map(float, result["stdout"].split())
    return {"s": seconds, "tau": tau, "peak MiB": result["peak_mib"]}


def measure(bench):
    path = Path(bench.folder.name) / "autocorr.npy"
    if not path.exists():
        bench.command(sys.executable, "-c", WRITE, path, bench.steps(SHAPE[0]), *SHAPE[1:], MEMORY)
    script = Path(__file__).resolve().parent.parent / "autocorr.lua"
    for name, program in bench.built():
        yield name, figures(bench.command(program, script, path, REPEATS))
    if bench.has("emcee"):
        yield "emcee", figures(bench.command(sys.executable, "-c", EMCEE, path, REPEATS))


def compare(medians):
    theirs = medians.get("emcee")
    for row, columns in medians.items():
        if theirs and row != "emcee":
            yield row, {"times faster than emcee": theirs["s"] / columns["s"]}
