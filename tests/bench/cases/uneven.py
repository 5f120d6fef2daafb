"""Very different times of evaluations: a barrier waits for the longest of them, twice per step.

A round takes 20 s.
"""
TITLE = "uneven: 128 walkers, 5-D, 32 workers, a C function that sleeps exponential times of mean 6.5 ms"
WALKERS, WORKERS = 128, 32
RANGES = ("efficiency", "emcee's")


def efficiency(result):
    return result["model_s"] / (WORKERS * result["wall_s"])


def measure(bench):
    for steps in (50, 100):
        columns = {}
        ours = bench.native("sleep_exponential", steps, WORKERS, WALKERS)
        if ours:
            columns.update({"wall s": ours["wall_s"], "efficiency": efficiency(ours)})
        emcee = bench.emcee("sleep_exponential", steps, workers=WORKERS, walkers=WALKERS)
        if emcee:
            columns.update({"emcee's wall s": emcee["wall_s"], "emcee's": efficiency(emcee)})
        yield f"{bench.steps(steps)} steps", columns
