"""Ranks of an MPI job on this machine: the share of the time that workers are inside the model, and the bytes between
ranks. Two ranks are busy, which two cores allow; eight ranks of two workers each sleep. Beside them emcee over mpi4py,
with its tutorial's pool, whose master does not evaluate.

A round takes 100 s. Bytes are those of messages, without MPI's own envelopes: "bytes each" of a proposal that goes to
another rank and its answer, "data MB" of arrays. Two hosts are network namespaces of this machine, which need root.
"""
from pathlib import Path

TITLE = "ranks: mpiexec -n RANKS, evaluations of 5 to 8 ms, 100 steps"
STEPS = 100
RANGES = ("efficiency",)
HERE = Path(__file__).resolve().parents[1]
TWO_HOSTS, NATIVE = HERE.parent / "two_hosts", HERE / "native.lua"


def row(result, workers):
    values = {"wall s": result["wall_s"], "efficiency": result["model_s"] / (workers * result["wall_s"])}
    if "wire_bytes" in result:
        values["bytes each"] = result["wire_bytes"]
        values["data MB"] = result["data_bytes"] / 1e6
    return values


def busy(bench):
    for name, program in bench.built():
        yield f"busy, {name}, 2 ranks x 1", bench.ours(program, "busy.lua", STEPS, 1, ranks=2), 2
    yield "busy, emcee over mpi4py, 2 ranks", bench.emcee("busy", STEPS, ranks=2), 2


def asleep(bench):
    for ranks, workers, walkers in ((2, 1, 32), (8, 2, 64)):
        result = bench.native("sleep_uniform", STEPS, workers, walkers, ranks=ranks)
        yield f"asleep, {walkers} walkers, {ranks} ranks x {workers}", result, ranks * workers


def data(bench):
    """An array of 8 MB: mapped by the ranks of rank 0's host, sent once to another host."""
    for _, program in list(bench.built())[:1]:
        yield "8 MB of data, 4 ranks", bench.ours(program, "data_ranks.lua", 20, 1, 8, ranks=4), 4
        if bench.works(TWO_HOSTS, "--check"):
            launcher = [TWO_HOSTS, 1, 3]
            yield "8 MB of data, 1 + 3 ranks, 2 hosts", bench.ours(program, "data_ranks.lua", 20, 1, 8, launcher=launcher), 4


def core_percent(short, long, ranks):
    """CPU time of a rank in percent, from the difference of two jobs of different length, so without start and end."""
    return 100 * (long["cpu_s"] - short["cpu_s"]) / (long["wall_s"] - short["wall_s"]) / ranks


def waiting(bench):
    """The share of a core that each of four ranks uses: without work, and asleep in evaluations."""
    for mpi in ("openmpi", "mpich"):
        launcher, model = bench.launcher(4, mpi), bench.tool("models.so")
        for name, program in list(bench.built())[:1] if launcher and model else []:
            idle = [bench.command(*launcher, program, "-e", f"require('ensemble').sleep({s})") for s in (1, 6)]
            asleep = [bench.command(*launcher, program, "--quiet", "--workers", 1, "--steps", steps, NATIVE, model,
                                    "sleep_uniform", 32) for steps in (10, 110)]
            yield f"waiting, 4 ranks of {mpi}", {"% of a core, no work": core_percent(*idle, 4),
                                                 "asleep": core_percent(*asleep, 4)}


def measure(bench):
    yield from waiting(bench)
    for part in (busy, asleep, data):
        for name, result, workers in part(bench):
            if result:
                yield name, row(result, workers)
