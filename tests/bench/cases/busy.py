"""Evaluations of 5 to 8 ms, with one worker and two: the share of the cores' time that is spent inside the model.

A round takes 65 s. One worker makes fewer steps than two, so wall times are compared per evaluation.
"""
TITLE = "busy: 32 walkers, 5-D, evaluations of 5 to 8 ms"
STEPS = {1: 25, 2: 100}


def row(result, workers):
    return {"workers": workers, "wall s": result["wall_s"], "model s": result["model_s"],
            "ms each": 1000 * result["wall_s"] / result["evaluations"],
            "efficiency": result["model_s"] / (workers * result["wall_s"])}


def runs(bench, workers):
    for name, program in bench.built():
        yield name, bench.ours(program, "busy.lua", STEPS[workers], workers, store=True)
    yield "a C function", bench.native("busy", STEPS[workers], workers)
    yield "emcee", bench.emcee("busy", STEPS[workers], workers=workers)


def measure(bench):
    for workers in (1, 2):
        for name, result in runs(bench, workers):
            if result:
                yield f"{name} x {workers}", row(result, workers)


def compare(medians):
    for name, values in medians.items():
        one = medians.get(name.replace(" x 2", " x 1"))
        if one and name.endswith(" x 2"):
            yield name, {"speed-up": one["ms each"] / values["ms each"]}
