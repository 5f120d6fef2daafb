"""Kills runs at random moments and compares their results with runs that nobody killed.

  kills.py PROGRAM FOLDER KILLS SEED

Runs of a fast and a slow model, with 1 to 4 workers, thinning, blobs and both journals, are killed (SIGKILL) again and
again, each time at a random moment. The same command or `resume` starts them again, until they reach their end.
Prints "N kills of M runs: all the same", or names the difference and exits with 1.
"""
import random
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from readstore import Chain, connect  # noqa: E402

# steps, walkers, thin_by, blobs, longest sleep of an evaluation
SHAPES = [(15000, 8, 1, 0, 0), (6000, 10, 3, 1, 0), (60, 8, 1, 0, 0.004), (25, 9, 3, 1, 0.004), (8000, 32, 1, 1, 0)]


class Runs:
    def __init__(self, program, folder, choose):
        self.program, self.folder, self.choose = program, Path(folder), choose
        self.whole = {}

    def words(self, shape, output, workers, journal):
        return [self.program, str(HERE / "crash_model.lua"), *map(str, shape), output, journal, str(workers)]

    def finish(self, words):
        result = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=120)
        if result.returncode != 0:
            sys.exit(f"{' '.join(words)}: status {result.returncode}\n{result.stderr}")

    def digest_of(self, shape):
        """Digest and duration of the run that nobody kills."""
        if shape not in self.whole:
            begun = time.monotonic()
            self.finish(self.words(shape, "whole.db", 2, "auto"))
            seconds = time.monotonic() - begun
            self.whole[shape] = (Chain(str(self.folder / "whole.db")).digest(), seconds)
            (self.folder / "whole.db").unlink()
        return self.whole[shape]

    def kill(self, words, longest):
        """Whether the run was killed before its end."""
        child = subprocess.Popen(words, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(self.choose.uniform(0, longest))
        child.kill()
        return child.wait() == -9

    def again(self, shape, output):
        """The command that starts the run this time; `resume` needs a store."""
        if (self.folder / output).exists() and self.choose.random() < 0.4:
            return [self.program, "resume", output, "--workers", str(self.choose.randint(1, 4)), "--quiet"]
        return self.words(shape, output, self.choose.randint(1, 4), self.choose.choice(["auto", "wal", "delete"]))

    def one(self, number, shape, most):
        """The number of kills of one run before its end, at most `most`."""
        expected, seconds = self.digest_of(shape)
        output, kills = f"run-{number}.db", 0
        while kills < most and self.kill(self.again(shape, output), 0.05 + 0.5 * seconds):
            kills += 1
        self.finish(self.words(shape, output, self.choose.randint(1, 4), "auto"))
        self.compare(output, expected)
        return kills

    def compare(self, output, expected):
        path = str(self.folder / output)
        with connect(path) as db:
            status, integrity = (db.execute(sql).fetchone()[0] for sql in
                                 ("SELECT status FROM run", "PRAGMA integrity_check"))
        if (status, integrity) != ("finished", "ok"):
            sys.exit(f"{output}: status {status}, integrity {integrity}")
        if Chain(path).digest() != expected:
            sys.exit(f"{output}: not the chain of a run that nobody killed")
        Path(path).unlink()


def main(program, folder, wanted, seed):
    runs = Runs(program, folder, random.Random(int(seed)))
    kills, number = 0, 0
    while kills < int(wanted):
        shape = SHAPES[number % len(SHAPES)]
        kills += runs.one(number, shape, min(7, int(wanted) - kills))
        number += 1
    print(f"{kills} kills of {number} runs: all the same")


if __name__ == "__main__":
    main(*sys.argv[1:])
