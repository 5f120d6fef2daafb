#!/usr/bin/env python3
"""Writes dist_reference.h: log densities, moments and distribution functions for test_dist.c.

Log densities are worked out with 60 digits by mpmath from the textbook's formulas and compared with scipy's, which
loses digits for great shapes and far tails (there the comparison is left out: "far"). Moments and distribution
functions are scipy's. Run with both installed: python3 make_dist_reference.py > dist_reference.h
"""
import math

import mpmath
import numpy as np
import scipy
from mpmath import mp, mpf
from scipy import stats

mp.dps = 60
log, exp, lg = mpmath.log, mpmath.exp, mpmath.loggamma
HALF = mpf(1) / 2
L2PI = log(2 * mp.pi)


def normal(x, m, s):
    return -((x - m) / s) ** 2 / 2 - log(s) - L2PI / 2


def student(x, nu, m, s):
    z = (x - m) / s
    return lg((nu + 1) / 2) - lg(nu / 2) - log(nu * mp.pi) / 2 - log(s) - (nu + 1) / 2 * log(1 + z * z / nu)


def gamma(x, a, b):
    return a * log(b) - lg(a) + (a - 1) * log(x) - b * x


def binomial(k, n, p):
    return lg(n + 1) - lg(k + 1) - lg(n - k + 1) + k * log(p) + (n - k) * log(1 - p)


def upper(z):
    return mpmath.erfc(z / mpmath.sqrt(2)) / 2


def truncated(x, m, s, low, high):
    a, b = (low - m) / s, (high - m) / s
    with mpmath.workdps(400):
        mass = upper(a) - upper(b) if a > 0 else upper(-b) - upper(-a)
        return normal(x, m, s) - log(mass)


def weibull(x, k, l):
    return log(k / l) + (k - 1) * log(x / l) - (x / l) ** k


def von_mises(x, m, k):
    return k * mpmath.cos(x - m) - log(2 * mp.pi * mpmath.besseli(0, k))


