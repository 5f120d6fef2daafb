"""The same times asleep, so that there can be more workers than cores: does the sampler itself make workers wait?

A round takes 55 s.
"""
TITLE = "sleep: 32 walkers, 5-D, 100 steps, a C function that sleeps 5 to 8 ms; emcee's pool of as many processes"
STEPS = 100
RANGES = ("efficiency", "emcee's")


def efficiency(result, workers):
    return result["model_s"] / (workers * result["wall_s"])


def measure(bench):
    for workers in (2, 4, 8, 16):
        columns = {}
        ours = bench.native("sleep_uniform", STEPS, workers)
        if ours:
            columns.update({"wall s": ours["wall_s"], "efficiency": efficiency(ours, workers)})
        emcee = bench.emcee("sleep_uniform", STEPS, workers=workers)
        if emcee:
            columns.update({"emcee's wall s": emcee["wall_s"], "emcee's": efficiency(emcee, workers)})
        yield f"{workers} workers", columns
