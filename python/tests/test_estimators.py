import copy
import inspect
import os
import pickle
import signal
import threading

import numpy as np
import pandas
import polars
import pyarrow
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split

import epocl
from epocl import EpoclClassifier, EpoclRegressor
from epocl import _estimator, estimators

BOTH = pytest.mark.parametrize("kind", [EpoclClassifier, EpoclRegressor])


@pytest.fixture(scope="module")
def iris():
    """Samples in random order, float32, and the names of their classes."""
    X, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    return X[order].astype(np.float32), np.array(["setosa", "versicolor", "virginica"])[y[order]]


def problem(kind, iris):
    X, y = iris
    return (X, y) if kind is EpoclClassifier else (X[:, :3], X[:, 3])


def output(model, X):
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


def same(model, other, X):
    return model.network_.to_bytes() == other.network_.to_bytes() and (output(model, X) == output(other, X)).all()


# ---- Parameters --------------------------------------------------------------------------------------


@BOTH
def test_parameters_are_options_of_the_library_or_described(kind):
    parameters = set(inspect.signature(kind).parameters)
    names = {info.name for info in epocl.option_infos()}
    assert set(_estimator.OPTIONS) <= names & parameters
    described = inspect.getdoc(kind)
    for name in parameters:
        assert f"\n{name} :" in described or f"{name}, " in described or f", {name}" in described, name
    assert kind().get_params()["hidden"] == (100,)


@BOTH
@pytest.mark.parametrize(
    "wrong, named",
    [
        (dict(activation="rely"), "relu"),
        (dict(learning_rate=-1), "learning-rate"),
        (dict(hidden=(0,)), "hidden"),
        (dict(epochs=0), "epochs"),
        (dict(n_iter_no_change=0), "n_iter_no_change"),
        (dict(options={"nothing": 1}), "nothing"),
    ],
)
def test_wrong_parameters_are_value_errors_with_a_sentence(kind, wrong, named, iris):
    with pytest.raises(ValueError, match=named):
        kind(**wrong).fit(*problem(kind, iris))


def test_no_such_device(iris):
    with pytest.raises(epocl.DeviceError, match="no such device"):
        EpoclClassifier(device="no such device").fit(*iris)


# ---- Learning ----------------------------------------------------------------------------------------


def test_digits():
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    model = EpoclClassifier(epochs=40, random_state=0).fit(X, y)
    assert model.score(X_test, y_test) > 0.95  # scikit-learn's MLPClassifier comes to 0.97
    assert model.loss_curve_[-1] < model.loss_curve_[0] and model.n_iter_ == len(model.history_) == 40
    np.testing.assert_allclose(model.predict_proba(X_test).sum(axis=1), 1, rtol=1e-5)


def test_diabetes_in_any_unit():
    X, y = load_diabetes(return_X_y=True)
    model = EpoclRegressor(hidden=(20,), random_state=0, epochs=60).fit(X, y)
    assert model.score(X, y) > 0.4
    scaled = clone(model).fit(X, 1e6 * y - 1e8)
    np.testing.assert_allclose(scaled.predict(X), 1e6 * model.predict(X) - 1e8, rtol=1e-3)


@pytest.mark.parametrize("cost", ["squared", "absolute", "huber(1)", "quantile(0.5)"])
def test_costs_of_numbers(cost, iris):
    X, y = problem(EpoclRegressor, iris)
    assert EpoclRegressor(cost=cost, random_state=0, learning_rate=0.01).fit(X, y).score(X, y) > 0.85


def test_counts():
    random = np.random.default_rng(0)
    X = random.uniform(-1, 1, (400, 2))
    y = random.poisson(np.exp(1 + X[:, 0]))
    model = EpoclRegressor(cost="poisson", random_state=0, learning_rate=0.01).fit(X, y)
    assert (model.predict(X) > 0).all() and np.corrcoef(model.predict(X), np.exp(X[:, 0]))[0, 1] > 0.95


