"""The cost of convergence checks during a run: the same run with a rule and without.

Runs go in pairs, so that wall times differ by nothing else; the rule holds at the last step only. A round takes 30 s.
"""
TITLE = "until: 32 walkers, 5-D, one worker, busy for 10 us, with a rule beside without"
STEPS = (5120, 20480)  # a tenth of the steps have a check
RANGES = ("with by without",)


def measure(bench):
    for name, program in bench.built():
        for steps in STEPS:
            without, asked = (bench.ours(program, "spin.lua", steps, 1, 10e-6, 32, *rule)
                              for rule in ((), ("until", bench.steps(steps))))
            yield f"{name}, {steps} steps", {"without, s": without["wall_s"], "with, s": asked["wall_s"],
                                             "with by without": asked["wall_s"] / without["wall_s"]}
