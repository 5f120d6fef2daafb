"""Writes data files for the specs of the readers, and what is in them as text: "name<TAB>shape<TAB>numbers" a line.

  datafiles.py numpy FOLDER     .npy and .npz
"""
import sys
from pathlib import Path

import numpy as np


def line(name, array):
    array = np.asarray(array)
    shape = "x".join(map(str, array.shape)) or "number"
    return "\t".join([name, shape, " ".join("%.17g" % x for x in array.astype("f8").ravel())])


def numbers(kind):
    """A 3 x 4 array with the extremes of a type."""
    dtype = np.dtype(kind)
    values = np.arange(12) % 2 if dtype.kind == "b" else np.arange(12)
    array = values.astype(dtype).reshape(3, 4)
    if dtype.kind in "iu":
        array[0, 1], array[2, 3] = np.iinfo(dtype).min, np.iinfo(dtype).max
    if dtype.kind == "f":
        array[0, 1], array[2, 3], array[1, 1] = np.finfo(dtype).max, np.finfo(dtype).tiny / 2, -np.inf
    return array


KINDS = ["?", "i1", "u1"] + [order + kind for order in "<>" for kind in ("i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8")]
RECORD = [("x", "<f8"), ("name", "U5"), ("n", ">i4"), ("v", "<f8", (2,))]
TABLE = np.array([(1.5, "ab", 2, [3, 4]), (2.5, "c", 3, [5, 6])], dtype=RECORD)


def write_numpy(folder):
    text = []
    for kind in KINDS:
        for order in "CF":
            name = f"{kind.replace('<', 'l').replace('>', 'b').replace('?', 'bool')}{order}.npy"
            array = numbers(kind)
            np.save(folder / name, np.asarray(array, order=order))
            text.append(line(name, array))
    for rank in range(9):
        array = np.arange(2.0 ** rank).reshape((2,) * rank)
        np.save(folder / f"rank{rank}.npy", array)
        text.append(line(f"rank{rank}.npy", array))
    for version in ((1, 0), (2, 0), (3, 0)):
        name = f"version{version[0]}.npy"
        with open(folder / name, "wb") as file:
            np.lib.format.write_array(file, np.arange(3.0), version=version)
        text.append(line(name, np.arange(3.0)))
    np.save(folder / "big.npy", np.arange(400000.0))
    np.save(folder / "table.npy", TABLE)
    np.save(folder / "complex.npy", np.array([1j]))
    np.save(folder / "shape23.npy", np.arange(6.0).reshape(2, 3))
    np.save(folder / "shape32.npy", np.arange(6.0).reshape(3, 2))
    arrays = {"x": np.arange(5.0), "grid": numbers("<f4"), "sigma": np.float64(0.5), "table": TABLE}
    np.savez(folder / "stored.npz", **arrays, label=np.array(["text"]))
    np.savez_compressed(folder / "deflated.npz", **arrays, label=np.array(["text"]))
    (folder / "expected.txt").write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    {"numpy": write_numpy}[sys.argv[1]](Path(sys.argv[2]))
