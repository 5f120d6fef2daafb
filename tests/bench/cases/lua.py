"""The sampler's cost of an update beyond the call of a model in Lua: our wall time beside a bare loop of such calls.

Each round runs both several times in turn, and gives as many values. A round takes 8 s.
"""
from measure import HERE

TITLE = "lua: 5-D Gaussian in Lua, 32 walkers, one worker, chain in memory: ns of an update"
REPEATS = 3
STEPS = 50000
LOOPS = {"ensemble-lua": "call_loop", "ensemble-luajit": "call_loop_luajit"}
RANGES = ("sampler's own",)


def row(bench, name, program):
    result = bench.ours(program, "gauss.lua", STEPS, 1)
    columns = {"update": 1e9 * result["wall_s"] / result["evaluations"]}
    loop = bench.loop(LOOPS[name], HERE / "gauss_model.lua", 32 * bench.steps(STEPS)) if name in LOOPS else None
    if loop:
        call = loop["ns_per_call"]
        columns.update({"bare call": call, "sampler's own": columns["update"] - call})
    return columns


def measure(bench):
    for _ in range(REPEATS):
        for name, program in bench.built():
            yield name, row(bench, name, program)
