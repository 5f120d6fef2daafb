"""Writes data files for the specs of the readers, and their contents as text, one "name<TAB>shape<TAB>numbers" a line.

  datafiles.py numpy FOLDER     .npy and .npz
  datafiles.py hdf5 FOLDER      numbers.h5, by h5py
  datafiles.py fits FOLDER      tables.fits and cut.fits, byte by byte as the standard (4.0) says
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


def write_hdf5(folder):
    import h5py
    text = []
    with h5py.File(folder / "numbers.h5", "w") as file:
        for kind in KINDS:
            array = numbers(kind)
            file[f"kinds/{array.dtype.str}"] = array
            text.append(line(f"kinds/{array.dtype.str}", array))
        grid = np.arange(5000, dtype=">i2").reshape(100, 50)
        file.create_dataset("packed/grid", data=grid, chunks=(7, 11), compression="gzip", shuffle=True)
        text.append(line("packed/grid", grid))
        file.create_dataset("packed/lzf", data=np.zeros(1000), compression="lzf")
        file["long"] = np.array([0.5], dtype="longdouble")
        text.append(line("long", [0.5]))
        file["scalar"] = 2.5
        text.append(line("scalar", 2.5))
        file["table"] = np.array([(1.5, b"ab", 2, [3, 4]), (2.5, b"c", 3, [5, 6])],
                                 dtype=[("x", "<f8"), ("name", "S5"), ("n", ">i4"), ("v", "<f4", (2,))])
        file["complex"] = np.array([1 + 2j])
        file["text"] = "text"
        file["none"] = h5py.Empty("f8")
        file.create_dataset("huge", shape=(10**7, 10**7), chunks=(1000, 1000), dtype="f8")
        file["loop/up"] = h5py.SoftLink("/")
        file["loop/nowhere"] = h5py.SoftLink("/nowhere")
        file["loop/x"] = np.arange(2.0)
        file["loop/self"] = file["loop"]
    (folder / "expected.txt").write_text("\n".join(text) + "\n")
    with h5py.File(folder / "damaged.h5", "w") as file:
        file["g/good"] = np.arange(3.0)
        file.create_dataset("g/torn", data=np.full(100, 1234.5), chunks=(100,), fletcher32=True)
    path = folder / "damaged.h5"
    path.write_bytes(path.read_bytes().replace(np.full(100, 1234.5).tobytes(), np.full(100, 1234.25).tobytes()))


def header(*cards):
    """Cards of keyword and value, as a whole number of blocks of 2880 bytes."""
    out = ""
    for keyword, value in cards:
        shown = f"'{value:<8}'" if isinstance(value, str) else ("T" if value else "F") if isinstance(value, bool) else str(value)
        out += f"{keyword:<8}= {shown:>20}".ljust(80)
    out += "END".ljust(80)
    return out.ljust(-(-len(out) // 2880) * 2880).encode()


def block(content, fill=b"\0"):
    return content + fill * (-len(content) % 2880)


def table(kind, name, row, nrows, columns, content, heap=0):
    cards = [("XTENSION", kind), ("BITPIX", 8), ("NAXIS", 2), ("NAXIS1", row), ("NAXIS2", nrows), ("PCOUNT", heap), ("GCOUNT", 1),
             ("TFIELDS", len(columns))]
    for i, column in enumerate(columns, 1):
        cards += [(f"{key}{i}", value) for key, value in column.items()]
    return header(*cards, *([("EXTNAME", name)] if name else [])) + block(content, b" " if kind == "TABLE" else b"\0")


def write_fits(folder):
    rows = np.array([(1.5, 7, [1, 2, 3], range(6), b"T", b"ab", -32768, 10, [1, 2], [1, 0], b"\x80"),
                     (np.nan, -1, [4, 5, 6], range(6, 12), b"F", b"c", 32767, 20, [3, 4], [1, 8], b"\0"),
                     (2.5, 9, [7, 8, 9], range(12, 18), b"\0", b"", 0, 30, [5, 6], [0, 0], b"\0")],
                    dtype=[("x", ">f8"), ("n", ">i4"), ("v", ">f4", 3), ("m", ">i2", 6), ("l", "S1"), ("t", "S5"), ("u", ">i2"),
                           ("s", ">i2"), ("c", ">f4", 2), ("p", ">i4", 2), ("b", "S1")])
    binary = table("BINTABLE", "EVENTS", rows.itemsize, 3, [
        {"TTYPE": "x", "TFORM": "1D"}, {"TTYPE": "n", "TFORM": "1J", "TNULL": -1}, {"TTYPE": "v", "TFORM": "3E"},
        {"TTYPE": "m", "TFORM": "6I", "TDIM": "(3,2)"}, {"TTYPE": "flag", "TFORM": "1L"}, {"TTYPE": "name", "TFORM": "5A"},
        {"TTYPE": "u", "TFORM": "1I", "TZERO": 32768}, {"TTYPE": "s", "TFORM": "1I", "TSCAL": 0.5, "TZERO": 1},
        {"TTYPE": "c", "TFORM": "1C"}, {"TTYPE": "p", "TFORM": "1PD(1)"}, {"TFORM": "1X"}],
        rows.tobytes() + np.array([1.0], ">f8").tobytes(), heap=8)
    ascii_table = table("TABLE", "ASCII", 12, 2, [
        {"TTYPE": "a", "TBCOL": 1, "TFORM": "I4"}, {"TTYPE": "e", "TBCOL": 5, "TFORM": "F8.3"}],
        b"  12   1.500  -3  -2.250")
    image = header(("XTENSION", "IMAGE"), ("BITPIX", 16), ("NAXIS", 2), ("NAXIS1", 3), ("NAXIS2", 2), ("PCOUNT", 0),
                   ("GCOUNT", 1), ("BLANK", 5)) + block(np.arange(6, dtype=">i2").tobytes())
    primary = header(("SIMPLE", True), ("BITPIX", 8), ("NAXIS", 0), ("EXTEND", True))
    (folder / "tables.fits").write_bytes(primary + binary + ascii_table + image)
    long = table("BINTABLE", "LONG", 8, 10**6, [{"TTYPE": "x", "TFORM": "1D"}], b"")
    (folder / "cut.fits").write_bytes(primary + long)
    (folder / "image.fits").write_bytes(primary + image)


if __name__ == "__main__":
    {"numpy": write_numpy, "hdf5": write_hdf5, "fits": write_fits}[sys.argv[1]](Path(sys.argv[2]))
