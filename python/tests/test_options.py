import copy
import pickle

import numpy as np
import pytest

import epocl


def test_names_are_the_registrys():
    names = [info.name for info in epocl.option_infos()]
    assert "learning_rate" in names and len(names) == len(set(names)) and not any("-" in name for name in names)
    options = epocl.Options()
    for info in epocl.option_infos():
        assert options[info.name] == info.default, info
        if info.also:
            assert options[info.also] == info.default


@pytest.mark.parametrize(
    "name, value, found",
    [
        ("learning_rate", 0.1, 0.1),
        ("learning-rate", np.float32(0.5), 0.5),
        ("lr", 1e-3, 1e-3),
        ("hidden", [128, 64], (128, 64)),
        ("hidden", np.array([3, 4]), (3, 4)),
        ("hidden", (), ()),
        ("hidden", 7, (7,)),
        ("seed", 2**64 - 1, 2**64 - 1),
        ("activation", ["relu", "tanh"], "relu,tanh"),
        ("normalize", "none", "none"),
        ("plan", "resident:2", "resident:2"),
    ],
)
def test_values(name, value, found):
    assert epocl.Options({name: value})[name] == found


def test_none_sets_nothing():
    options = epocl.Options(seed=5)
    options["seed"] = None
    assert options["seed"] == 5


@pytest.mark.parametrize(
    "name, value", [("learning_rat", 1), ("learning_rate", -1), ("hidden", (0,)), ("optimizer", "x")]
)
def test_what_there_is_not_is_a_value_error_with_a_sentence(name, value):
    options = epocl.Options()
    with pytest.raises(ValueError, match=name.replace("_", "[-_]")) as raised:
        options[name] = value
    assert raised.value.status is epocl.Status.ARGUMENT
    assert dict(options) == dict(epocl.Options())


def test_copies_are_alike_and_apart():
    options = epocl.Options(hidden=(5, 6), seed=7)
    for copied in (options.copy(), copy.deepcopy(options), pickle.loads(pickle.dumps(options))):
        assert dict(copied) == dict(options)
        copied["seed"] = 8
        assert options["seed"] == 7
    assert repr(options) == "Options(hidden=(5, 6), seed=7)"
    with pytest.raises(KeyError):
        options["nothing"]