@pytest.mark.parametrize("activation, most", [("softplus", np.inf), ("sigmoid", 1.0), ("identity", np.inf)])
def test_outputs_that_have_a_unit_of_their_own_take_targets_as_they_are(activation, most, iris, tmp_path):
    X, y = problem(EpoclRegressor, iris)
    y = np.minimum(y, most)
    model = EpoclRegressor(random_state=0, learning_rate=0.01, options={"output_activation": activation}).fit(X, y)
    assert (model.target_scale_ == 1).all() == (activation != "identity")
    assert model.score(X, y) > 0.8 and (activation == "identity" or (model.predict(X) >= 0).all())
    model.save(tmp_path / "model")
    np.testing.assert_allclose(epocl.load(tmp_path / "model").predict(X), model.predict(X), rtol=1e-5)


def test_several_outputs(iris):
    X = iris[0]
    model = EpoclRegressor(random_state=0, learning_rate=0.01).fit(X[:, :2], X[:, 2:])
    assert model.predict(X[:, :2]).shape == (150, 2) and model.score(X[:, :2], X[:, 2:]) > 0.8


def test_other_costs_of_classes(iris):
    X, y = iris
    model = EpoclClassifier(cost="cross-entropy", random_state=0, learning_rate=0.01).fit(X, y)
    assert model.score(X, y) > 0.95
    shares = model.predict_proba(X)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    assert (model.classes_[shares.argmax(axis=1)] == model.predict(X)).all()
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), shares, rtol=1e-5)


@BOTH
def test_seeds_repeat(kind, iris):
    X, y = problem(kind, iris)
    model = kind(epochs=5, random_state=3).fit(X, y)
    assert same(model, clone(model).fit(X, y), X)
    assert not same(model, clone(model).set_params(random_state=4).fit(X, y), X)


def test_a_seed_is_that_of_the_library(iris, device):
    X, y = iris
    model = EpoclClassifier(epochs=3, random_state=3).fit(X, y)
    data = epocl.Dataset(X, np.unique(y, return_inverse=True)[1])
    values = {name: getattr(model, name) for name in _estimator.OPTIONS}
    options = epocl.Options(values, initialization="glorot-uniform", seed=3)
    trainer = epocl.Trainer(device, epocl.Network(data, options), data, None, options)
    trainer.fit(3)
    assert trainer.read().to_bytes() == model.network_.to_bytes()


# ---- Weights -----------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("normalize", ["none", "zscore"])
def test_weights_are_repetitions(kind, normalize, iris):
    X, y = problem(kind, iris)
    weights = np.random.default_rng(0).integers(0, 4, len(X))
    # One step an epoch, of plain descent: then only rounding tells them apart.
    model = kind(
        epochs=20, batch_size=1000, optimizer="momentum", learning_rate=0.05, normalize=normalize, random_state=0, tol=0
    )
    weighted = clone(model).fit(X, y, sample_weight=weights)
    repeated = clone(model).fit(X.repeat(weights, axis=0), y.repeat(weights))
    np.testing.assert_allclose(output(weighted, X), output(repeated, X), rtol=1e-3, atol=1e-4)
    unweighted = clone(model).fit(X, y)
    assert np.abs(output(unweighted, X) - output(repeated, X)).max() > 1e-3


@BOTH
def test_weights_all_the_same_are_none(kind, iris):
    X, y = problem(kind, iris)
    model = kind(epochs=3, random_state=0).fit(X, y)
    assert same(model, clone(model).fit(X, y, sample_weight=np.full(len(X), 7.0)), X)


@BOTH
@pytest.mark.parametrize("weights", [-1.0, 0.0, np.nan])
def test_wrong_weights(kind, weights, iris):
    X, y = problem(kind, iris)
    with pytest.raises(ValueError):
        kind().fit(X, y, sample_weight=np.full(len(X), weights))


