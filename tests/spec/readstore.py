"""Reads a store for the specs as a user of SQLite would: it knows docs/reference/store.md and nothing of the source.

  readstore.py sql STORE QUERY     rows, tab-separated; blobs as hex, NULL as \\N
  readstore.py chain STORE         sizes, digest and every number, one a line
  readstore.py digest STORE        sha256 of the chain's bytes
"""
import hashlib
import sqlite3
import struct
import sys
import zlib
from pathlib import Path


def connect(path):
    if not Path(path).is_file():
        sys.exit(f"{path}: no such store")
    return sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)


def cell(value):
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float):
        return repr(value)
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def print_rows(path, query):
    with connect(path) as db:
        for row in db.execute(query):
            print("\t".join(cell(value) for value in row))


def unpack(codec, data):
    if codec == "zlib":
        return zlib.decompress(data)
    if codec == "raw":
        return bytes(data)
    sys.exit(f"codec '{codec}' is neither raw nor zlib")


def check(what, data, size):
    if len(data) != size:
        sys.exit(f"{what}: {len(data)} bytes, not {size}")


class Chain:
    """The whole chain of the newest run as bytes. Chunks must have no gaps and the right sizes."""

    def __init__(self, path, db=None):
        if db:
            self.read(db)
            return
        with connect(path) as db:
            db.execute("BEGIN")  # one consistent state, even during a run
            self.read(db)

    def read(self, db):
        self.run, self.walkers, self.ndim = db.execute(
            "SELECT run_id, nwalkers, ndim FROM run ORDER BY run_id DESC LIMIT 1").fetchone()
        self.types = db.execute("SELECT dtype, shape FROM blob_def WHERE run_id = ? ORDER BY idx", (self.run,)).fetchall()
        self.nblobs = len(self.types)
        self.steps, self.accepted, self.log_prob, self.coords = self.read_chunks(db)
        self.blobs = [self.read_blob(db, index) for index in range(self.nblobs)]

    def read_chunks(self, db):
        steps, parts = 0, ([], [], [])
        for start, nsteps, codec, *columns in db.execute(
                "SELECT start, nsteps, codec, accepted, log_prob, chain FROM chunk WHERE run_id = ? ORDER BY start",
                (self.run,)):
            if start != steps:
                sys.exit(f"a chunk starts at {start}, not {steps}")
            sizes = (nsteps * self.walkers, 8 * nsteps * self.walkers, 8 * nsteps * self.walkers * self.ndim)
            for name, part, data, size in zip(("accepted", "log_prob", "chain"), parts, columns, sizes):
                data = unpack(codec, data)
                check(f"chunk at {start}, {name}", data, size)
                part.append(data)
            steps += nsteps
        return (steps, *(b"".join(part) for part in parts))

    def read_blob(self, db, index):
        rows = db.execute("SELECT codec, data FROM blob_chunk WHERE run_id = ? AND blob_idx = ? ORDER BY start",
                          (self.run, index))
        data = b"".join(unpack(codec, data) for codec, data in rows)
        dtype, shape = self.types[index]
        if dtype != "<f8" and (not dtype.startswith("|S") or shape):
            sys.exit(f"blob {index} is of type '{dtype}', shape '{shape}'")
        size = 8 * int(shape or 1) if dtype == "<f8" else int(dtype[2:])
        check(f"blob {index}", data, size * self.steps * self.walkers)
        return data

    def digest(self):
        return hashlib.sha256(b"".join([self.coords, self.log_prob, self.accepted, *self.blobs])).hexdigest()


def print_list(name, values):
    print("list", name)
    for value in values:
        print(repr(value))


def doubles(data):
    return struct.unpack(f"<{len(data) // 8}d", data)


def texts(data, size):
    """Bytes of texts as numbers, since the specs' lists hold numbers; specs compare only a digest."""
    return [int.from_bytes(data[at:at + size], "little") % 2**53 for at in range(0, len(data), size)]


def print_chain(path):
    chain = Chain(path)
    for name in ("steps", "walkers", "ndim", "nblobs"):
        print(name, getattr(chain, name))
    print("sha256", chain.digest())
    print_list("coords", doubles(chain.coords))
    print_list("log_prob", doubles(chain.log_prob))
    print_list("accepted", chain.accepted)
    for index, data in enumerate(chain.blobs):
        dtype = chain.types[index][0]
        print_list(f"blob {index}", doubles(data) if dtype == "<f8" else texts(data, int(dtype[2:])))


def main(argv):
    commands = {"sql": (2, print_rows), "chain": (1, print_chain), "digest": (1, lambda p: print(Chain(p).digest()))}
    if len(argv) < 2 or argv[1] not in commands or len(argv) - 2 != commands[argv[1]][0]:
        sys.exit(__doc__)
    commands[argv[1]][1](*argv[2:])


if __name__ == "__main__":
    main(sys.argv)
