"""What cffi was told is what the header says and a C compiler makes of it."""

import dataclasses
import re
import subprocess

import cffi
import pytest

import epocl
from conftest import ROOT
from epocl import _cdef, _ffi, _native

ffi, lib = _native.ffi, _native.lib

RECORDS = {
    "epocl_device_info": epocl.DeviceInfo,
    "epocl_platform_info": epocl.PlatformInfo,
    "epocl_device_speed": epocl.DeviceSpeed,
    "epocl_epoch_result": epocl.EpochResult,
    "epocl_progress": epocl.Progress,
    "epocl_trainer_info": epocl.TrainerInfo,
    "epocl_evaluation": epocl.Evaluation,
    "epocl_calibration": epocl.Calibration,
}


def test_installed_declarations_are_those_of_the_header(header, tmp_path):
    again = cffi.FFI()
    again.set_source("epocl._ffi", None)
    again.cdef(_cdef.cdef(header) + _cdef.ARROW)
    again.emit_python_code(str(tmp_path / "_ffi.py"))
    with open(_ffi.__file__) as installed:
        assert installed.read() == (tmp_path / "_ffi.py").read_text()


def test_every_function_of_the_header_is_there(header):
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    names = re.findall(r"^EPOCL_API [^;]*?(epocl_\w+)\(", code, flags=re.M)
    assert len(names) == len(re.findall(r"^EPOCL_API", code, flags=re.M)) > 60
    for name in names:
        assert ffi.typeof(getattr(lib, name)).kind == "function", name


def test_structures_lie_as_a_c_compiler_lays_them(header, tmp_path):
    names = re.findall(r"^typedef struct (\w+) \{", header, flags=re.M)
    assert len(names) > 10
    lines = []
    for name in names:
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        for field, _ in ffi.typeof(name).fields:
            lines.append(
                f'printf("{name}.{field} %zu %zu\\n", offsetof({name}, {field}), sizeof((({name} *)0)->{field}));'
            )
    source = tmp_path / "layout.c"
    source.write_text(
        "#include <epocl.h>\n#include <stdio.h>\nint main(void) {\n" + "\n".join(lines) + "\nreturn 0;\n}\n"
    )
    subprocess.run(["cc", f"-I{ROOT / 'include'}", source, "-o", tmp_path / "layout"], check=True)
    wanted = subprocess.run([tmp_path / "layout"], check=True, capture_output=True, text=True).stdout.splitlines()
    found = []
    for name in names:
        found.append(f"{name} {ffi.sizeof(name)}")
        for field, place in ffi.typeof(name).fields:
            found.append(f"{name}.{field} {place.offset} {ffi.sizeof(place.type)}")
    assert found == wanted


@pytest.mark.parametrize("name", RECORDS)
def test_records_are_of_the_fields_that_structures_begin_with(name):
    fields = [field.name for field in dataclasses.fields(RECORDS[name])]
    assert [field for field, _ in ffi.typeof(name).fields][: len(fields)] == fields


def test_constants(header):
    assert {f"EPOCL_{status.name}" for status in epocl.Status if status in (0, 11)} == {"EPOCL_OK", "EPOCL_STOPPED"}
    for status in epocl.Status:
        name = _native.string(lib.epocl_status_name(status))
        assert name in (f"EPOCL_ERROR_{status.name}", f"EPOCL_{status.name}")
    for end in epocl.End:
        assert getattr(lib, f"EPOCL_END_{end.name}") == end
    assert len(ffi.typeof("epocl_status").elements) == len(epocl.Status)
    assert len(ffi.typeof("epocl_end").elements) == len(epocl.End)
    assert epocl.__version__ == _cdef.constant(header, "EPOCL_VERSION")
    with pytest.raises(ValueError):
        _cdef.constant(header, "EPOCL_NOTHING")


def test_each_status_has_its_exception():
    from epocl.errors import error_of

    for status in epocl.Status:
        if status != epocl.Status.OK:
            error = error_of(int(status), "why")
            assert type(error) is not epocl.EpoclError and error.status is status and str(error) == "why"
    assert isinstance(error_of(int(epocl.Status.ARGUMENT), ""), ValueError)
    assert isinstance(error_of(int(epocl.Status.MEMORY), ""), MemoryError)
    assert isinstance(error_of(int(epocl.Status.NO_INPUT), ""), OSError)
    assert type(error_of(99, "")) is epocl.EpoclError
