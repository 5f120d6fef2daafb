"""emcee's side of the cases, each in a process of its own: emcee_runs.py TASK '{"steps": ...}' prints one JSON object.

The models are those of emcee's parallelization tutorial; the time in the model is summed in shared memory.
"""
import json
import multiprocessing
import sys
import time

import emcee
import numpy

WALKERS, NDIM = 32, 5


model_time = multiprocessing.Value("d", 0.0)


def busy(theta, data=None):
    begun = time.monotonic()
    stop = begun + numpy.random.uniform(0.005, 0.008)
    if data is not None:
        data[0, 0]  # data is there to be had, as in the tutorial
    while time.monotonic() < stop:
        pass
    with model_time.get_lock():
        model_time.value += time.monotonic() - begun
    return -0.5 * numpy.sum(theta**2)


def gaussian(theta):
    return -0.5 * numpy.sum(theta**2)


def seed_worker():
    """Forked workers inherit one generator state: without this all of them would be busy for the same times."""
    numpy.random.seed(multiprocessing.current_process().pid)


def start():
    numpy.random.seed(1)
    return numpy.random.randn(WALKERS, NDIM)


def timed(sampler, steps):
    begun = time.monotonic()
    sampler.run_mcmc(start(), steps, progress=False)
    return time.monotonic() - begun


def run_busy(steps, workers, data=False):
    args = [numpy.random.randn(5000, 200)] if data else []
    if workers == 1:
        wall = timed(emcee.EnsembleSampler(WALKERS, NDIM, busy, args=args), steps)
    else:
        with multiprocessing.get_context("fork").Pool(workers, initializer=seed_worker) as pool:
            wall = timed(emcee.EnsembleSampler(WALKERS, NDIM, busy, args=args, pool=pool), steps)
    return {"wall_s": wall, "model_s": model_time.value}


def run_gauss(steps):
    sampler = emcee.EnsembleSampler(WALKERS, NDIM, gaussian)
    wall = timed(sampler, steps)
    return {"wall_s": wall, "evaluations": WALKERS * (steps + 1)}


TASKS = {"busy": run_busy, "gauss": run_gauss}


def main(argv):
    if len(argv) != 3 or argv[1] not in TASKS:
        sys.exit(__doc__)
    print(json.dumps(TASKS[argv[1]](**json.loads(argv[2]))))


if __name__ == "__main__":
    main(sys.argv)