# name: the log density, scipy's frozen distribution, [(parameters, [x, ...]), ...] near, the same far, draws' parameters
LINE = [-40.0, -3.25, -0.5, 0.0, 0.125, 1.0, 2.75, 77.0]
UP = [1e-9, 0.015625, 0.5, 1.0, 2.75, 9.0, 77.0]
ROWS = {
    "normal": (normal, lambda m, s: stats.norm(m, s), [((0.5, 2.0), LINE), ((-3.0, 1e-3), [-3.0, -2.999])],
               [((1.0, 1e5), [1e-3, 1e7])], [(0.5, 2.0)]),
    "half_normal": (lambda x, s: log(2) + normal(x, 0, s), lambda s: stats.halfnorm(0, s), [((2.0,), UP + [0.0])],
                    [], [(2.0,)]),
    "truncated_normal": (
        truncated, lambda m, s, a, b: stats.truncnorm((a - m) / s, (b - m) / s, m, s),
        [((0.5, 2.0, -1.0, 3.0), [-1.0, 0.5, 3.0]), ((0.0, 1.0, 0.5, math.inf), [0.5, 2.0, 9.0]),
         ((0.0, 1.0, -math.inf, 1.5), [-9.0, 0.0, 1.5]), ((1.0, 1.0, -math.inf, math.inf), [-3.0, 4.0])],
        [((0.0, 1.0, 10.0, 11.0), [10.0, 10.25, 11.0]), ((0.0, 1.0, 50.0, math.inf), [50.0, 50.125]),
         ((0.0, 1.0, -1001.0, -1000.0), [-1000.5, -1000.0]), ((0.0, 1.0, 8.0, 8.0009765625), [8.0, 8.0005]),
         ((2.0, 0.25, 12.0, 13.0), [12.0, 12.5]), ((0.0, 1.0, 0.0, 0.5), [0.0, 0.25]),
         ((0.0, 1.0, 3.0, 3.5), [3.25]), ((0.0, 1.0, 5.0, 40.0), [5.0, 6.0])],
        [(0.5, 2.0, -1.0, 3.0), (0.0, 1.0, 2.0, math.inf), (0.0, 1.0, -math.inf, -8.0), (0.0, 1.0, 3.0, 3.125),
         (0.0, 1.0, -0.25, 0.5)]),
    "lognormal": (lambda x, m, s: normal(log(x), m, s) - log(x), lambda m, s: stats.lognorm(s, 0, math.exp(m)),
                  [((0.5, 2.0), UP), ((-3.0, 0.25), UP)], [], [(0.5, 0.5)]),
    "student_t": (student, lambda n, m, s: stats.t(n, m, s), [((3.0, 0.5, 2.0), LINE), ((0.25, 0.0, 1.0), LINE)],
                  [((1e6, 0.0, 1.0), LINE), ((1e12, 0.0, 1.0), [0.5, 9.0]), ((3.0, 0.0, 1.0), [1e200])],
                  [(9.0, 0.5, 2.0), (2.5, 0.0, 1.0)]),
    "half_student_t": (lambda x, n, s: log(2) + student(x, n, 0, s), None, [((3.0, 2.0), UP + [0.0])],
                       [((1e6, 1.0), UP)], []),
    "cauchy": (lambda x, m, s: -log(mp.pi * s) - log(1 + ((x - m) / s) ** 2), lambda m, s: stats.cauchy(m, s),
               [((0.5, 2.0), LINE)], [((0.0, 1.0), [1e200, -1e9])], [(0.5, 2.0)]),
    "half_cauchy": (lambda x, s: log(2 / (mp.pi * s)) - log(1 + (x / s) ** 2), lambda s: stats.halfcauchy(0, s),
                    [((2.5,), UP + [0.0])], [((1.0,), [1e180])], [(2.5,)]),
    "laplace": (lambda x, m, s: -log(2 * s) - abs(x - m) / s, lambda m, s: stats.laplace(m, s),
                [((0.5, 2.0), LINE)], [], [(0.5, 2.0)]),
    "logistic": (lambda x, m, s: -(x - m) / s - log(s) - 2 * log(1 + exp(-(x - m) / s)),
                 lambda m, s: stats.logistic(m, s), [((0.5, 2.0), LINE)], [((0.0, 0.03125), [-40.0, 40.0])],
                 [(0.5, 2.0)]),
    "gumbel": (lambda x, m, s: -(x - m) / s - exp(-(x - m) / s) - log(s), lambda m, s: stats.gumbel_r(m, s),
               [((0.5, 2.0), LINE)], [], [(0.5, 2.0)]),
    "von_mises": (von_mises, lambda m, k: stats.vonmises(k, m),
                  [((0.25, 2.0), [-3.0, 0.25, 1.0, 3.0]), ((0.25, 29.0), [-1.0, 0.5]),
                   ((0.25, 31.0), [-1.0, 0.5])],
                  [((0.25, 0.0), [-3.0, 1.0]), ((0.0, 1e4), [0.0, 0.125]), ((0.0, 1e9), [0.0, 1e-4])],
                  [(0.25, 2.0), (0.25, 1e-9), (0.0, 50.0), (0.0, 4e6)]),
    "uniform": (lambda x, a, b: -log(b - a), lambda a, b: stats.uniform(a, b - a),
                [((-5.0, 5.5), [-5.0, 0.0, 5.5])], [((-1.5e308, 1.5e308), [0.0])], [(-5.0, 5.5)]),
    "loguniform": (lambda x, a, b: -log(x) - log(log(b / a)), lambda a, b: stats.loguniform(a, b),
                   [((1e-3, 1e3), [1e-3, 0.5, 1e3])],
                   [((3.0, 3.0000001), [3.0, 3.00000005]), ((1e-300, 1e300), [1e-20])], [(0.01, 100.0)]),
    "beta": (lambda x, a, b: (a - 1) * log(x) + (b - 1) * log(1 - x) + lg(a + b) - lg(a) - lg(b),
             lambda a, b: stats.beta(a, b),
             [((2.0, 3.5), [1e-9, 0.25, 0.5, 0.984375]), ((0.25, 0.5), [1e-9, 0.25, 0.984375]),
              ((1.0, 1.0), [0.25, 0.75]), ((1e-5, 2.0), [0.5])],
             [((1e6, 1e6), [0.5, 0.498]), ((1e8, 3.0), [0.99999997]), ((12.0, 1e-3), [0.5]),
              ((3.0, 4e5), [1e-5, 1e-3])], [(2.0, 3.5), (0.25, 0.5), (40.0, 0.75)]),
    "exponential": (lambda x, r: log(r) - r * x, lambda r: stats.expon(0, 1 / r), [((2.5,), UP + [0.0])], [], [(2.5,)]),
    "gamma": (gamma, lambda a, b: stats.gamma(a, 0, 1 / b),
              [((2.5, 1.5), UP), ((0.25, 1.5), UP), ((30.0, 2.0), UP), ((1.0, 1.5), UP)],
              [((1e6, 1e3), [1e3, 998.5, 1007.0]), ((1e10, 1.0), [1e10, 1.0001e10]), ((1e-8, 1.0), [0.5, 1e-300])],
              [(2.5, 1.5), (0.25, 2.0), (200.0, 3.0)]),
    "inv_gamma": (lambda x, a, b: a * log(b) - lg(a) - (a + 1) * log(x) - b / x, lambda a, b: stats.invgamma(a, 0, b),
                  [((2.5, 1.5), UP), ((0.25, 1.5), UP), ((30.0, 2.0), UP)], [((1e6, 1e6), [1.0, 1.002, 0.999])],
                  [(9.0, 1.5)]),
    "chi2": (lambda x, n: gamma(x, n / 2, HALF), lambda n: stats.chi2(n), [((3.0,), UP), ((0.5,), UP), ((40.0,), UP)],
             [((2e6,), [2e6, 1.99e6])], [(3.0,), (0.5,)]),
    "weibull": (weibull, lambda k, l: stats.weibull_min(k, 0, l), [((1.5, 2.0), UP), ((0.5, 2.0), UP)], [],
                [(1.5, 2.0), (0.75, 1.0)]),
    "pareto": (lambda x, l, a: log(a) + a * log(l) - (a + 1) * log(x), lambda l, a: stats.pareto(a, 0, l),
               [((0.5, 2.5), [0.5, 1.0, 9.0]), ((2.0, 0.25), [2.0, 9.0])],
               [((1.0, 1e8), [1.00000001]), ((1e-300, 2.0), [1e10])], [(0.5, 9.0), (0.5, 2.5)]),
    "rayleigh": (lambda x, s: log(x) - 2 * log(s) - (x / s) ** 2 / 2, lambda s: stats.rayleigh(0, s), [((2.0,), UP)],
                 [], [(2.0,)]),
    "poisson": (lambda k, r: k * log(r) - r - lg(k + 1), lambda r: stats.poisson(r),
                [((2.5,), [0.0, 1.0, 7.0]), ((30.0,), [0.0, 25.0, 40.0])],
                [((1e6,), [1e6, 998000.0]), ((1e-300,), [2.0]), ((1e10,), [1.00001e10])],
                [(2.5,), (30.0,), (1e4,)]),
    "binomial": (binomial, lambda n, p: stats.binom(n, p),
                 [((10.0, 0.25), [0.0, 1.0, 5.0, 10.0]), ((100.0, 0.75), [60.0, 75.0])],
                 [((1e9, 0.5), [5e8, 500010000.0]), ((1e9, 1e-6), [1e3, 1100.0])],
                 [(10.0, 0.25), (100.0, 0.75), (1e4, 0.375)]),
    "neg_binomial": (lambda k, n, p: lg(k + n) - lg(k + 1) - lg(n) + n * log(p) + k * log(1 - p),
                     lambda n, p: stats.nbinom(n, p),
                     [((3.0, 0.25), [0.0, 1.0, 9.0, 40.0]), ((0.5, 0.75), [0.0, 1.0, 4.0])],
                     [((1e6, 0.5), [1e6, 998000.0]), ((1e-12, 0.5), [3.0]), ((2.0, 1e-6), [1e6])],
                     [(3.0, 0.25), (0.5, 0.125)]),
    "bernoulli": (lambda k, p: log(p) if k == 1 else log(1 - p), lambda p: stats.bernoulli(p),
                  [((0.25,), [0.0, 1.0])], [((1e-18,), [0.0, 1.0])], [(0.25,)]),
    "geometric": (lambda k, p: log(p) + (k - 1) * log(1 - p), lambda p: stats.geom(p),
                  [((0.25,), [1.0, 2.0, 30.0])], [((1e-12,), [1e12])], [(0.25,), (0.9375,)]),
}
DISCRETE = {"poisson", "binomial", "neg_binomial", "bernoulli", "geometric"}