def test_class_weights_are_weights_of_samples(iris):
    X, y = iris
    few = np.r_[np.flatnonzero(y == "setosa")[:10], np.flatnonzero(y != "setosa")]
    X, y = X[few], y[few]
    model = EpoclClassifier(epochs=5, random_state=0, class_weight="balanced").fit(X, y)
    by_hand = np.where(y == "setosa", 110 / (3 * 10), 110 / (3 * 50))
    assert same(model, clone(model).set_params(class_weight=None).fit(X, y, sample_weight=by_hand), X)
    named = clone(model).set_params(class_weight={"setosa": 5, "versicolor": 1, "virginica": 1})
    assert same(
        named.fit(X, y),
        clone(model).set_params(class_weight=None).fit(X, y, sample_weight=np.where(y == "setosa", 5, 1)),
        X,
    )


def test_class_weights_of_a_part_are_those_of_all(iris):
    X, y = iris
    model, by_hand = EpoclClassifier(class_weight={"setosa": 5}, random_state=0), EpoclClassifier(random_state=0)
    for part in (y != "setosa", y != "virginica", y == "virginica"):
        model.partial_fit(X[part], y[part], classes=np.unique(y))
        weights = np.where(y[part] == "setosa", 5, 1)
        by_hand.partial_fit(X[part], y[part], classes=np.unique(y), sample_weight=weights)
    assert same(model, by_hand, X)


@BOTH
def test_samples_set_aside_must_weigh(kind, iris):
    X, y = problem(kind, iris)
    stratify = y if kind is EpoclClassifier else None
    train, aside = train_test_split(np.arange(len(X)), test_size=0.1, random_state=0, stratify=stratify)
    for weighing, what in ((train, "set aside"), (aside, "to train on")):
        with pytest.raises(ValueError, match=what):
            kind(early_stopping=True, random_state=0).fit(X, y, sample_weight=np.isin(np.arange(len(X)), weighing))


# ---- The course of a training ------------------------------------------------------------------------


@BOTH
def test_early_stopping_keeps_the_best_network(kind, iris):
    X, y = problem(kind, iris)
    model = kind(
        early_stopping=True, validation_fraction=0.3, n_iter_no_change=3, learning_rate=0.1, random_state=0, tol=0
    )
    model.fit(X, y)
    curve = model.validation_loss_curve_
    assert model.n_iter_ == len(curve) < 200 and np.argmin(curve) == len(curve) - 1 - 3
    unstopped = clone(model).set_params(n_iter_no_change=None, epochs=int(np.argmin(curve)) + 1).fit(X, y)
    assert same(model, unstopped, X)
    assert clone(model).set_params(early_stopping=False, epochs=2).fit(X, y).validation_loss_curve_ is None


@BOTH
def test_training_ends_when_its_cost_does_not_fall(kind, iris):
    X, y = problem(kind, iris)
    model = kind(n_iter_no_change=4, tol=1e9, random_state=0).fit(X, y)
    assert model.n_iter_ == 5  # the first is lower than none
    assert kind(n_iter_no_change=None, tol=1e9, random_state=0, epochs=20).fit(X, y).n_iter_ == 20


@BOTH
def test_callbacks_hear_of_each_epoch_and_may_end_training(kind, iris, capsys):
    heard = []

    def stop_after_3(estimator, result):
        heard.append(result)
        return result.epoch == 3

    model = kind(callbacks=[stop_after_3, epocl.print_progress], random_state=0).fit(*problem(kind, iris))
    assert [result.epoch for result in heard] == [1, 2, 3]
    assert [result.train_cost for result in heard] == model.loss_curve_
    assert capsys.readouterr().err.count("epoch ") == 3
    assert kind(callbacks=stop_after_3).fit(*problem(kind, iris)).n_iter_ == 3


@BOTH
def test_warm_start_goes_on(kind, iris):
    X, y = problem(kind, iris)
    model = kind(epochs=3, warm_start=True, random_state=0).fit(X, y)
    first = model.loss_curve_
    model.fit(X, y)
    assert model.loss_curve_[0] < first[-1]
    with pytest.raises(ValueError, match="cannot go on"):
        model.set_params(hidden=(7,)).fit(X, y)
    model.set_params(warm_start=False).fit(X, y)
    assert model.network_.layer_sizes[1] == 7


