"""Checks whole stores for the specs, by docs/reference/store.md alone. Silent with exit status 0 if all is well; else it
names the error and exits with 1.

  storecheck.py same STORE...       finished stores with the same chain, byte for byte
  storecheck.py prefix SHORT LONG   the chain of SHORT begins that of LONG; prints SHORT's steps
  storecheck.py follow STORE LOOKS  reads STORE repeatedly while a run writes it, until LOOKS reads showed more steps:
                                    every read is consistent and continues the one before
  storecheck.py unfinish STORE STATUS  makes a finished store look as after a kill right before its end
  storecheck.py form STORE SCRIPT   tables, columns, marks, sizes, counts, sums of a finished store
"""
import hashlib
import json
import math
import sqlite3
import struct
import sys
import time
from pathlib import Path

from readstore import Chain, connect, unpack

COLUMNS = {
    "run": "run_id name nwalkers ndim thin_by nstored status created updated seed rng moves engine version"
           " script_name script script_sha256 argv extra",
    "param": "run_id idx name",
    "chunk": "chunk_id run_id start nsteps codec accepted log_prob chain",
    "blob_def": "run_id idx name dtype shape",
    "blob_chunk": "run_id blob_idx start nsteps codec data",
    "checkpoint": "run_id step coords log_prob blobs naccepted move_state",
    "session": "session_id run_id host pid job_id workers ranks started heartbeat ended exit_status first_step"
               " last_step",
    "diag": "run_id step t acceptance tau ess rhat log_prob_mean log_prob_max evaluations rejected_errors",
    "log": "id run_id t level message",
    "meta": "key value",
}


def demand(holds, text):
    if not holds:
        sys.exit(text)


def equal(what, expected, got):
    demand(expected == got, f"{what}: {got!r}, not {expected!r}")


def begins(short, long):
    """All numbers of `short` are the first ones of `long`."""
    pairs = [(short.accepted, long.accepted), (short.log_prob, long.log_prob), (short.coords, long.coords)]
    pairs += list(zip(short.blobs, long.blobs))
    return all(b.startswith(a) for a, b in pairs)


def prefix(short_path, long_path):
    short, long = Chain(short_path), Chain(long_path)
    demand(begins(short, long), f"{short_path} does not begin {long_path}")
    print(short.steps)


def same(*paths):
    digests = []
    for path in paths:
        with connect(path) as db:
            equal(f"{path}: integrity", "ok", db.execute("PRAGMA integrity_check").fetchone()[0])
            equal(f"{path}: status", "finished", db.execute("SELECT status FROM run").fetchone()[0])
        digests.append(Chain(path).digest())
    for path, digest in zip(paths, digests):
        equal(f"{path} beside {paths[0]}", digests[0], digest)


def look(path):
    """The chain in one transaction, after a check of the lengths in other tables."""
    with connect(path) as db:
        db.execute("BEGIN")
        chain = Chain(path, db)
        row = db.execute("SELECT nstored, step, (SELECT max(step) FROM diag), (SELECT max(last_step) FROM session)"
                         " FROM run JOIN checkpoint USING (run_id)").fetchone()
    equal("nstored", chain.steps, row[0])
    equal("checkpoint's step", row[0], row[1])
    demand((row[2] or 0) <= row[0] and row[3] <= row[0], f"diag or session is ahead of the chain: {row}")
    return chain


def follow(path, looks):
    last = look(path)
    for _ in range(int(looks)):
        chain = look(path)
        while chain.steps == last.steps:
            time.sleep(0.02)
            chain = look(path)
        demand(begins(last, chain), f"the chain at {chain.steps} steps does not continue the earlier one")
        last = chain


def unfinish(path, status):
    """Makes the store look as after a kill between its last step and its end."""
    with sqlite3.connect(path) as db:
        db.execute("UPDATE run SET status = ?", (status,))
        db.execute("UPDATE session SET ended = NULL, exit_status = NULL, pid = 0")


# ---- form ----


def check_tables(db):
    equal("application_id", 0x454E534C, db.execute("PRAGMA application_id").fetchone()[0])
    equal("user_version", 1, db.execute("PRAGMA user_version").fetchone()[0])
    equal("journal_mode", "delete", db.execute("PRAGMA journal_mode").fetchone()[0])
    equal("integrity_check", "ok", db.execute("PRAGMA integrity_check").fetchone()[0])
    for table, names in COLUMNS.items():
        names = names.split()
        found = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        equal(f"columns of {table}", names, found[:len(names)])


def check_run(db, run, script):
    text = Path(script).read_text()
    equal("script", text, run["script"])
    equal("script_sha256", hashlib.sha256(text.encode()).hexdigest(), run["script_sha256"])
    demand(isinstance(json.loads(run["argv"]), list), "argv is no list")
    demand(isinstance(json.loads(run["moves"]), list), "moves is no list")
    demand(isinstance(json.loads(run["extra"]), dict), "extra is no object")
    demand(run["created"] <= run["updated"] <= time.time(), "created, updated and now are out of order")
    equal("indices of param", list(range(run["ndim"])),
          [row[0] for row in db.execute("SELECT idx FROM param WHERE run_id = ? ORDER BY idx", (run["run_id"],))])