def number(x):
    return "INFINITY" if x == math.inf else "-INFINITY" if x == -math.inf else "NAN" if x != x else "%.17g" % x


def show(p):
    return "{%s}" % ", ".join(number(x) for x in p)


def lpdf(frozen, name, x):
    return frozen.logpmf(x) if name in DISCRETE else frozen.logpdf(x)


def values():
    for name, (exact, make, near, far, _) in ROWS.items():
        for cases, is_near in ((near, True), (far, False)):
            for p, xs in cases:
                for x in xs:
                    value = exact(mpf(x), *[mpf(q) for q in p]).real if x == x else math.nan
                    if is_near and make:
                        theirs = lpdf(make(*p), name, x)
                        assert abs(theirs - value) < 1e-9 * max(1, abs(value)), (name, p, x, theirs, value)
                    print('    {"%s", %s, %s, %s},' % (name, show(p), number(x), mpmath.nstr(value, 20)))


def grid(frozen, name):
    """Places with the share of the mass up to and with them."""
    levels = np.linspace(0.02, 0.98, 25)
    at = np.unique(frozen.ppf(levels))
    return list(at), list(frozen.cdf(at))


def draws():
    for name, (_, make, _, _, parameters) in ROWS.items():
        for p in parameters:
            frozen = make(*p)
            at, cdf = grid(frozen, name)
            if name == "von_mises":  # on the circle around mu: moments of an interval that scipy does not know
                mean = variance = kurtosis = math.nan
            else:
                mean, variance, _, kurtosis = (float(v) for v in frozen.stats("mvsk"))
            finite = [v if math.isfinite(v) else math.nan for v in (mean, variance, kurtosis)]
            print('    {"%s", %s, %s, %d, %s, %s},' % (name, show(p), ", ".join(number(v) for v in finite), len(at),
                                                      show(at), show(cdf)))