def test_warm_start_needs_the_same_classes(iris):
    X, y = iris
    model = EpoclClassifier(epochs=1, warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="classes"):
        model.fit(X[y != "setosa"], y[y != "setosa"])


@BOTH
def test_partial_fit(kind, iris):
    X, y = problem(kind, iris)
    model = kind(random_state=0, learning_rate=0.01)
    more = {"classes": np.unique(y)} if kind is EpoclClassifier else {}
    costs = []
    for _ in range(20):
        for begin in (0, 50, 100):
            model.partial_fit(X[begin : begin + 50], y[begin : begin + 50], **more)
        costs.append(model.loss_)
    assert costs[-1] < costs[0] / 2 and model.n_iter_ == len(model.loss_curve_) == 60
    assert model.score(X, y) > 0.85
    assert kind(epochs=2).fit(X, y).partial_fit(X, y).n_iter_ == 3


@BOTH
def test_partial_fit_does_not_stop_early(kind, iris):
    X, y = problem(kind, iris)
    more = {"classes": np.unique(y)} if kind is EpoclClassifier else {}
    model = kind(random_state=0, early_stopping=True).partial_fit(X, y, **more)
    assert same(model, kind(random_state=0).partial_fit(X, y, **more), X)


@BOTH
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_training_that_fails_changes_nothing(kind, method, iris):
    X, y = problem(kind, iris)
    model = kind(epochs=2, random_state=0).fit(X, y)
    before, wanted = vars(model).copy(), model.predict(X)
    model.device = "no such device"
    other = np.where(y == "setosa", "a", "b") if kind is EpoclClassifier else 1e6 * y
    with pytest.raises(ValueError if (kind, method) == (EpoclClassifier, "partial_fit") else epocl.DeviceError):
        getattr(model, method)(X if method == "partial_fit" else X[:, :2], other)
    model.device = None
    assert vars(model).keys() == before.keys() and all(vars(model)[name] is before[name] for name in before)
    assert (model.predict(X) == wanted).all()
    new = kind(device="no such device")
    with pytest.raises(epocl.DeviceError):
        new.fit(X, y)
    assert not [name for name in vars(new) if name.endswith("_") or name.startswith("_")]


def test_partial_fit_knows_its_classes(iris):
    X, y = iris
    model = EpoclClassifier()
    with pytest.raises(ValueError, match="classes must be passed"):
        model.partial_fit(X, y)
    model.partial_fit(X[y == "setosa"], y[y == "setosa"], classes=np.unique(y))
    assert model.predict_proba(X).shape == (150, 3)
    with pytest.raises(ValueError, match="first call"):
        model.partial_fit(X, y, classes=["setosa", "virginica"])
    with pytest.raises(ValueError, match="among the classes"):
        model.partial_fit(X, np.where(y == "setosa", "other", y))
    with pytest.raises(ValueError, match="balanced"):
        EpoclClassifier(class_weight="balanced").partial_fit(X, y, classes=np.unique(y))


def test_ctrl_c_ends_a_fit_and_keeps_what_was_learnt():
    random = np.random.default_rng(0)
    X, y = random.normal(size=(20000, 3)), random.integers(0, 2, 20000)

    def interrupt_in_the_second_epoch(estimator, result):
        if result.epoch == 1:
            threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

    model = EpoclClassifier(hidden=(4,), batch_size=1, callbacks=interrupt_in_the_second_epoch, n_iter_no_change=None)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert 1 <= model.n_iter_ < 200 and model.predict(X).shape == y.shape


# ---- Living with scikit-learn ------------------------------------------------------------------------


@BOTH
def test_models_are_pickled_and_copied(kind, iris):
    X, y = problem(kind, iris)
    model = kind(epochs=3, random_state=0).fit(X, y)
    wanted = output(model, X)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), copy.copy(model)):
        assert same(model, other, X) and (output(other, X) == wanted).all()
    with pytest.raises(NotFittedError):
        clone(model).predict(X)


