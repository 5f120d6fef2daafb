"""Compares the program's numbers for a stored chain with those of numpy and emcee.

  chaincheck.py summary STORE NUMBERS    lines "discard thin dimension key value"; dimension 0 is of the whole chain
  chaincheck.py autocorr STORE NUMBERS
  chaincheck.py moments STORE TARGET     the chain's moments beside the target's, in measured standard errors
  chaincheck.py normal_limits STORE -    a normal distribution within the limits of emcee's own test
  chaincheck.py blobs STORE -            the blobs of blobs_spec.lua, read by the types that the store gives them
"""
import math
import sys

import numpy as np

from readstore import Chain


class Arrays:
    def __init__(self, path):
        chain = Chain(path)
        self.coords = np.frombuffer(chain.coords, "<f8").reshape(chain.steps, chain.walkers, chain.ndim)
        self.log_prob = np.frombuffer(chain.log_prob, "<f8").reshape(chain.steps, chain.walkers)
        self.accepted = np.frombuffer(chain.accepted, "u1").reshape(chain.steps, chain.walkers)


def demand(holds, text):
    if not holds:
        sys.exit(text)


def read_numbers(path):
    with open(path) as lines:
        for line in lines:
            discard, thin, dim, key, value = line.split()
            yield int(discard), int(thin), int(dim), key, float(value)


QUANTILES = {"q05": 0.05, "q16": 0.16, "q50": 0.5, "q84": 0.84, "q95": 0.95}


def expected_summary(arrays, discard, thin, dim, key):
    flat = arrays.coords[discard + thin - 1::thin, :, dim - 1].ravel()
    log_prob = arrays.log_prob[discard + thin - 1::thin]
    fractions = arrays.accepted.mean(axis=0)
    if key in QUANTILES:
        return np.quantile(flat, QUANTILES[key])
    return {"mean": flat.mean, "sd": lambda: flat.std(ddof=1), "log_prob_max": arrays.log_prob.max,
            "log_prob_mean": log_prob.mean, "acceptance_mean": fractions.mean, "acceptance_min": fractions.min,
            "acceptance_max": fractions.max}[key]()


def compare(lines, tolerance, expect):
    count = 0
    for line in lines:
        expected = expect(*line[:4])
        demand(abs(line[4] - expected) <= tolerance * max(1, abs(expected)), f"{line}, not {expected!r}")
        count += 1
    demand(count > 0, "no number")


def summary(store, numbers):
    arrays = Arrays(store)
    lines = [line for line in read_numbers(numbers) if "tau" not in line[3]]
    compare(lines, 1e-12, lambda *what: expected_summary(arrays, *what))


def autocorr(store, numbers):
    from emcee.autocorr import integrated_time
    arrays = Arrays(store)

    def expect(discard, thin, dim, key):
        series = arrays.coords[discard + thin - 1::thin, :, dim - 1:dim]
        return thin * integrated_time(series, c=8 if key == "tau8" else 5, tol=0)[0]

    compare([line for line in read_numbers(numbers) if "tau" in line[3]], 1e-9, expect)


# ---- moments ----


def gaussian_covariance():
    index = np.arange(1, 6)
    return np.outer(index, index) * 0.5 ** np.abs(np.subtract.outer(index, index))


def gaussian(x):
    """models/gaussian.lua: mean i, covariance i j 0.5^|i - j|."""
    covariance = gaussian_covariance()
    for i in range(5):
        yield f"mean {i}", x[..., i], i + 1
        for j in range(i + 1):
            yield f"covariance {i} {j}", (x[..., i] - i - 1) * (x[..., j] - j - 1), covariance[i, j]


def normal(x):
    yield "mean", x[..., 0], 0
    yield "square", x[..., 0] ** 2, 1


def rosenbrock(x):
    yield "E x", x[..., 0], 1
    yield "E x^2", x[..., 0] ** 2, 11
    yield "E y", x[..., 1], 11
    yield "Var y", (x[..., 1] - 11) ** 2, 240.1
    yield "Var y given x", (x[..., 1] - x[..., 0] ** 2) ** 2, 0.1


# Table 1 of Hogg, Bovy and Lang (2010), points 5 to 20: x, y, sigma_y.
HOGG = np.array([
    (203, 495, 21), (58, 173, 15), (210, 479, 27), (202, 504, 14), (198, 510, 30), (158, 416, 16), (165, 393, 14),
    (201, 442, 25), (157, 317, 52), (131, 311, 16), (166, 400, 34), (160, 337, 31), (186, 423, 42), (125, 334, 26),
    (218, 533, 16), (146, 344, 22)], dtype=float)


