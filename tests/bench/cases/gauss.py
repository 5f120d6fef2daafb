"""A cheap model, one worker, chain in memory: what an evaluation costs with everything around it."""
TITLE = "gauss: 32 walkers, 5-D Gaussian, one worker, chain in memory"


def row(evaluations, seconds):
    return {"evaluations/s": evaluations / seconds, "ns each": 1e9 * seconds / evaluations}


def measure(bench):
    for name, program in bench.built():
        result = bench.ours(program, "gauss.lua", 50000, 1, store=False)
        evaluations, wall = map(float, result["stdout"].split())
        yield name, row(evaluations, wall)
    result = bench.emcee("gauss", 5000)
    if result:
        yield "emcee", row(result["evaluations"], result["wall_s"])


def compare(medians):
    emcee = medians.get("emcee")
    for name, values in medians.items():
        if emcee and name != "emcee":
            yield name, {"times emcee": values["evaluations/s"] / emcee["evaluations/s"]}