def check_chunks(db, run):
    for row in db.execute("SELECT * FROM chunk WHERE run_id = ?", (run["run_id"],)):
        size = row["nsteps"] * run["nwalkers"]
        for column, width in (("accepted", 1), ("log_prob", 8), ("chain", 8 * run["ndim"])):
            equal(f"{column} at {row['start']}", size * width, len(unpack(row["codec"], row[column])))
    grid = db.execute("SELECT start, nsteps FROM chunk WHERE run_id = ? ORDER BY start", (run["run_id"],)).fetchall()
    for index, dtype, shape in db.execute("SELECT idx, dtype, shape FROM blob_def WHERE run_id = ?", (run["run_id"],)):
        equal("dtype", "<f8", dtype)
        equal("shape", "", shape)
        rows = db.execute("SELECT start, nsteps FROM blob_chunk WHERE run_id = ? AND blob_idx = ? ORDER BY start",
                          (run["run_id"], index)).fetchall()
        equal(f"chunks of blob {index}", [tuple(row) for row in grid], [tuple(row) for row in rows])


def check_checkpoint(db, run, chain):
    row = db.execute("SELECT * FROM checkpoint WHERE run_id = ?", (run["run_id"],)).fetchone()
    walkers, ndim, steps = run["nwalkers"], run["ndim"], run["nstored"]
    equal("nstored", chain.steps, steps)
    equal("checkpoint.step", steps, row["step"])
    equal("checkpoint.coords", chain.coords[-8 * walkers * ndim:], row["coords"])
    equal("checkpoint.log_prob", chain.log_prob[-8 * walkers:], row["log_prob"])
    last = [blob[-8 * walkers:] for blob in chain.blobs]
    blobs = b"".join(part[8 * k:8 * k + 8] for k in range(walkers) for part in last)
    equal("checkpoint.blobs", blobs, row["blobs"] or b"")
    naccepted = [sum(chain.accepted[k::walkers]) for k in range(walkers)]
    equal("checkpoint.naccepted", naccepted, list(struct.unpack(f"<{walkers}Q", row["naccepted"])))


def check_sessions(db, run):
    rows = db.execute("SELECT * FROM session WHERE run_id = ? ORDER BY session_id", (run["run_id"],)).fetchall()
    demand(rows, "there is no session")
    before = 0
    for row in rows:
        equal("first_step", before, row["first_step"])
        demand(row["last_step"] >= before and row["workers"] >= 1 and row["ranks"] == 1 and row["pid"] > 0, "a session")
        demand(row["host"] and row["started"] <= row["heartbeat"], "a session's host and times")
        before = row["last_step"]
    last = rows[-1]
    equal("last_step", run["nstored"], last["last_step"])
    equal("exit_status", 0, last["exit_status"])
    demand(last["heartbeat"] <= last["ended"] <= time.time(), "a session's end")


def check_diag(db, run, chain):
    """The last row covers the whole chain, including its last commit."""
    row = db.execute("SELECT * FROM diag WHERE run_id = ? ORDER BY step DESC LIMIT 1", (run["run_id"],)).fetchone()
    demand(row is not None, "there is no row of diag")
    equal("diag.step", run["nstored"], row["step"])
    acceptance = sum(chain.accepted) / len(chain.accepted)
    demand(math.isclose(row["acceptance"], acceptance, rel_tol=1e-12), f"diag.acceptance: {row['acceptance']}")
    demand(run["created"] <= row["t"] <= time.time(), "diag.t")
    evaluations = db.execute("SELECT sum(evaluations) FROM session WHERE run_id = ?", (run["run_id"],)).fetchone()[0]
    equal("diag.evaluations", evaluations, row["evaluations"])
    equal("diag.rejected_errors", 0, row["rejected_errors"])


def check_left_over(path):
    for ending in ("-wal", "-shm", "-journal"):
        demand(not Path(path + ending).exists(), f"{path}{ending} is left over")
    strangers = [p.name for p in Path(path).parent.iterdir() if p.name.startswith(".ensemble")]
    demand(not strangers, f"left over: {strangers}")


def form(path, script):
    check_left_over(path)
    chain = Chain(path)
    with connect(path) as db:
        db.row_factory = sqlite3.Row
        check_tables(db)
        run = db.execute("SELECT * FROM run").fetchone()
        equal("status", "finished", run["status"])
        check_run(db, run, script)
        check_chunks(db, run)
        check_checkpoint(db, run, chain)
        check_sessions(db, run)
        check_diag(db, run, chain)


def main(argv):
    commands = {"same": same, "prefix": prefix, "follow": follow, "form": form, "unfinish": unfinish}
    if len(argv) < 4 or argv[1] not in commands:
        sys.exit(__doc__)
    commands[argv[1]](*argv[2:])


if __name__ == "__main__":
    main(sys.argv)
