"""Tables through the library's encoder: in Python what the command makes of the same in a file."""

import os
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pandas
import polars
import pyarrow
import pytest
from sklearn.base import clone

import epocl
from conftest import ROOT
from epocl import EpoclClassifier, EpoclRegressor

BUILD = Path(os.environ.get("BUILD", ROOT / "build"))


@pytest.fixture(scope="module")
def frame():
    """x and colour say what the class is, and the price; some of them are missing."""
    random = np.random.default_rng(0)
    count = 400
    frame = pandas.DataFrame(
        {
            "x": random.normal(size=count).astype(np.float32),
            "colour": random.choice(["red", "green", "blue"], count),
            "sure": random.random(count) > 0.5,
            "rooms": random.integers(1, 6, count),
        }
    )
    frame["kind"] = np.where((frame["x"] > 0) | (frame["colour"] == "red"), "house", "hut")
    frame["price"] = 1000 * frame["rooms"] + 2000 * (frame["colour"] == "blue") * frame["sure"]
    frame.loc[::17, "x"] = np.nan
    frame.loc[5::23, "colour"] = None
    return frame


FEATURES = ["x", "colour", "sure", "rooms"]
SETTINGS = dict(hidden=(16,), epochs=25, learning_rate=0.01, random_state=1)


def fitted(frame, **more):
    return EpoclClassifier(**SETTINGS, **more).fit(frame[FEATURES], frame["kind"])


def priced(frame, **more):
    return EpoclRegressor(**{**SETTINGS, "epochs": 60}, **more).fit(frame[FEATURES], frame["price"])


def test_classes_of_mixed_columns(frame):
    model = fitted(frame)
    assert model.score(frame[FEATURES], frame["kind"]) > 0.93
    assert list(model.feature_names_in_) == FEATURES and list(model.classes_) == ["house", "hut"]
    shares = model.predict_proba(frame[FEATURES])
    assert (model.classes_[shares.argmax(axis=1)] == model.predict(frame[FEATURES])).all()


def test_numbers_of_mixed_columns(frame):
    model = priced(frame)
    assert model.score(frame[FEATURES], frame["price"]) > 0.95
    assert model.predict(frame[FEATURES]).dtype == np.float64
    both = EpoclRegressor(**SETTINGS).fit(frame[["x", "colour", "sure"]], frame[["price", "rooms"]])
    assert both.predict(frame[["x", "colour", "sure"]]).shape == (400, 2)
    assert [column.name for column in both.network_.columns if column.is_target] == ["price", "rooms"]


def test_few_whole_numbers_are_numbers_to_a_regressor_and_classes_to_a_classifier(frame):
    X = frame[["x", "colour"]]
    regressor = EpoclRegressor(**SETTINGS).fit(X, frame["rooms"])
    assert regressor.network_.targets == "values"
    labels = 7 * frame["rooms"] - 8  # -1, 6, 13, ...: their texts sort otherwise
    model = EpoclClassifier(**SETTINGS).fit(frame[["x", "rooms"]], labels)
    assert list(model.classes_) == [-1, 6, 13, 20, 27] and model.score(frame[["x", "rooms"]], labels) > 0.95
    assert (model.classes_[model.predict_proba(frame[["x", "rooms"]]).argmax(axis=1)] == labels).mean() > 0.95


@pytest.mark.parametrize("kind", [polars.from_pandas, pyarrow.Table.from_pandas, lambda frame: frame.convert_dtypes()])
def test_sources_are_alike(kind, frame):
    model = fitted(frame)
    table = kind(frame[FEATURES])
    other = EpoclClassifier(**SETTINGS).fit(table, frame["kind"])
    assert (other.predict_proba(table) == model.predict_proba(frame[FEATURES])).all()
    assert (model.predict_proba(table) == model.predict_proba(frame[FEATURES])).all()


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_arrays(frame):
    model = fitted(frame)
    array = frame[FEATURES].to_numpy(dtype=object)
    assert (model.predict_proba(array) == model.predict_proba(frame[FEATURES])).all()
    encoded = EpoclClassifier(**SETTINGS, encode=True).fit(array, frame["kind"])
    assert [column.name for column in encoded.network_.columns] == ["x0", "x1", "x2", "x3", "kind"]
    assert encoded.score(array, frame["kind"]) > 0.93
    numbers = frame[["x", "rooms"]].to_numpy()
    assert np.isnan(numbers).any()
    EpoclClassifier(**SETTINGS, encode=True).fit(numbers, frame["kind"]).predict(numbers)
    with pytest.raises(ValueError, match="NaN"):
        EpoclClassifier(**SETTINGS).fit(numbers, frame["kind"])
    with pytest.raises(ValueError, match="encode"):
        EpoclClassifier(encode="yes").fit(numbers, frame["kind"])


