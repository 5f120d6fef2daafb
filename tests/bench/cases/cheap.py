"""Cheap evaluations, with one worker and two: a second worker must not make a run slower.

The speed-up compares two runs of one round, one right after the other. A round takes 55 s.
"""
TITLE = "cheap: 5-D, chain in memory, wall of an evaluation with one worker and two"
RANGES = ("speed-up",)
SECONDS = 0.7  # of model time per run

# name, script and arguments, seconds of an evaluation
IN_LUA = [("20 us", "spin.lua", 20e-6), ("5 us", "spin.lua", 5e-6), ("1 us", "spin.lua", 1e-6),
          ("Gaussian", "gauss.lua", 0.3e-6)]
IN_C = [("20 us", "spin_20us", 20e-6), ("5 us", "spin_5us", 5e-6), ("1 us", "spin_1us", 1e-6),
        ("200 ns", "work_200ns", 0.3e-6), ("50 ns", "work_50ns", 0.2e-6)]


def steps(seconds, walkers):
    return round(SECONDS / seconds / walkers)


def row(run):
    """run(workers) -> a result, or None."""
    results = [run(workers) for workers in (1, 2)]
    if None in results:
        return None
    one, two = (1e9 * result["wall_s"] / result["evaluations"] for result in results)
    return {"ns, 1 worker": one, "ns, 2 workers": two, "speed-up": one / two}


def rows(bench, walkers):
    for name, program in bench.built():
        for model, script, seconds in IN_LUA:
            arguments = [seconds, walkers] if script == "spin.lua" else [walkers]
            yield f"{name} {model}", row(lambda workers: bench.ours(program, script, steps(seconds, walkers), workers,
                                                                    *arguments))
    for model, symbol, seconds in IN_C:
        yield f"a C function {model}", row(lambda workers: bench.native(symbol, steps(seconds, walkers), workers,
                                                                       walkers))


def measure(bench):
    for walkers in (32, 100):
        for name, columns in rows(bench, walkers):
            if columns:
                yield f"{name}, {walkers} walkers", columns
