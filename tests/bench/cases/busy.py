"""Evaluations of 5 to 8 ms, one worker and two: how much of the cores' time is spent inside the model."""
TITLE = "busy: 32 walkers, 5-D, 100 steps, evaluations of 5 to 8 ms"
STEPS = 100


def row(timing, workers):
    return {"workers": workers, "wall s": timing["wall_s"], "model s": timing["model_s"],
            "efficiency": timing["model_s"] / (workers * timing["wall_s"])}


def measure(bench):
    for workers in (1, 2):
        for name, program in bench.built():
            yield f"{name} x {workers}", row(bench.ours(program, "busy.lua", STEPS, workers)["info"]["timing"], workers)
        timing = bench.emcee("busy", STEPS, workers=workers)
        if timing:
            yield f"emcee x {workers}", row(timing, workers)


def compare(medians):
    for name, values in medians.items():
        one = medians.get(name.replace(" x 2", " x 1"))
        if one and name.endswith(" x 2"):
            yield name, {"speed-up": one["wall s"] / values["wall s"]}
