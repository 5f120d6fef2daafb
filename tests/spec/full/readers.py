"""Twenty readers at a time look at a store, from before it exists until it is finished.

  readers.py PROGRAM FOLDER JOURNAL SECONDS

Some open it anew for each look. Some keep their connection, with or without transactions. Some are `info` and
`summary`. Every look must succeed and show no fewer steps than the one before; the run must end as if nobody looked.
Prints "N looks", or names the error and exits with 1.
"""
import json
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from readstore import Chain  # noqa: E402


class Readers:
    def __init__(self, program, path):
        self.program, self.path = program, path
        self.uri = f"{path.as_uri()}?mode=ro"
        self.looks, self.trouble, self.over = 0, [], False

    def connect(self):
        return sqlite3.connect(self.uri, uri=True, timeout=60)

    def fresh(self):
        db = self.connect()
        try:
            return db.execute("SELECT nstored FROM run").fetchone()[0]
        finally:
            db.close()

    def whole(self):
        return Chain(str(self.path)).steps

    def info(self):
        result = subprocess.run([self.program, "info", "--json", str(self.path)], capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
        return json.loads(result.stdout)["steps"]

    def summary(self):
        result = subprocess.run([self.program, "summary", "--json", "--discard", "0", str(self.path)],
                                capture_output=True, text=True)
        if result.returncode != 0 and "step" not in result.stderr:  # a store without steps is no error
            raise RuntimeError(result.stderr)
        return json.loads(result.stdout)["steps"] if result.returncode == 0 else 0

    def watch(self, look):
        last = 0
        try:
            while not self.over:
                steps = look()
                if steps < last:
                    raise RuntimeError(f"{steps} steps after {last}")
                last = steps
                self.looks += 1
                time.sleep(0.01)
        except Exception as error:  # of any kind: reported below
            self.trouble.append(f"{look.__name__}: {error!r}")

    def keep(self):
        """One connection for all looks, every other one in a transaction that lasts a while."""
        db = self.connect()

        def kept():
            if self.looks % 2:
                return db.execute("SELECT nstored FROM run").fetchone()[0]
            db.execute("BEGIN")
            steps = db.execute("SELECT nstored FROM run").fetchone()[0]
            time.sleep(0.02)
            db.execute("COMMIT")
            return steps

        self.watch(kept)
        db.close()


def main(program, folder, journal, seconds):
    path = Path(folder) / "run.db"
    words = [program, str(HERE / "crash_model.lua"), "10000000", "8", "1", "1", "0.001", "run.db", journal, "1"]
    child = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while not path.exists() and child.poll() is None:
        time.sleep(0.01)
    readers = Readers(program, path)
    looks = [readers.fresh] * 8 + [readers.whole] * 4 + [readers.info] * 2 + [readers.summary] * 2
    threads = [threading.Thread(target=readers.watch, args=(look,)) for look in looks]
    threads += [threading.Thread(target=readers.keep) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(float(seconds))
    child.terminate()
    words = child.communicate()[1]
    readers.over = True
    for thread in threads:
        thread.join()
    if child.returncode != 75 or readers.trouble:
        sys.exit(f"status {child.returncode}: {words}\n" + "\n".join(readers.trouble))
    if Chain(str(path)).steps != readers.info():
        sys.exit("the chain's number of steps is not that of info")
    print(f"{readers.looks} looks")


if __name__ == "__main__":
    main(*sys.argv[1:])
