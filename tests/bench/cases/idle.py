"""A model that waits 0.2 s: the CPU time of the whole process, with start and end, while it has nothing to do.

A round takes 10 s: the start of 8 walkers and 5 steps, 2 workers, a store.
"""
TITLE = "idle: 2 workers asleep for 0.2 s an evaluation: CPU time of the process"
STEPS = 5


def measure(bench):
    for name, program in bench.built():
        result = bench.ours(program, "idle.lua", STEPS, 2, store=True)
        yield name, {"wall s": result["process_s"], "cpu s": result["cpu_s"],
                     "cpu / wall": result["cpu_s"] / result["process_s"]}
