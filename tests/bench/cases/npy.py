"""Memory of runs over .npy files: all workers share one copy of the data.

"beyond the data" is the peak of the whole process, less the file's size, less the peak of the same run without data.
"a worker more" is the addition of each worker beyond the first. One round takes a minute; it writes a file of 800 MB,
and removes it.
"""
import importlib.util
from pathlib import Path

TITLE = "npy: peak memory of runs over .npy files of doubles, the whole process, MiB"
ROUNDS = 1
SIZES = (0, 8, 80, 800)  # MB
WORKERS = (1, 2, 8)
STEPS = 50


def write(path, size):
    import numpy as np
    array = np.lib.format.open_memmap(path, mode="w+", dtype="<f8", shape=(size * 1_000_000 // 8,))
    array[:] = 1.0
    array.flush()


def rows(bench, name, program, size, path, without):
    """One row per number of workers; `without`: {workers: peak without data}, filled if the size is 0."""
    first = None
    for workers in WORKERS:
        result = bench.ours(program, "npy.lua", STEPS, workers, *([path] if size else []))
        peak = int(result["stdout"].split()[3]) / 1024
        first = first or peak
        without.setdefault(workers, peak)
        yield f"{name} {size} MB, {workers} worker{'s' if workers > 1 else ''}", {
            "peak": peak,
            "data": size * 1e6 / 2**20,
            "beyond the data": peak - size * 1e6 / 2**20 - without[workers],
            **({"a worker more": (peak - first) / (workers - 1)} if workers > 1 else {})}


def measure(bench):
    if importlib.util.find_spec("numpy") is None:
        bench.note("no numpy to write the files with: 'scripts/install-deps bench' installs it")
        return
    without = {}
    for size in SIZES:
        path = Path(bench.folder.name) / "data.npy"
        if size:
            write(path, size)
        for name, program in bench.built():
            yield from rows(bench, name, program, size, path, without.setdefault(name, {}))
        path.unlink(missing_ok=True)
