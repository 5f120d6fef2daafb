"""The cost of an element of an array: in a loop in Lua, and inside one call into C.

Each round runs every program several times in turn, and gives as many values. A round takes 5 s.
"""
from measure import HERE

TITLE = "element: over 10000 numbers, ns an element"
REPEATS = 3
TURNS = 100
RANGES = ("array", "sum")


def measure(bench):
    for _ in range(REPEATS):
        for name, program in bench.built():
            lines = bench.command(program, HERE / "element.lua", bench.steps(TURNS))["stdout"].splitlines()
            yield name, {row: float(value) for row, value in (line.split() for line in lines)}
