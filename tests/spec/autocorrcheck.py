"""autocorrcheck.py FILE: recomputes a script's results by emcee.autocorr, and exits with 1 if one differs.

Each line of FILE: function or time, the extents with x between them, c, the numbers of x, a bar, the answer's numbers.
"""
import sys

import numpy as np
from emcee import autocorr

TOLERANCE = 1e-10


def expected(what, x, c):
    if what == "function":
        return autocorr.function_1d(x)
    return autocorr.integrated_time(x, c=c, tol=0, quiet=True)


def main():
    count = 0
    with open(sys.argv[1]) as lines:
        for line in lines:
            given, answer = line.split("|")
            what, shape, c, *numbers = given.split()
            x = np.array(numbers, dtype=float).reshape([int(extent) for extent in shape.split("x")])
            got, wanted = np.array(answer.split(), dtype=float), np.ravel(expected(what, x, float(c)))
            if got.shape != wanted.shape or not np.allclose(got, wanted, rtol=TOLERANCE, atol=TOLERANCE):
                sys.exit(f"{what} of {shape}, c = {c}: {got} and not {wanted}")
            count += 1
    print(count)


main()