@pytest.mark.filterwarnings("ignore:X does not have valid feature names", "ignore:X has feature names")
def test_columns_without_names_are_taken_in_turn(frame):
    table = frame[FEATURES].assign(same=1)  # the last is no input of the network
    numbered, array = table.set_axis(range(5), axis=1), table.to_numpy(dtype=object)
    models = [EpoclClassifier(**SETTINGS, encode=True).fit(X, frame["kind"]) for X in (table, numbered, array)]
    for model in models:
        shares = model.predict_proba(table)
        assert (model.predict_proba(numbered) == shares).all() and (model.predict_proba(array) == shares).all()
        with pytest.raises(ValueError, match="5 features"):
            model.predict(numbered.iloc[:, :4])


def test_lists_of_numbers_and_texts(frame):
    array = frame[["rooms", "colour"]].to_numpy(dtype=object)
    model, other = (EpoclClassifier(**SETTINGS, encode=True).fit(X, frame["kind"]) for X in (array.tolist(), array))
    assert [bool(column.levels) for column in model.network_.columns] == [False, True, True]
    assert (model.predict_proba(array.tolist()) == other.predict_proba(array)).all()


@pytest.mark.parametrize("names", [["x", "colour"], ["rooms", "price"]])
def test_streams_are_checked_as_tables_are(names, frame):
    table = pyarrow.Table.from_pandas(frame[names], preserve_index=False)
    model = EpoclClassifier(**SETTINGS).fit(table.to_reader(), frame["kind"])
    assert list(model.feature_names_in_) == names and model.n_features_in_ == 2
    assert (model.predict_proba(table.to_reader()) == model.predict_proba(frame[names])).all()
    for wrong in (table.select(names[::-1]), table.select(names[:1])):
        with pytest.raises(ValueError, match="feature names"):
            model.predict(wrong.to_reader())


def test_tables_of_numbers_are_arrays(frame):
    X = frame[["rooms", "price"]]
    model = EpoclClassifier(**SETTINGS).fit(X, frame["kind"])
    assert model.network_.normalization == "zscore"
    assert model.network_.to_bytes() == EpoclClassifier(**SETTINGS).fit(X.to_numpy(), frame["kind"]).network_.to_bytes()
    encoded = EpoclClassifier(**SETTINGS, encode=True).fit(X, frame["kind"])
    assert encoded.network_.normalization == "encoder" and encoded.predict(X.assign(price=np.nan)).shape == (400,)
    with pytest.raises(ValueError, match="NaN"):
        model.predict(X.assign(price=np.nan))


def test_new_categories_and_columns(frame):
    model = fitted(frame)
    new = frame[FEATURES].iloc[:10].assign(colour="violet")
    assert model.predict_proba(new).shape == (10, 2)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[FEATURES[:3]])
    with pytest.raises(ValueError, match="0 sample"):
        model.predict(frame[FEATURES].iloc[:0])
    with pytest.raises(ValueError, match="column 'x'"):
        model.predict(frame[FEATURES].assign(x=np.inf))


def test_early_stopping_weights_warm_start_and_partial_fit(frame):
    X, y = frame[FEATURES], frame["kind"]
    model = fitted(frame, early_stopping=True, validation_fraction=0.25)
    assert len(model.validation_loss_curve_) == model.n_iter_ and model.score(X, y) > 0.85
    assert priced(frame, early_stopping=True).score(X, frame["price"]) > 0.8
    balanced = fitted(frame, class_weight="balanced")
    weights = np.where(y == "hut", 200 / (y == "hut").sum(), 200 / (y == "house").sum())
    weighted = EpoclClassifier(**SETTINGS).fit(X, y, sample_weight=weights)
    assert balanced.network_.to_bytes() == weighted.network_.to_bytes() != fitted(frame).network_.to_bytes()
    model = clone(model).set_params(epochs=3, early_stopping=False, warm_start=True).fit(X, y)
    first = model.loss_curve_
    assert model.fit(X, y).loss_curve_[0] < first[-1]
    model = EpoclClassifier(**SETTINGS)
    for _ in range(10):
        for part in (slice(0, 200), slice(200, 400)):
            model.partial_fit(X[part], y[part], classes=["castle", "house", "hut"])
    assert model.score(X, y) > 0.9 and list(model.classes_) == ["castle", "house", "hut"]


def test_targets_that_are_called_like_a_feature(frame):
    model = EpoclRegressor(**SETTINGS).fit(frame[FEATURES], frame["price"].rename("x"))
    assert model.predict(frame[FEATURES]).shape == (400,)
    with pytest.raises(ValueError, match="scale_target"):
        EpoclRegressor(scale_target=False).fit(frame[FEATURES], frame["price"])


