"""Ranks of an MPI job on this machine: how much of the time workers are inside the model, and what a rank that has
nothing to do takes of a core. Two ranks are busy, which two cores allow; eight of two workers each sleep.

A round takes 30 s.
"""
TITLE = "ranks: mpiexec -n RANKS, evaluations of 5 to 8 ms, 100 steps"
STEPS = 100
RANGES = ("efficiency",)


def row(result, workers):
    return {"wall s": result["wall_s"], "efficiency": result["model_s"] / (workers * result["wall_s"])}


def measure(bench):
    for name, program in bench.built():
        result = bench.ours(program, "busy.lua", STEPS, 1, ranks=2)
        if result:
            yield f"busy, {name}, 2 ranks x 1", row(result, 2)
    for ranks, workers, walkers in ((2, 1, 32), (8, 2, 64)):
        result = bench.native("sleep_uniform", STEPS, workers, walkers, ranks=ranks)
        if result:
            yield f"asleep, {walkers} walkers, {ranks} ranks x {workers}", row(result, ranks * workers)
