"""Evaluations per independent sample of the mean of a Gaussian, for each move, four walkers for each dimension.

One worker, a C function as the model. `expected` is what a re-implementation of each move in another language gave; the
batches are ten times as long. A round takes six minutes.
"""
from measure import HERE

TITLE = "moves: evaluations per independent sample of the mean, Gaussian target, 4 walkers a dimension"
ROUNDS = 1
DIMENSIONS = (2, 5, 10, 20, 50)
# None: not measured there (walk reads every walker, and has no hope with c = 1; kde is for few dimensions).
EXPECTED = {
    "stretch": (36, 62, 125, 320, 1196),
    "stretch, scaled": (26, 59, 126, 292, 550),
    "de": (8.4, 17.8, 34, 71, 186),
    "side": (14, 32, 57, 135, 297),
    "walk, c = 1": (12, 19.5, 36, 143, None),
    "walk": (9.3, 19.2, 36, 67, 150),
    "snooker": (10, 47, 134, 395, 902),
    "0.8 de + 0.2 snooker": (8, 20, 39, 84, 143),
}
# No figures to compare with: only their order, for the length of the run.
GUESSED = {
    "kde": (4, 20, None, None, None),
    "gaussian": (15, 35, 70, 140, 350),
}


def evaluations(bench, program, library, move, ndim, expected):
    batches = max(20, 400 // ndim)
    steps = bench.steps(int(10 * expected * batches))
    result = bench.command(program, "--quiet", "--progress", "none", HERE / "moves.lua", library, ndim, steps,
                           batches, move)
    return float(result["stdout"].split()[0])


def measure_move(bench, program, library, move, expected):
    values = {}
    for ndim, guess in zip(DIMENSIONS, expected):
        if guess is None:
            continue
        values[f"d = {ndim}"] = evaluations(bench, program, library, move, ndim, guess)
        if move in EXPECTED:
            values[f"expected {ndim}"] = guess
    return values


def measure(bench):
    library, programs = bench.tool("models.so"), dict(bench.built())
    if not library or not programs:
        return
    program = programs.get("ensemble-luajit") or next(iter(programs.values()))
    for move, expected in {**EXPECTED, **GUESSED}.items():
        yield move, measure_move(bench, program, library, move, expected)