# ---- Files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [fitted, priced])
def test_saved_models_are_loaded(make, frame, tmp_path):
    model = make(frame)
    model.save(tmp_path / "model")
    for other in (epocl.load(tmp_path / "model"), pickle.loads(pickle.dumps(model))):
        assert type(other) is type(model)
        assert (other.predict(frame[FEATURES]) == model.predict(frame[FEATURES])).all()
        assert list(other.feature_names_in_) == FEATURES and other.n_features_in_ == 4


def test_models_of_arrays_are_loaded(frame, tmp_path):
    X = frame[["rooms", "price"]].to_numpy(np.float32)
    for labels in (frame["kind"].to_numpy(), frame["rooms"].to_numpy() - 1, frame["sure"].to_numpy()):
        model = EpoclClassifier(**SETTINGS).fit(X, labels)
        model.save(tmp_path / "model")
        loaded = epocl.load(tmp_path / "model")
        assert loaded.classes_.tolist() == model.classes_.tolist()
        assert (loaded.predict_proba(X) == model.predict_proba(X)).all()
        assert epocl.Network.load(tmp_path / "model").layer_sizes == model.network_.layer_sizes
    y = 1e4 * X[:, 0] + 5e5
    model = EpoclRegressor(**SETTINGS).fit(X, y)
    model.save(tmp_path / "model")
    loaded = epocl.load(tmp_path / "model")
    # Folded into the last layer, the scale rounds each of its products: to some 2^-24 of the largest.
    np.testing.assert_allclose(loaded.predict(X), model.predict(X), rtol=1e-5)
    model.save(str(tmp_path / "model"))
    with pytest.raises(OSError):
        model.save(tmp_path / "no folder" / "model")


@pytest.mark.parametrize(
    "labels", [["9", "10"], ["0", "1"], ["True", "False"], [False, True], [0.0, 1.0], [5.0, 2.0], [7, -3], ["", "a"]]
)
def test_labels_of_arrays_are_loaded_as_they_were(labels, frame, tmp_path):
    X = frame[["rooms", "price"]].to_numpy(np.float32)
    y = np.array(labels)[(X[:, 0] > 2).astype(int)]
    model = EpoclClassifier(**SETTINGS).fit(X, y)
    model.save(tmp_path / "model")
    loaded = epocl.load(tmp_path / "model")
    assert loaded.classes_.dtype.kind == y.dtype.kind and (loaded.classes_ == model.classes_).all()
    assert (loaded.predict(X) == model.predict(X)).all() and loaded.score(X, y) > 0.95


@pytest.mark.parametrize("labels", [[10.0, 9.0], [9, 10], [False, True], ["nan", "1.0"], ["9", "09"]])
def test_labels_of_tables_are_loaded_as_their_names_are(labels, frame, tmp_path):
    y = np.array(labels)[(frame["rooms"] > 2).astype(int)]
    model = EpoclClassifier(**SETTINGS).fit(frame[FEATURES], y)
    model.save(tmp_path / "model")
    loaded = epocl.load(tmp_path / "model")
    assert loaded.classes_.dtype.kind == y.dtype.kind and (loaded.classes_ == model.classes_).all()
    assert (loaded.predict(frame[FEATURES]) == model.predict(frame[FEATURES])).all()


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_files_have_the_rights_that_the_umask_leaves(mask, frame, tmp_path, monkeypatch):
    model = EpoclClassifier(**{**SETTINGS, "epochs": 1}).fit(frame[["rooms"]], frame["kind"])
    change = os.umask
    before = change(mask)
    try:
        monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("other threads' files have this umask, too"))
        model.save(tmp_path / "model")
    finally:
        change(before)
    assert (tmp_path / "model").stat().st_mode & 0o777 == 0o666 & ~mask
    assert os.listdir(tmp_path) == ["model"]


