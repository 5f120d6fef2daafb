"""Evaluations per independent sample of the mean, for each move on each target, and the default beside emcee's.

Four walkers for each dimension of a Gaussian, 20 on the ring, 60 with two modes, 100 on Goodman and Weare's ridge of
Rosenbrock. One worker, a C function as the model; emcee's default is our stretch move. A run begins at draws from the
target. `expected` are the results of a re-implementation of each move in another language on Gaussians. Batches are ten
times as long as that number; there are enough for an error of about 2 % (10 % on the ridge). A round takes most of an
hour.
"""
from measure import HERE

TITLE = "moves: evaluations per independent sample of the mean"
ROUNDS = 1
DIMENSIONS = (2, 5, 10, 20, 50)
TUNE = 1000
DEFAULT, TUNED, EMCEE = "0.8 de + 0.2 snooker", "0.8 de + 0.2 snooker, tuned", "stretch"
# None: not measured (walk reads every walker, and is hopeless with c = 1; kde is for few dimensions).
EXPECTED = {
    EMCEE: (36, 62, 125, 320, 1196),
    "stretch, scaled": (26, 59, 126, 292, 550),
    "de": (8.4, 17.8, 34, 71, 186),
    "side": (14, 32, 57, 135, 297),
    "walk, c = 1": (12, 19.5, 36, 143, None),
    "walk": (9.3, 19.2, 36, 67, 150),
    "snooker": (10, 47, 134, 395, 902),
    "slice": (16.5, 48, 109, 204, 518),
    DEFAULT: (8, 20, 39, 84, 143),
}
# No figures to compare with: only their order of magnitude, for the length of the run.
GUESSED = {
    TUNED: (8, 20, 39, 84, 200),
    "stretch, tuned": (26, 59, 126, 292, 650),
    "side, tuned": (14, 32, 57, 135, 297),
    "snooker, tuned": (10, 47, 134, 395, 902),
    "kde": (4, 20, None, None, None),
    "gaussian": (15, 35, 70, 140, 350),
}
# Target, dimensions, steps, batches. A batch has ten autocorrelation times or more, except for slice on the ridge.
OTHERS = (("ring", 2, 600_000, 100), ("modes", 2, 300_000, 100), ("modes", 5, 240_000, 60),
          ("rosenbrock", 2, 3_200_000, 80))
ON_OTHERS = (EMCEE, "de", "side", "walk", "snooker", "slice", DEFAULT, TUNED)
# Moves that take much longer have fewer batches. The compared moves have more steps on the ridge.
SLOW = {EMCEE: 2, "slice": 4}
COMPARED = {EMCEE: 4, DEFAULT: 4, TUNED: 4}


def evaluations(bench, program, library, row, target, ndim, steps, batches):
    move = row.removesuffix(", tuned")
    result = bench.command(program, "--quiet", "--progress", "none", HERE / "moves.lua", library, target, ndim,
                           bench.steps(steps), batches, TUNE if move != row else 0, move)
    return float(result["stdout"])


def measure_gaussians(bench, program, library, row, expected):
    values = {}
    for ndim, guess in zip(DIMENSIONS, expected):
        if guess is None:
            continue
        batches = max(60, 4000 // ndim)
        values[f"d = {ndim}"] = evaluations(bench, program, library, row, "gaussian", ndim, int(10 * guess * batches),
                                            batches)
        if row in EXPECTED:
            values[f"expected {ndim}"] = guess
    return values


def measure_others(bench, program, library, row):
    values = {}
    for target, ndim, steps, batches in OTHERS:
        times = COMPARED.get(row, 1) if target == "rosenbrock" else 1
        values[f"{target} {ndim}"] = evaluations(bench, program, library, row, target, ndim, steps * times,
                                                 batches * times // SLOW.get(row, 1))
    return values


def measure(bench):
    library, programs = bench.tool("models.so"), dict(bench.built())
    if not library or not programs:
        return
    program = programs.get("ensemble-luajit") or next(iter(programs.values()))
    for row, expected in {**EXPECTED, **GUESSED}.items():
        values = measure_gaussians(bench, program, library, row, expected)
        if row in ON_OTHERS:
            values.update(measure_others(bench, program, library, row))
        yield row, values


def compare(medians):
    """The tuned default: the ratio of emcee's evaluations to ours, and our evaluations per dimension."""
    ours, theirs = medians.get(TUNED, {}), medians.get(EMCEE, {})
    columns = [column for column in ours if column in theirs and not column.startswith("expected")]
    yield "emcee's default over the tuned one", {column: theirs[column] / ours[column] for column in columns}
    yield "the tuned default, evaluations a dimension", {f"d = {ndim}": ours[f"d = {ndim}"] / ndim
                                                         for ndim in DIMENSIONS if f"d = {ndim}" in ours}
