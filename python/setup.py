"""Builds libepocl and puts it into the wheel, with what cffi is told about it. All else is in pyproject.toml."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
# The C sources: around this folder in the repository, below it in a source distribution.
SOURCES = HERE / "native" if (HERE / "native").is_dir() else HERE.parent
BUILD = Path(os.environ.get("EPOCL_BUILD", SOURCES / "build")).resolve()
NATIVE_PARTS = ["include", "host", "kernels", "scripts", "Makefile", "LICENSE"]

sys.path.insert(0, str(HERE / "src" / "epocl"))
import _cdef  # noqa: E402

HEADER = (SOURCES / "include" / "epocl.h").read_text()
VERSION = _cdef.constant(HEADER, "EPOCL_VERSION")
ABI = _cdef.constant(HEADER, "EPOCL_ABI")


def build_library(folder):
    """libepocl.so.ABI in `folder`, without debugging symbols."""
    variables = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    make = os.environ.get("MAKE", "make").split()[0]
    target = f"{BUILD}/libepocl.so"
    subprocess.run(
        [make, "-C", SOURCES, f"-j{os.cpu_count() or 1}", f"BUILD={BUILD}", target], check=True, env=variables
    )
    library = folder / f"libepocl.so.{ABI}"
    shutil.copyfile(BUILD / library.name, library)
    if shutil.which("strip"):
        subprocess.run(["strip", "--strip-unneeded", library], check=True)


def write_declarations(folder):
    """_ffi.py in `folder`: the header as cffi has read it, which is quicker to import than to read again."""
    import cffi

    ffi = cffi.FFI()
    ffi.set_source("epocl._ffi", None)
    ffi.cdef(_cdef.cdef(HEADER) + _cdef.ARROW)
    ffi.emit_python_code(str(folder / "_ffi.py"))


class BuildWithLibrary(build_py):
    def run(self):
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        folder = HERE / "src" / "epocl" if self.editable_mode else Path(self.build_lib).resolve() / "epocl"
        build_library(folder)
        write_declarations(folder)


class PlatformWheel(bdist_wheel):
    """For any Python 3, since nothing is compiled against it, but for one platform."""

    def get_tag(self):
        return ("py3", "none", super().get_tag()[2])


class PlatformDistribution(Distribution):
    def has_ext_modules(self):
        return True


class SourceDistribution(sdist):
    """With the C sources, so that it builds anywhere."""

    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        for part in NATIVE_PARTS:
            source, target = SOURCES / part, Path(base_dir) / "native" / part
            if source.is_dir():
                shutil.copytree(source, target, dirs_exist_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        shutil.copy2(SOURCES / "LICENSE", base_dir)


(BUILD / "python").mkdir(parents=True, exist_ok=True)
setup(
    version=VERSION,
    distclass=PlatformDistribution,
    cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel, "sdist": SourceDistribution},
    # Nothing but an editable installation writes into this folder.
    options={
        "build": {"build_base": str(BUILD / "python" / "setuptools")},
        "egg_info": {"egg_base": str(BUILD / "python")},
    },
)
