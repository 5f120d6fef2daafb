"""How a case runs a program: ours, emcee in its own process, or any command, with its time and memory.

Knows nothing of rounds and tables. If a program is not built, or emcee is not installed, it notes that and leaves it
out, so that one side can be measured without the other.
"""
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
# A thread pool inside BLAS would be measured instead of the samplers.
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


# The figures that figures.lua prints, in this order.
FIGURES = ("evaluations", "wall_s", "model_s", "wire_bytes", "data_bytes")


class Failure(Exception):
    """A run failed that should succeed."""


class Bench:
    def __init__(self, programs, tools, quick):
        self.tools = Path(tools).resolve()
        self.programs = {Path(path).name: Path(path).resolve() for path in programs}
        self.quick = quick
        self.notes = []
        self.folder = tempfile.TemporaryDirectory(prefix="ensemble-bench-")
        self.count = 0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.folder.cleanup()

    def steps(self, count):
        return max(count // 10, 1) if self.quick else count

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def take_notes(self):
        notes, self.notes = self.notes, []
        return notes

    def command(self, *words):
        """Runs a command to its end: dict of stdout, wall_s, cpu_s, peak_mib (of the largest process of its tree)."""
        words = [str(word) for word in words]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            begun = time.monotonic()
            child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                     env={**os.environ, **ONE_THREAD})
            _, status, usage = os.wait4(child.pid, 0)
            wall = time.monotonic() - begun
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            if child.returncode != 0:
                raise Failure(f"{' '.join(words)}: status {child.returncode}\n{err.read().decode(errors='replace')}")
            return {"stdout": out.read().decode(), "wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime,
                    "peak_mib": usage.ru_maxrss / 1024}

    def works(self, *words):
        """Whether a command exits with 0, and so can do its work here. If not, notes its output."""
        result = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if result.returncode != 0:
            self.note(f"{Path(words[0]).name} cannot work here: {' '.join((result.stdout + result.stderr).split())}")
        return result.returncode == 0

    def built(self):
        """(name, path) of each of our programs that is built."""
        for name, path in self.programs.items():
            if path.is_file():
                yield name, path
            else:
                self.note(f"{name} is not built")

    def store(self):
        self.count += 1
        return Path(self.folder.name) / f"run-{self.count}.db"

    def tool(self, name):
        """Path of a tool that make builds for a case, or None."""
        path = self.tools / name
        if path.is_file():
            return path
        self.note(f"{name} is not built: 'make bench-tools' builds it")
        return None

    def loop(self, name, *arguments):
        """The JSON that a loop in C prints; None if it is not built."""
        path = self.tool(name)
        return path and json.loads(self.command(path, *arguments)["stdout"])

    def launcher(self, ranks, mpi="openmpi"):
        """A command prefix that starts this many ranks: no words for one rank, None without a launcher."""
        if ranks == 1:
            return []
        path = shutil.which(f"mpiexec.{mpi}")
        if not path:
            self.note(f"no mpiexec.{mpi}: 'scripts/install-deps {'full' if mpi == 'mpich' else 'optional'}' installs it")
        options = ["--oversubscribe", "--bind-to", "none"] if mpi == "openmpi" else []
        return path and ["env", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", path, *options, "-n", ranks]

    def ours(self, program, script, steps, workers, *arguments, store=False, ranks=1, launcher=None):
        """Runs a script of this folder, which prints its run's figures (figures.lua).

        The result is that of command() with these figures and, with a store, its `store_mib` and `info`; None if the
        ranks cannot be launched. With several ranks, each has `workers`. `launcher`: another command prefix for them.
        cpu_s, peak_mib and `process_s` are those of the whole process.
        """
        path = self.store() if store else None
        launcher = launcher or self.launcher(ranks)
        if launcher is None:
            return None
        result = self.command(*launcher, program, "--quiet", "--progress", "none", "--steps", self.steps(steps), "--workers",
                              workers, *(["--output", path] if store else []), HERE / script, *arguments)
        result["process_s"] = result["wall_s"]
        figures = zip(FIGURES, map(float, result["stdout"].split()))
        result.update(figures)
        if store:
            result["info"] = json.loads(self.command(program, "info", path, "--json")["stdout"])
            result["store_mib"] = path.stat().st_size / 2**20
            path.unlink()
        return result

    def native(self, symbol, steps, workers, walkers=32, ndim=5, ranks=1):
        """A C function of models.c as the model, in the first of our programs; None if one of them is not built."""
        library, programs = self.tool("models.so"), [program for _, program in self.built()]
        if not library or not programs:
            return None
        return self.ours(programs[0], "native.lua", steps, workers, library, symbol, walkers, ndim, ranks=ranks)

    def described(self, library, steps, walkers, ndim):
        """A library that describes its model, one worker, in the first of our programs; None if one is not built."""
        library, programs = self.tool(library), [program for _, program in self.built()]
        return library and programs and self.ours(programs[0], "native.lua", steps, 1, library, "", walkers, ndim)

    def has(self, module):
        if importlib.util.find_spec(module) is not None:
            return True
        self.note(f"no {module} for {sys.executable}: 'scripts/install-deps bench' installs it")
        return False

    def emcee(self, model, steps, ranks=1, **options):
        """The output of emcee_runs.py for a model, with the process's peak_mib; None if emcee is not installed, or
        several ranks cannot be launched."""
        launcher = self.launcher(ranks)
        if launcher is None or not self.has("emcee") or (ranks > 1 and not self.has("mpi4py")):
            return None
        options["steps"] = self.steps(steps)
        if ranks > 1:
            options["ranks"] = ranks
        result = self.command(*launcher, sys.executable, HERE / "emcee_runs.py", model, json.dumps(options))
        return {**json.loads(result["stdout"]), "peak_mib": result["peak_mib"]}