def weighted_least_squares():
    """The posterior of (m, b) under flat priors is normal with this mean and covariance."""
    design = np.stack([HOGG[:, 0], np.ones(len(HOGG))], axis=1) / HOGG[:, 2:]
    covariance = np.linalg.inv(design.T @ design)
    return covariance @ design.T @ (HOGG[:, 1] / HOGG[:, 2]), covariance


def hogg(x):
    mean, covariance = weighted_least_squares()
    published = [round(mean[0], 2), round(covariance[0, 0] ** 0.5, 2), round(mean[1]), round(covariance[1, 1] ** 0.5)]
    demand(published == [2.24, 0.11, 34, 18], f"not the published fit: {published}")
    for i, name in enumerate("mb"):
        yield f"mean of {name}", x[..., i], mean[i]
        yield f"variance of {name}", (x[..., i] - mean[i]) ** 2, covariance[i, i]
    yield "covariance", (x[..., 0] - mean[0]) * (x[..., 1] - mean[1]), covariance[0, 1]


def autocorrelation_time(series):
    """Sokal's: 1 + 2 sum of rho up to the first M >= 5 tau(M)."""
    n = len(series)
    size = 2 * 2 ** int(np.ceil(np.log2(n)))
    power = np.abs(np.fft.rfft(series - series.mean(), size)) ** 2
    rho = np.fft.irfft(power, size)[:n]
    taus = 2 * np.cumsum(rho / rho[0]) - 1
    window = np.arange(n) >= 5 * taus
    return taus[np.argmax(window)] if window.any() else n


def standard_error(name, values):
    """Standard error of the mean of values [step][walker]; the ensemble's means include walkers' correlations."""
    means = values.mean(axis=1)
    tau = autocorrelation_time(means)
    demand(len(means) > 40 * tau, f"{name}: {len(means)} steps are too few for tau = {tau:.0f}")
    return np.sqrt(means.var() * tau / len(means))


def moments(store, target):
    """Four standard errors: of correct chains one moment in 16000 fails, and the seed is fixed."""
    x = Arrays(store).coords
    x = x[len(x) // 20:]
    for name, values, truth in globals()[target](x):
        error = standard_error(name, values)
        z = (values.mean() - truth) / error
        print(f"{name}: {values.mean():.6g} +- {error:.2g}, true {truth:.6g}, z = {z:.2f}")
        demand(abs(z) < 4, f"{name}: {values.mean():.6g} +- {error:.2g}, true {truth:.6g}: z = {z:.2f}")


def normal_limits(store, _):
    """emcee's integration test of its moves: |mean| < 0.08, |sd - 1| < 0.05, Kolmogorov-Smirnov < 0.05."""
    x = np.sort(Arrays(store).coords.ravel())
    cdf = np.array([0.5 * (1 + math.erf(value / math.sqrt(2))) for value in x])
    steps = np.arange(len(x) + 1) / len(x)
    distance = max(abs(cdf - steps[:-1]).max(), abs(steps[1:] - cdf).max())
    demand(abs(x.mean()) < 0.08 and abs(x.std() - 1) < 0.05 and distance < 0.05,
           f"mean {x.mean()}, sd {x.std()}, Kolmogorov-Smirnov {distance}")


def blobs(store, _):
    chain = Chain(store)
    x, y = np.frombuffer(chain.coords, "<f8").reshape(-1, 2).T
    where = np.where(x < 0, b"west", np.where(y < 0, b"south", b""))
    expected = [x**2 + y**2, np.array([x, x**2, x**3]).T, where, None, np.full(len(x), "grüße".encode())]
    for (dtype, shape), data, value in zip(chain.types, chain.blobs, expected):
        dtype = np.dtype((dtype, tuple(map(int, shape.split()))))
        array = np.frombuffer(data, dtype.base).reshape(-1, *dtype.shape)
        demand(value is None or (np.array_equal(array, value) if array.dtype.kind == "S" else np.allclose(array, value)),
               f"{dtype}: {array[:3]}, not {value[:3] if value is not None else None}")


def main(argv):
    commands = {"blobs": blobs, "summary": summary, "autocorr": autocorr, "moments": moments, "normal_limits": normal_limits}
    if len(argv) != 4 or argv[1] not in commands:
        sys.exit(__doc__)
    commands[argv[1]](*argv[2:])


if __name__ == "__main__":
    main(sys.argv)
