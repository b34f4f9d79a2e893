"""When the runtime of epocl[cpu] is used. That it works is tried by hand: it is 225 MB."""

import os

import pytest

from epocl import _cpu_runtime


@pytest.fixture
def loaded(monkeypatch, tmp_path):
    """A system without drivers, on which the runtime is installed; what is loaded."""
    names = []
    monkeypatch.setattr(_cpu_runtime, "_DRIVERS", tmp_path / "vendors")
    monkeypatch.setattr(_cpu_runtime, "_installed", lambda: tmp_path)
    monkeypatch.setattr(_cpu_runtime.ctypes, "CDLL", lambda path, mode: names.append(os.path.basename(path)))
    monkeypatch.delenv("OCL_ICD_VENDORS", raising=False)
    # Set first, so that it is taken out again afterwards.
    monkeypatch.setenv("OCL_ICD_FILENAMES", "")
    monkeypatch.delenv("OCL_ICD_FILENAMES")
    return names


def test_without_drivers_it_is_used(loaded, tmp_path):
    _cpu_runtime.use_where_there_is_none()
    assert loaded[-1] == "libOpenCL.so.1" and len(loaded) == 5
    assert os.environ["OCL_ICD_FILENAMES"] == str(tmp_path / "libintelocl.so")


def test_drivers_of_the_system_or_the_environment_come_first(loaded, tmp_path, monkeypatch):
    (tmp_path / "vendors").mkdir()
    (tmp_path / "vendors" / "pocl.icd").write_text("libpocl.so")
    _cpu_runtime.use_where_there_is_none()
    (tmp_path / "vendors" / "pocl.icd").unlink()
    monkeypatch.setenv("OCL_ICD_VENDORS", str(tmp_path))
    _cpu_runtime.use_where_there_is_none()
    assert loaded == [] and "OCL_ICD_FILENAMES" not in os.environ


def test_where_it_is_not_installed_nothing_happens(loaded, monkeypatch):
    monkeypatch.setattr(_cpu_runtime, "_installed", lambda: None)
    _cpu_runtime.use_where_there_is_none()
    assert loaded == [] and "OCL_ICD_FILENAMES" not in os.environ
