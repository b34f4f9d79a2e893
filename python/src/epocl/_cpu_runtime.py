"""The OpenCL runtime of `pip install epocl[cpu]`, for systems where no driver is installed."""

from __future__ import annotations

import ctypes
import os
from importlib import metadata
from pathlib import Path
from typing import Optional

_DRIVERS = Path("/etc/OpenCL/vendors")
_DRIVER = "libintelocl.so"

# The loader needs the others, and each what is before it; none knows where they lie.
_LIBRARIES = ("libintlc.so.5", "libirng.so", "libsvml.so", "libimf.so", "libOpenCL.so.1")


def _installed() -> Optional[Path]:
    """The folder that pip has put the driver into."""
    try:
        files = metadata.files("intel-opencl-rt") or []
    except metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name == _DRIVER:
            return Path(os.path.abspath(str(file.locate()))).parent
    return None


def use_where_there_is_none() -> None:
    """Loads it, and names its driver to the loader, unless the system or the environment has drivers of its own."""
    if "OCL_ICD_VENDORS" in os.environ or "OCL_ICD_FILENAMES" in os.environ or any(_DRIVERS.glob("*.icd")):
        return
    folder = _installed()
    if folder is None:
        return
    for name in _LIBRARIES:
        ctypes.CDLL(str(folder / name), mode=ctypes.RTLD_GLOBAL)
    os.environ["OCL_ICD_FILENAMES"] = str(folder / _DRIVER)
