"""Evaluations of 3 ms, with and without 8 MB of data as the model's argument: the cost of sending data to workers.

All evaluations take the same time, so wall times differ by nothing else. emcee makes fewer steps, since they take long
with the data. A round takes 25 s.
"""
TITLE = "data: 32 walkers, 5-D, 2 workers, busy for 3 ms, with and without 5000 x 200 numbers as the model's argument"
STEPS, EMCEE_STEPS = 50, 10
RANGES = ("ratio",)


def row(without, given):
    return {"without, s": without["wall_s"], "with, s": given["wall_s"], "ratio": given["wall_s"] / without["wall_s"]}


def measure(bench):
    for name, program in bench.built():
        yield name, row(*(bench.ours(program, "spin.lua", STEPS, 2, 0.003, 32, data) for data in ("without", "with")))
    without = bench.emcee("spin_3ms", EMCEE_STEPS, workers=2)
    if without:
        yield "emcee", row(without, bench.emcee("spin_3ms", EMCEE_STEPS, workers=2, data=True))
