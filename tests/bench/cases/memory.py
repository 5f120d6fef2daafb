"""Peak memory of a stored run: it must not grow with the number of steps.

One round takes a minute.
"""
TITLE = "memory: peak of a stored run of 32 x 5, the whole process"
ROUNDS = 1
STEPS = (10000, 1000000)


def measure(bench):
    for name, program in bench.built():
        for steps in STEPS:
            result = bench.ours(program, "gauss.lua", steps, 1, store=True)
            yield f"{name} {bench.steps(steps)} steps", {
                "peak MiB": result["peak_mib"], "store MiB": result["store_mib"], "wall s": result["wall_s"]}
