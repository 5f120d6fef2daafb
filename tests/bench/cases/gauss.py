"""A cheap model, one worker, the chain in memory: the whole cost of an evaluation.

A round takes 5 s.
"""
TITLE = "gauss: 32 walkers, 5-D Gaussian, one worker, chain in memory"


def row(result):
    return {"evaluations/s": result["evaluations"] / result["wall_s"],
            "ns each": 1e9 * result["wall_s"] / result["evaluations"]}


def measure(bench):
    for name, program in bench.built():
        yield name, row(bench.ours(program, "gauss.lua", 50000, 1))
    result = bench.native("gauss_5", 200000, 1)
    if result:
        yield "a C function", row(result)
    result = bench.emcee("gaussian", 5000)
    if result:
        yield "emcee", row(result)


def compare(medians):
    emcee = medians.get("emcee")
    for name, values in medians.items():
        if emcee and name != "emcee":
            yield name, {"times emcee": values["evaluations/s"] / emcee["evaluations/s"]}
