#!/usr/bin/env python3
"""Writes autocorr_reference.h: emcee's autocorrelation times of series that test_autocorr.c makes for itself.

The series are AR(1) noise from a linear congruential generator, in additions and multiplications that every IEEE 754
machine rounds alike. Run with emcee installed: python3 make_autocorr_reference.py > autocorr_reference.h
"""
import numpy as np
import emcee

# steps, walkers, coefficient of the AR(1), offset, discard, thin, c
CASES = [
    (2, 3, 0.5, 0.0, 0, 1, 5.0),
    (3, 3, 0.5, 0.0, 0, 1, 5.0),
    (17, 1, 0.5, 0.0, 0, 1, 5.0),
    (100, 4, -0.5, 0.0, 0, 1, 5.0),
    (1000, 8, 0.5, 3.0, 0, 1, 5.0),
    (1023, 5, 0.9375, 0.0, 0, 1, 5.0),
    (1024, 5, 0.9375, 0.0, 0, 1, 5.0),
    (1025, 5, 0.9375, 0.0, 0, 1, 5.0),
    (2049, 2, 0.9375, 0.0, 0, 1, 5.0),
    (5000, 32, 0.9375, 0.0, 0, 1, 5.0),
    (5000, 7, 0.984375, 1000.0, 0, 1, 5.0),
    (5000, 7, 0.9375, 0.0, 0, 1, 2.5),
    (5000, 7, 0.9375, 0.0, 0, 1, 50.0),
    (5000, 7, 0.9375, 0.0, 1234, 1, 5.0),
    (5000, 7, 0.9375, 0.0, 100, 7, 5.0),
    (5000, 7, 0.0, 0.0, 0, 15, 5.0),
    (30000, 3, 0.998046875, 0.0, 0, 1, 5.0),
    (30000, 3, 0.999755859375, 0.0, 0, 1, 5.0),
    (40000, 2, 0.998046875, 0.0, 5000, 3, 5.0),
]


def noise(state):
    """The next state and a number in [-1/2, 1/2) from its upper 53 bits."""
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return state, (state >> 11) / 9007199254740992.0 - 0.5


def series(nsteps, nwalkers, coefficient, offset):
    x = np.empty((nsteps, nwalkers))
    state = 12345
    now = [0.0] * nwalkers
    for t in range(nsteps):
        for w in range(nwalkers):
            state, u = noise(state)
            now[w] = coefficient * now[w] + u
            x[t, w] = now[w] + offset
    return x


def main():
    print("/* Made by make_autocorr_reference.py with emcee %s and numpy %s. */" % (emcee.__version__, np.__version__))
    print("#ifndef ENS_TEST_AUTOCORR_REFERENCE_H\n#define ENS_TEST_AUTOCORR_REFERENCE_H\n\n#include <stddef.h>\n")
    print("static const struct {\n  size_t nsteps, nwalkers;\n  double coefficient, offset;")
    print("  size_t discard, thin;\n  double c, tau; /* tau in steps before thinning */\n} autocorr_reference[] = {")
    for nsteps, nwalkers, coefficient, offset, discard, thin, c in CASES:
        x = series(nsteps, nwalkers, coefficient, offset)[discard + thin - 1 :: thin]
        tau = thin * emcee.autocorr.integrated_time(x, c=c, tol=0, quiet=True)[0]
        row = (nsteps, nwalkers, coefficient, offset, discard, thin, c, tau)
        print("    {%d, %d, %r, %r, %d, %d, %r, %.17g}," % row)
    print("};\n\n#endif")


if __name__ == "__main__":
    main()