def command(*arguments):
    program = BUILD / "epocl"
    if not program.exists():
        pytest.skip("the program is not built beside this package")
    return subprocess.run([program, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def test_the_command_predicts_by_an_estimators_file(frame, tmp_path):
    frame.to_csv(tmp_path / "data.csv", index=False)
    fitted(frame).save(tmp_path / "kind")
    priced(frame).save(tmp_path / "price")
    kinds = pandas.read_csv(
        pyarrow.BufferReader(command("predict", "--model", tmp_path / "kind", "--data", tmp_path / "data.csv").encode())
    )
    assert (kinds["prediction"] == fitted(frame).predict(frame[FEATURES])).all()
    prices = pandas.read_csv(
        pyarrow.BufferReader(command("predict", "--model", tmp_path / "price", "--data", tmp_path / "data.csv").encode())
    )
    np.testing.assert_allclose(prices["prediction"], priced(frame).predict(frame[FEATURES]), rtol=1e-6)


def test_a_model_of_the_command_predicts(frame, tmp_path):
    data = tmp_path / "data.csv"
    frame.to_csv(data, index=False)
    for target, more in (("kind", ["--ignore", "price"]), ("price", ["--ignore", "kind"]), ("rooms", ["--features", "x,price"])):
        run = tmp_path / target
        command(
            "train", "--data", data, "--target", target, *more, "--epochs", 4, "--output", run, "--quiet", "--plan",
            "layered", "--tune", "off", "--categorical", "rooms",
        )  # fmt: skip
        model = epocl.load(run / "model.safetensors")
        predicted = pandas.read_csv(
            pyarrow.BufferReader(command("predict", "--model", run / "model.safetensors", "--data", data).encode())
        )["prediction"]
        names = list(model.feature_names_in_)
        for table in (frame[names], polars.from_pandas(frame[names])):
            if model.network_.targets == "classes":
                assert (model.predict(table) == predicted).all()
            else:
                np.testing.assert_allclose(model.predict(table), predicted, rtol=1e-6)


def test_an_ensemble_of_the_command_predicts(frame, tmp_path):
    data = tmp_path / "data.csv"
    frame.to_csv(data, index=False)
    command(
        "train", "--data", data, "--target", "kind", "--ignore", "price", "--epochs", 2, "--ensemble", 3, "--hidden", 8,
        "--output", tmp_path / "run", "--quiet", "--plan", "layered", "--tune", "off",
    )  # fmt: skip
    model = epocl.load(tmp_path / "run")
    printed = command("predict", "--model", tmp_path / "run", "--data", data, "--proba").encode()
    predicted = pandas.read_csv(pyarrow.BufferReader(printed))
    assert (model.predict(frame[FEATURES]) == predicted["prediction"]).all()
    np.testing.assert_allclose(model.predict_proba(frame[FEATURES]), predicted[["house", "hut"]], rtol=1e-5, atol=1e-7)
    again = pickle.loads(pickle.dumps(model))
    assert (again.predict_proba(frame[FEATURES]) == model.predict_proba(frame[FEATURES])).all()


# ---- Below ------------------------------------------------------------------------------------------


def test_tables_below_the_estimators(device, options, frame, tmp_path):
    table = epocl.Table(frame)
    assert len(table) == 400 and table.column_names == tuple(frame.columns)
    train, valid = table.split("kind", options, 0.2, ignore=["price"], weights="rooms")
    assert len(train) + len(valid) == 400
    network = epocl.Network(train, options)
    trainer = epocl.Trainer(device, network, train, valid, options)
    trainer.fit(20)
    network = trainer.read_best()
    assert [column.name for column in network.columns] == ["x", "colour", "sure", "kind"]
    assert network.class_names == ("house", "hut") and network.columns[1].levels[0] in ("red", "green", "blue")
    predictor = epocl.Predictor(device, network)
    classes = predictor.predict_classes(frame)
    assert (np.array(network.class_names)[classes] == frame["kind"]).mean() > 0.9
    assert (predictor.predict_classes(table) == classes).all()
    assert epocl.evaluate(device, network, table.encode(network, with_targets=True)).accuracy > 0.9
    frame.to_csv(tmp_path / "data.csv", index=False)
    read = epocl.Table.read(tmp_path / "data.csv")
    assert read.column_names == table.column_names and len(read) == 400
    assert (predictor.predict_classes(read) == classes).all()
    with pytest.raises(ValueError, match="colour"):
        epocl.Table(frame[["x", "sure"]]).encode(network)
    with pytest.raises(ValueError, match="not made for a table"):
        table.encode(epocl.Network(epocl.Dataset(np.eye(2, dtype=np.float32), [0, 1]), options))
    numbers, none = table.split("rooms", options, task="regression", ignore=["kind"])
    assert none is None and numbers.value_count == 1


def test_a_file_whose_categories_look_like_numbers(device, options, tmp_path):
    """What is read as numbers are the categories, and the classes, that read as the same numbers."""
    rows = 60
    (tmp_path / "train.csv").write_text(
        "code,x,kind\n" + "".join(f"{(1, 2, 'a')[i % 3]},{i * 7 % 31},{(7, 9)[i % 2]}\n" for i in range(rows))
    )
    (tmp_path / "new.csv").write_text("code,x,kind\n1,5,7\n2,6,9\n")
    train, _ = epocl.Table.read(tmp_path / "train.csv").split("kind", options)
    network = epocl.Network(train, options)
    assert network.columns[0].levels and network.class_names == ("7", "9")
    new = epocl.Table.read(tmp_path / "new.csv").encode(network, with_targets=True)
    assert len(new) == 2
    columns = epocl.Table(pandas.DataFrame({"code": ["1", "2"], "x": [5, 6]})).encode(network)
    trainer = epocl.Trainer(device, network, train, None, options)
    trainer.fit(2)
    predictor = epocl.Predictor(device, trainer.read())
    assert (predictor.predict(new) == predictor.predict(columns)).all()
