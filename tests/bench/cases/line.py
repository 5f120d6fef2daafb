"""A line through 50 points, emcee's tutorial on fitting a model: the cost of an update with the model in each language.

One worker, 32 walkers, stretch move, chain in memory. Each round runs every program in turn. A round takes 40 s.
"""
TITLE = "line: 50 points, 3 parameters, 32 walkers, one worker: ns of an update"
RANGES = ("times C",)
STEPS = {"ensemble-lua": 5000, "ensemble-luajit": 20000}
EMCEE_STEPS = 1000


def ns(result):
    return 1e9 * result["wall_s"] / result["evaluations"]


def runs(bench):
    library, programs = bench.tool("line.so"), list(bench.built())
    if library and programs:
        yield "C", ns(bench.ours(programs[0][1], "line.lua", 20000, 1, library))
    for name, program in programs:
        yield f"{name}, a loop", ns(bench.ours(program, "line.lua", STEPS[name], 1, "line.lua"))
    for name, program in programs:
        yield f"{name}, vectors", ns(bench.ours(program, "line.lua", 20000, 1, "line_vectors.lua"))
    result = bench.emcee("line", EMCEE_STEPS)
    if result:
        yield "emcee, numpy", ns(result)


def measure(bench):
    times = dict(runs(bench))
    for name, value in times.items():
        yield name, {"ns": value, **({"times C": value / times["C"]} if "C" in times else {})}


def compare(medians):
    emcee = medians.get("emcee, numpy")
    for name, values in medians.items():
        if emcee:
            yield name, {"times emcee": emcee["ns"] / values["ns"]}
