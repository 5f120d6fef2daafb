"""emcee with its HDF5 backend, beside the case `store`: emcee_store.py FILE SECONDS STEPS prints one JSON object.

FILE "-" keeps the chain in memory. The model is that of spin_model.lua: busy for SECONDS, then a Gaussian.
"""
import json
import sys
import time
from pathlib import Path

import emcee
import numpy

WALKERS, NDIM = 32, 5


def spin(seconds):
    def log_prob(theta):
        stop = time.monotonic() + seconds
        while time.monotonic() < stop:
            pass
        return -0.5 * numpy.sum(theta**2)
    return log_prob


def main(path, seconds, steps):
    backend = None
    if path != "-":
        backend = emcee.backends.HDFBackend(path)
        backend.reset(WALKERS, NDIM)
    numpy.random.seed(1)
    sampler = emcee.EnsembleSampler(WALKERS, NDIM, spin(float(seconds)), backend=backend)
    begun = time.monotonic()
    sampler.run_mcmc(numpy.random.randn(WALKERS, NDIM), int(steps), progress=False)
    wall = time.monotonic() - begun
    print(json.dumps({"wall_s": wall, "bytes": Path(path).stat().st_size if backend else 0}))


if __name__ == "__main__":
    main(*sys.argv[1:])
