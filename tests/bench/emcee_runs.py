"""emcee's part of the cases, each in its own process: emcee_runs.py TASK '{"steps": ...}' prints one JSON object.

The busy model is that of emcee's parallelization tutorial. Shared memory adds up the time in the model.
"""
import json
import math
import multiprocessing
import sys
import time
import zlib
from pathlib import Path

import emcee
import numpy

NDIM = 5
LINE = Path(__file__).resolve().parents[2] / "examples" / "line.csv"
model_time = multiprocessing.Value("d", 0.0)


def gaussian(theta):
    return -0.5 * numpy.sum(theta**2)


def timed_model(take):
    """A Gaussian that first calls take(theta), which takes the time."""
    def log_prob(theta, data=None):
        begun = time.monotonic()
        if data is not None:
            data[0, 0]  # reads the data, as in the tutorial
        take(theta)
        value = gaussian(theta)
        with model_time.get_lock():
            model_time.value += time.monotonic() - begun
        return value
    return log_prob


def fraction(theta):
    """Uniform in (0, 1), a function of theta: forked workers inherit one generator state."""
    return (zlib.crc32(theta.tobytes()) + 0.5) / 2**32


def spin(seconds):
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        pass


# Module-level names: a pool sends functions by name.
busy = timed_model(lambda theta: spin(0.005 + 0.003 * fraction(theta)))
spin_3ms = timed_model(lambda theta: spin(0.003))
sleep_uniform = timed_model(lambda theta: time.sleep(0.005 + 0.003 * fraction(theta)))
sleep_exponential = timed_model(lambda theta: time.sleep(-0.0065 * math.log(fraction(theta))))
MODELS = {"gaussian": gaussian, "busy": busy, "spin_3ms": spin_3ms, "sleep_uniform": sleep_uniform,
          "sleep_exponential": sleep_exponential}
for name, model in MODELS.items():
    model.__name__ = model.__qualname__ = name


def run_line(steps, walkers=32):
    """The model of emcee's tutorial on fitting a model to data, with one array operation per step of the formula."""
    x, y, yerr = numpy.loadtxt(LINE, delimiter=",", skiprows=3, unpack=True)

    def log_prob(theta):
        m, b, log_f = theta
        if not (-5 < m < 0.5 and 0 < b < 10 and -10 < log_f < 1):
            return -numpy.inf
        model = m * x + b
        sigma2 = yerr**2 + model**2 * numpy.exp(2 * log_f)
        return -0.5 * numpy.sum((y - model)**2 / sigma2 + numpy.log(sigma2))

    start = numpy.array([-1, 4.5, -0.7]) + 1e-2 * numpy.random.randn(walkers, 3)
    wall = timed(emcee.EnsembleSampler(walkers, 3, log_prob), start, steps)
    return {"wall_s": wall, "model_s": 0, "evaluations": walkers * (steps + 1)}


def timed(sampler, start, steps):
    numpy.random.seed(1)
    begun = time.monotonic()
    sampler.run_mcmc(start, steps, progress=False)
    return time.monotonic() - begun


class RankPool:
    """Like schwimmbad's MPIPool in emcee's tutorial: rank 0 hands out tasks, one per rank at a time, and waits."""

    def __init__(self, mpi):
        self.mpi, self.comm = mpi, mpi.COMM_WORLD

    def serve(self):
        """On other ranks than the first: evaluates until it gets None, then sends its time in the model."""
        while (task := self.comm.recv(source=0)) is not None:
            function, index, argument = task
            self.comm.send((index, function(argument)), dest=0)
        self.comm.send(model_time.value, dest=0)

    def map(self, function, arguments):
        tasks, results = list(enumerate(arguments)), {}
        idle, pending = list(range(1, self.comm.size)), 0
        while tasks or pending:
            while idle and tasks:
                index, argument = tasks.pop(0)
                self.comm.send((function, index, argument), dest=idle.pop())
                pending += 1
            status = self.mpi.Status()
            index, results[index] = self.comm.recv(source=self.mpi.ANY_SOURCE, status=status)
            idle.append(status.source)
            pending -= 1
        return [results[i] for i in range(len(results))]

    def close(self):
        """Seconds that the other ranks spent in the model."""
        for rank in range(1, self.comm.size):
            self.comm.send(None, dest=rank)
        return sum(self.comm.recv(source=rank) for rank in range(1, self.comm.size))


def run_ranks(model, steps, ranks, walkers=32):
    """None on all ranks but the first."""
    from mpi4py import MPI

    pool = RankPool(MPI)
    if pool.comm.size != ranks:
        sys.exit(f"emcee_runs.py: {pool.comm.size} ranks of mpi4py's MPI where {ranks} were started: another MPI's launcher?")
    if pool.comm.rank != 0:
        return pool.serve()
    start = numpy.random.randn(walkers, NDIM)
    wall = timed(emcee.EnsembleSampler(walkers, NDIM, MODELS[model], pool=pool), start, steps)
    return {"wall_s": wall, "model_s": pool.close(), "evaluations": walkers * (steps + 1)}


def run(model, steps, workers=1, walkers=32, data=False, ranks=1):
    if ranks > 1:
        return run_ranks(model, steps, ranks, walkers)
    log_prob = MODELS[model]
    args = [numpy.random.randn(5000, 200)] if data else []
    start = numpy.random.randn(walkers, NDIM)
    if workers == 1:
        wall = timed(emcee.EnsembleSampler(walkers, NDIM, log_prob, args=args), start, steps)
    else:
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            wall = timed(emcee.EnsembleSampler(walkers, NDIM, log_prob, args=args, pool=pool), start, steps)
    return {"wall_s": wall, "model_s": model_time.value, "evaluations": walkers * (steps + 1)}


def main(argv):
    if len(argv) != 3 or argv[1] not in [*MODELS, "line"]:
        sys.exit(__doc__)
    options = json.loads(argv[2])
    result = run_line(**options) if argv[1] == "line" else run(argv[1], **options)
    if result is not None:
        print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv)
