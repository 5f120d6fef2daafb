"""The sampler's own cost of an update beside a bare loop in C, with the chain in memory and a model in C: a bare
function, and one that its library describes.

The loop is compiled like the program (-O2), and once more for this machine (-O3 -march=native). Each round runs every
program several times in turn, and gives as many values. A round takes 15 s.
"""
TITLE = "update: stretch move, one worker: ns of an update and its ratio to the bare loop"
REPEATS = 3
RANGES = ("ratio",)
LOOPS = {"bare loop": "stretch_loop", "bare loop, -O3 native": "stretch_loop_native", "core": "update_loop"}
TARGETS = {"gauss-5": ("gauss_5", 100000, 32, 5), "dense-50": ("dense_50", 4000, 128, 50)}
DESCRIBED = {"gauss-5": "described_gauss.so", "dense-50": "described_dense.so"}


def loops(bench):
    """{row: {target: ns}}"""
    times = {}
    for row, tool in LOOPS.items():
        targets = bench.loop(tool, 10 if bench.quick else 1)
        if targets:
            times[row] = {target["name"]: target["ns_per_update"] for target in targets}
    return times


def program(bench):
    results = {name: bench.native(symbol, steps, 1, walkers, ndim)
               for name, (symbol, steps, walkers, ndim) in TARGETS.items()}
    return {name: 1e9 * result["wall_s"] / result["evaluations"] for name, result in results.items() if result}


def described(bench):
    results = {name: bench.described(DESCRIBED[name], *TARGETS[name][1:]) for name in TARGETS}
    return {name: 1e9 * result["wall_s"] / result["evaluations"] for name, result in results.items() if result}


def measure(bench):
    for _ in range(REPEATS):
        times = {**loops(bench), "program": program(bench), "program, described": described(bench)}
        bare = times.get("bare loop", {})
        for target in TARGETS:
            for row, ns in times.items():
                if target in ns:
                    yield f"{target} {row}", {"ns": ns[target],
                                              **({"ratio": ns[target] / bare[target]} if target in bare else {})}