def test_a_network_that_was_changed_predicts_anew(iris, device):
    X, y = iris
    model = EpoclClassifier(epochs=3, random_state=0).fit(X, y)
    before = model.predict_proba(X)
    data = epocl.Dataset(X, np.unique(y, return_inverse=True)[1])
    assert epocl.calibrate(device, model.network_, data).temperature != 1
    calibrated = model.predict_proba(X)
    assert (calibrated == epocl.Predictor(device, model.network_).predict(X)).all() and (calibrated != before).any()
    trainer = epocl.Trainer(device, model.network_, data)
    trainer.run_epoch()
    trainer.read()
    trained = model.predict_proba(X)
    assert (trained == epocl.Predictor(device, model.network_).predict(X)).all() and (trained != calibrated).any()


def test_a_saved_network_predicts_the_same(iris, tmp_path, device):
    X, y = iris
    model = EpoclClassifier(epochs=3).fit(X, y)
    model.network_.save(tmp_path / "model.safetensors")
    loaded = epocl.Network.load(tmp_path / "model.safetensors")
    assert (epocl.Predictor(device, loaded).predict(X) == model.predict_proba(X)).all()


def test_grid_search_in_processes(iris):
    X, y = iris
    grid = GridSearchCV(
        EpoclClassifier(random_state=0, epochs=40), {"hidden": [(8,), (16,)], "learning_rate": [0.01]}, cv=2, n_jobs=2
    )
    assert grid.fit(X, y).best_score_ > 0.9
    assert same(grid.best_estimator_, clone(grid.best_estimator_).fit(X, y), X)


def test_threads(iris):
    from joblib import parallel_backend

    X, y = iris
    with parallel_backend("threading", n_jobs=2):
        scores = cross_val_score(EpoclClassifier(random_state=0, epochs=20, learning_rate=0.01), X, y, cv=4)
    assert scores.min() > 0.85
    model = EpoclClassifier(epochs=2).fit(X, y)
    wanted, found = model.predict_proba(X), []
    threads = [threading.Thread(target=lambda: found.append(model.predict_proba(X))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all((probabilities == wanted).all() for probabilities in found)


def test_a_forked_child_is_refused(iris):
    X, y = iris
    model = EpoclClassifier(epochs=1).fit(X, y)
    child = os.fork()
    if child == 0:
        refused = 0
        for use in (lambda: model.predict(X), lambda: EpoclClassifier(epochs=1).fit(X, y)):
            try:
                use()
            except epocl.DeviceError:
                refused += 1
        os._exit(refused)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize("table", [pandas.DataFrame, polars.DataFrame, pyarrow.table])
def test_tables_without_an_encoder(table, iris):
    X, y = iris
    columns = {name: X[:, i] for i, name in enumerate(["sepal", "width", "petal", "girth"])}
    model = EpoclClassifier(epochs=3, random_state=0, encode=False).fit(table(columns), y)
    assert list(model.feature_names_in_) == list(columns) and model.n_features_in_ == 4
    assert same(model, EpoclClassifier(epochs=3, random_state=0).fit(X, y), X)
    assert (model.predict(table(columns)) == model.predict(X)).all()
    with pytest.raises(ValueError, match="feature names"):
        model.predict(table({name: columns[name] for name in reversed(columns)}))
    missing = {**columns, "girth": np.where(np.arange(150) == 3, np.nan, X[:, 3])}
    with pytest.raises(ValueError, match="NaN"):
        model.predict(table(missing))


def test_float32_is_not_copied_in_python(iris, monkeypatch):
    X = np.ascontiguousarray(iris[0])
    given = []
    monkeypatch.setattr(
        estimators, "Dataset", lambda X, *rest, **more: (given.append(X), epocl.Dataset(X, *rest, **more))[1]
    )
    EpoclClassifier(epochs=1).fit(X, iris[1])
    assert np.shares_memory(given[0], X)
