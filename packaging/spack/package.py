# Copyright Spack Project Developers. See COPYRIGHT file for details.
#
# SPDX-License-Identifier: (Apache-2.0 OR MIT)

from spack_repo.builtin.build_systems.makefile import MakefilePackage

from spack.package import *


class EnsembleLua(MakefilePackage):
    """Affine-invariant ensemble sampler (MCMC) with models in Lua, C, C++ or
    Fortran. Runs on threads and MPI ranks, stores chains in SQLite files."""

    homepage = "@URL@"
    url = "@URL@/ensemble-lua-@VERSION@.tar.gz"

    license("MIT")

    # make dist URL=https://... fills in the checksum and the address
    version("@VERSION@", sha256="@SHA256@")

    variant("mpi", default=True, description="Sample over MPI ranks")
    variant("hdf5", default=False, description="Read HDF5 files")
    variant("cfitsio", default=False, description="Read FITS files")
    variant("luajit", default=False, description="Build ensemble-luajit, too")

    depends_on("c", type="build")
    depends_on("pkgconfig", type="build")

    depends_on("lua@5.4")
    depends_on("sqlite")
    depends_on("zlib-api")
    depends_on("luajit", when="+luajit")
    depends_on("mpi", when="+mpi")
    depends_on("hdf5", when="+hdf5")
    depends_on("cfitsio", when="+cfitsio")

    conflicts("platform=darwin", msg="ensemble-lua runs on Linux only")
    conflicts("platform=windows", msg="ensemble-lua runs on Linux only")

    @property
    def arguments(self):
        parts = [("LUAJIT", "+luajit"), ("HDF5", "+hdf5"), ("CFITSIO", "+cfitsio"), ("MPI", "+mpi")]
        given = ["PREFIX={0}".format(self.prefix)]
        return given + [
            "WITH_{0}={1:d}".format(part, self.spec.satisfies(variant)) for part, variant in parts
        ]

    @property
    def build_targets(self):
        return self.arguments + ["all"]

    @property
    def install_targets(self):
        return self.arguments + ["install"]

    def check(self):
        make(*self.arguments, "check")
