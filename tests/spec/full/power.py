"""Checks that a power cut leaves every step of a store that was reported as saved.

  power.py PROGRAM LIBRARY FOLDER JOURNAL MOMENTS SEED

A run writes a store while LIBRARY (power_log.c) logs every operation on the folder, and this program repeatedly reads
how many steps the store has. For MOMENTS moments of that log it makes the folder as a power cut could have left it: each
file as at its last sync, the names as at the folder's last sync; in every second folder also some later operations, in
any order, as disks do. Each store must open, be intact, and have all steps that had been reported. Prints the numbers of
operations and steps.
"""
import json
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from readstore import Chain  # noqa: E402

SHAPE = ["150", "16", "1", "1", "0.002"]
REPORTS = 6  # that a run must at least give


class File:
    """Content as synced, and the later operations."""

    def __init__(self):
        self.content, self.later = bytearray(), []

    def sync(self):
        for what in self.later:
            apply(self.content, what)
        self.later = []


def apply(content, what):
    kind, offset, data = what
    if kind == "T":
        del content[offset:]
        content.extend(bytes(offset - len(content)))
        return
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


class Disk:
    """The folder in the playback: its synced state, and the operations that may be on the disk."""

    def __init__(self):
        self.files, self.names, self.later = {}, {}, []

    def play(self, record):
        kind, inode, offset, data = record
        if kind in "WT":
            self.files.setdefault(inode, File()).later.append((kind, offset, data))
        elif kind == "S":
            self.files.setdefault(inode, File()).sync()
        elif kind in "NLX":
            if kind == "N":
                self.files[inode] = File()
            self.later.append((data.decode(), self.files[inode] if kind != "X" else None))
        elif kind == "D":
            self.names = self.named(self.later)
            self.later = []

    def named(self, changes):
        names = dict(self.names)
        for name, file in changes:
            names[name] = file
        return {name: file for name, file in names.items() if file}

    def leave(self, folder, choose):
        """Makes the folder; `choose` (or None) picks the later operations that reached the disk."""
        folder.mkdir()
        names = self.named(self.later[:choose.randint(0, len(self.later))]) if choose else self.names
        for name, file in names.items():
            content = bytearray(file.content)
            for what in file.later:
                if choose and choose.random() < 0.5:
                    apply(content, what)
            (folder / name.lstrip("/")).write_bytes(content)


def records(path):
    """(kind, inode, offset, data), with marks ("M", steps, 0, b"")."""
    blob, at = path.read_bytes(), 0
    while at < len(blob):
        inode, offset, length = struct.unpack_from("<QQQ", blob, at + 1)
        yield chr(blob[at]), inode, offset, blob[at + 25:at + 25 + length]
        at += 25 + length


def stored_steps(path):
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5) as db:
            return db.execute("SELECT nstored FROM run").fetchone()[0]
    except sqlite3.OperationalError:
        return 0  # no store yet
    finally:
        if "db" in locals():
            db.close()


def sample(program, library, folder, journal):
    """A run with enough reports: a slower one if the machine is too busy to read often."""
    for slower in range(6):
        live = folder / f"live-{slower}"
        found = sample_once(program, library, live, folder / f"log-{slower}", journal, 2 ** slower)
        if sum(record[0] == "M" for record in found) >= REPORTS:
            return found, live / "run.db"
    sys.exit(f"no {REPORTS} reports of a run, however slow")


def sample_once(program, library, live, log, journal, slower):
    """Runs to the end, marking in the log the steps that a reader saw."""
    live.mkdir()
    shape = [*SHAPE[:-1], str(slower * float(SHAPE[-1]))]
    words = [program, str(HERE / "crash_model.lua"), *shape, str(live / "run.db"), journal, "2"]
    child = subprocess.Popen(words, env={**os.environ, "LD_PRELOAD": library, "POWER_DIR": str(live),
                                         "POWER_LOG": str(log)}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    told = 0
    while child.poll() is None:
        time.sleep(0.004)
        if told == int(SHAPE[0]):
            continue  # a reader would keep the journal beside the store
        steps = stored_steps(live / "run.db") if (live / "run.db").exists() else 0
        if steps > told:
            told = steps
            with open(log, "ab", buffering=0) as out:
                out.write(b"M" + struct.pack("<QQQ", steps, 0, 0))
    if child.returncode != 0:
        sys.exit(f"status {child.returncode}: {child.stderr.read().decode()}")
    return list(records(log))


def check(program, folder, told, whole):
    """The store of this folder has at least the reported steps, and they are those of the whole run."""
    path = folder / "run.db"
    if not path.exists():
        if told:
            sys.exit(f"{folder}: the store is gone, of which {told} steps had been reported")
        return 0
    left = {name: (folder / name).stat().st_size for name in sorted(os.listdir(folder))}
    info = subprocess.run([program, "info", "--json", str(path)], capture_output=True, text=True)
    if info.returncode != 0:
        sys.exit(f"{folder} {left}: info: {info.stderr}")
    steps = json.loads(info.stdout)["steps"]
    with sqlite3.connect(path) as db:
        integrity = db.execute("PRAGMA integrity_check").fetchone()[0]
    db.close()
    if integrity != "ok":
        sys.exit(f"{folder} {left}: integrity: {integrity}")
    if steps < told:
        sys.exit(f"{folder} {left}: {steps} steps, but {told} had been reported")
    chain = Chain(str(path))
    if chain.steps != steps or not whole.coords.startswith(chain.coords) or not whole.log_prob.startswith(chain.log_prob):
        sys.exit(f"{folder} {left}: another chain")
    return steps


def go_on(program, folder, journal, whole):
    """The run resumes there, to the same chain."""
    words = [program, str(HERE / "crash_model.lua"), *SHAPE, "run.db", journal, "2"]
    result = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{folder}: cannot resume: {result.stderr}")
    if Chain(str(folder / "run.db")).digest() != whole.digest():
        sys.exit(f"{folder}: resumes to another chain")


def moments(all_records, count, choose):
    """Half of them right after a report, when most can be lost."""
    marks = [i + 1 for i, record in enumerate(all_records) if record[0] == "M"]
    chosen = choose.sample(marks, min(count // 2, len(marks)))
    return sorted(chosen + choose.sample(range(1, len(all_records)), count - len(chosen)))


def main(program, library, folder, journal, count, seed):
    folder, choose = Path(folder), random.Random(int(seed))
    all_records, store = sample(program, library, folder, journal)
    whole, disk, told, played = Chain(str(store)), Disk(), 0, 0
    most = syncs = 0
    for number, moment in enumerate(moments(all_records, int(count), choose)):
        for record in all_records[played:moment]:
            told = record[1] if record[0] == "M" else told
            syncs += record[0] in "SD"
            disk.play(record)
        played = moment
        place = folder / f"cut-{number}"
        disk.leave(place, choose if number % 2 else None)
        most = max(most, check(program, place, told, whole))
        if number % 5 == 0:
            go_on(program, place, journal, whole)
        shutil.rmtree(place)
    marks = sum(record[0] == "M" for record in all_records)
    print(f"{count} power cuts in {len(all_records)} records with {syncs} syncs and {marks} reports, up to {most} steps")


if __name__ == "__main__":
    main(*sys.argv[1:])