def vectors():
    """A normal of three dimensions and a Dirichlet distribution, whose parameters test_dist.c has."""
    normal3 = stats.multivariate_normal([1, -2, 0.5], [[4, 1.5, 0.5], [1.5, 2, -0.25], [0.5, -0.25, 1]])
    print("static const struct {\n  double x[3], value;\n} multi_normal_values[] = {")
    for x in ((1.0, -2.0, 0.5), (0.0, 0.0, 0.0), (9.0, 3.0, -5.0)):
        print("    {%s, %s}," % (show(x), number(normal3.logpdf(x))))
    print("};\nstatic const struct {\n  double x[3], value;\n} dirichlet_values[] = {")
    for x in ((0.25, 0.25, 0.5), (0.0625, 0.875, 0.0625)):
        print("    {%s, %s}," % (show(x), number(stats.dirichlet([0.5, 2, 3.5]).logpdf(x))))
    print("};")


def main():
    print("/* Made by make_dist_reference.py with mpmath %s and scipy %s. */" % (mpmath.__version__, scipy.__version__))
    print("#ifndef ENS_TEST_DIST_REFERENCE_H\n#define ENS_TEST_DIST_REFERENCE_H\n\n#include <math.h>\n")
    print("/* clang-format off */")
    print("static const struct {\n  const char *name;\n  double p[4], x, value;\n} dist_values[] = {")
    values()
    print("};\n\n/* Moments (NAN: there is none), and the distribution function at some places. */")
    print("static const struct {\n  const char *name;\n  double p[4], mean, variance, kurtosis;\n  int n;")
    print("  double at[25], cdf[25];\n} dist_draws[] = {")
    draws()
    print("};\n")
    vectors()
    print("/* clang-format on */\n\n#endif")


if __name__ == "__main__":
    main()
