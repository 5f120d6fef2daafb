"""Writes the seed files for the fuzzers of .npy and .npz into tests/fuzz/npy and tests/fuzz/npz."""
import io
import zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
TABLE = np.array([(1.5, 2, "ab", [1, 2])], dtype=[("x", "<f8"), ("n", ">i4"), ("t", "U2"), ("v", "<f4", (2,))])
ARRAYS = {
    "vector": np.arange(3.0),
    "fortran": np.asfortranarray(np.arange(6, dtype=">i2").reshape(2, 3)),
    "number": np.float32(2.5),
    "half": np.array([1, 2], dtype="f2"),
    "table": TABLE,
    "nested": np.zeros(1, dtype=[("a", [("b", "u1"), ("c", "<f8")]), ("d", "?")]),
    "text": np.array(["a"]),
    "empty": np.zeros((0, 2)),
}


def npy(array, version=None):
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asanyarray(array), version=version)
    return out.getvalue()


def archive(method, **arrays):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, array in arrays.items():
            with file.open(name + ".npy", "w", force_zip64=True) as member:
                member.write(npy(array))
    return out.getvalue()


def plain_archive(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in files.items():
            file.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def write(name, content):
    path = HERE / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


for name, array in ARRAYS.items():
    write(f"npy/{name}.npy", npy(array))
write("npy/version2.npy", npy(ARRAYS["vector"], (2, 0)))
write("npy/version3.npy", npy(TABLE, (3, 0)))
write("npz/stored.npz", archive(zipfile.ZIP_STORED, x=np.arange(2.0), table=TABLE))
write("npz/deflated.npz", archive(zipfile.ZIP_DEFLATED, x=np.arange(2.0), n=np.arange(3)))
write("npz/plain.npz", plain_archive(**{"x.npy": npy(np.arange(2.0)), "note.txt": b"text"}))
write("npz/bzip2.npz", archive(zipfile.ZIP_BZIP2, x=np.arange(2.0)))
