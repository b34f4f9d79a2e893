"""What both estimators of scikit-learn share: parameters, options, training, prediction."""

from __future__ import annotations

import numbers
import sys
import weakref
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence, Union

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from . import saved
from .columns import Column, array_columns, columns_of, is_table, matrix_of
from .dataset import Dataset
from .device import open_device
from .network import Network
from .options import Options
from .predictor import Predictor
from .tables import Table
from .trainer import EpochResult, Trainer

Callback = Callable[[Any, EpochResult], Optional[bool]]

# Parameters of the estimators that are options of the library under the same name.
OPTIONS = (
    "hidden", "activation", "cost", "normalize", "batch_size", "learning_rate", "optimizer", "weight_decay", "schedule",
    "dropout", "matmul", "plan", "tune",
)  # fmt: skip


def print_progress(estimator: Any, result: EpochResult) -> None:
    """A callback that prints a line for each epoch, to standard error."""
    text = f"epoch {result.epoch}: cost {result.train_cost:.6g}"
    if result.valid_cost == result.valid_cost:
        text += f", validation {result.valid_cost:.6g}"
    print(text, file=sys.stderr)


class _Watch:
    """Told of each epoch; tells whether training ends after it."""

    def __init__(self, estimator: Any, patience: Optional[int]) -> None:
        callbacks = estimator.callbacks
        self._callbacks = [callbacks] if callable(callbacks) else list(callbacks or ())
        self._estimator = estimator
        self._patience = patience  # in the cost of training; None: any
        self._lowest = np.inf
        self._waited = 0

    def __call__(self, result: EpochResult) -> bool:
        self._waited += 1
        if result.train_cost < self._lowest - self._estimator.tol:
            self._lowest, self._waited = result.train_cost, 0
        is_ended = self._patience is not None and self._waited >= self._patience
        for callback in self._callbacks:
            is_ended |= bool(callback(self._estimator, result))
        return is_ended


Inputs = Union[np.ndarray, Table]


def _checked(columns: list[Column]) -> Table:
    """The table of these columns, of which there is one with a row."""
    rows = len(columns[0]) if columns else 0
    if not columns or rows == 0:
        what = "feature" if rows or not columns else "sample"
        raise ValueError(f"Found a table with 0 {what}(s) (shape=({rows}, {len(columns)})) while a minimum of 1 is required.")
    return Table._of(columns)


def _rows(array: Any, rows: np.ndarray) -> Any:
    return array._take(rows) if isinstance(array, Table) else array[rows]


def target_names(y: Any) -> list[str]:
    """What a series or table calls its columns; [] where they have no names that fit."""
    columns = getattr(y, "columns", None)
    names = [getattr(y, "name", None)] if columns is None else list(columns)
    given = [name for name in names if isinstance(name, str) and name and "," not in name]
    if len(given) == len(names):
        return given
    return []


def _free_names(names: Sequence[str], taken: Sequence[str]) -> list[str]:
    """The names, lengthened where a column has them already."""
    free = []
    for name in names:
        while name in taken:
            name += "_"
        free.append(name)
    return free


_predictors: "weakref.WeakKeyDictionary[Network, tuple]" = weakref.WeakKeyDictionary()


def _predictor(network: Network, device: Optional[str]) -> Predictor:
    """One that was made before for this network as it is now and for this device, or a new one. No part of the
    estimator, which prediction does not change."""
    wanted = (device, network._change_count)
    kept, predictor = _predictors.get(network, (None, None))
    if predictor is None or kept != wanted:
        predictor = Predictor(open_device(device), network)
        _predictors[network] = (wanted, predictor)
    return predictor


class EpoclEstimator(BaseEstimator):
    """What classifier and regressor share: parameters, options, training, pickling."""

    network_: Network
    n_iter_: int

    def __init__(
        self,
        hidden: Union[int, Sequence[int]],
        activation: Union[str, Sequence[str]],
        cost: str,
        normalize: str,
        batch_size: int,
        learning_rate: float,
        optimizer: str,
        weight_decay: float,
        schedule: str,
        dropout: float,
        epochs: int,
        early_stopping: bool,
        validation_fraction: float,
        n_iter_no_change: Optional[int],
        tol: float,
        warm_start: bool,
        random_state: Any,
        callbacks: Union[None, Callback, Sequence[Callback]],
        device: Optional[str],
        matmul: str,
        plan: str,
        tune: str,
        encode: Union[str, bool],
        options: Optional[Mapping[str, Any]],
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.cost = cost
        self.normalize = normalize
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.optimizer = optimizer
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.dropout = dropout
        self.epochs = epochs
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.warm_start = warm_start
        self.random_state = random_state
        self.callbacks = callbacks
        self.device = device
        self.matmul = matmul
        self.plan = plan
        self.tune = tune
        self.encode = encode
        self.options = options

    # ---- Input ----------------------------------------------------------------------------------

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.string = tags.input_tags.categorical = self.encode is True
        return tags

    def _inputs(self, X: Any, reset: bool) -> Inputs:
        """What is learnt from: a table to be encoded, or a matrix of numbers. A present network decides which."""
        if reset and self.encode not in ("auto", True, False):
            raise ValueError(f"encode must be 'auto', True or False, not {self.encode!r}")
        columns = columns_of(X) if is_table(X) else None
        if not reset:
            encodes = bool(self.network_.columns)
        elif self.encode == "auto":
            encodes = columns is not None and not all(column.is_plain for column in columns)
        else:
            encodes = bool(self.encode)
        return self._table(X, columns, reset) if encodes else self._matrix(X, columns, reset)

    def _matrix(self, X: Any, columns: Optional[list[Column]], reset: bool) -> np.ndarray:
        """X as float32 in the order of rows, checked; copied only where it is not that already."""
        numbers = X if columns is None else matrix_of(columns)
        matrix = check_array(numbers, dtype=np.float32, order="C", estimator=self, input_name="X")
        self._check_features(X, columns, matrix, reset)
        return matrix

    def _table(self, X: Any, columns: Optional[list[Column]], reset: bool) -> Table:
        """Columns, an array's being x0, x1, ... at first, and later in turn those that the network was made for."""
        if columns is None:
            given = X if hasattr(X, "shape") else np.asarray(X, object)  # numpy would make texts of a list's numbers
            array = check_array(given, dtype=None, ensure_all_finite=False, estimator=self, input_name="X")
            columns = array_columns(array, [f"x{i}" for i in range(array.shape[1])])
            self._check_features(X, None, array, reset)
        else:
            self._check_features(X, columns, None, reset)
        if reset:
            self._column_names = [column.name for column in columns]
        return _checked([replace(column, name=name) for column, name in zip(columns, self._column_names)])

    def _check_features(self, X: Any, columns: Optional[list[Column]], array: Optional[np.ndarray], reset: bool) -> None:
        """Learns the number and names of features, or refuses others. A stream tells them by its columns alone."""
        if columns is None or hasattr(X, "shape"):
            validate_data(self, X if hasattr(X, "shape") else array, reset=reset, skip_check_array=True)
            return
        names = [column.name for column in columns]
        if reset:
            self.n_features_in_, self.feature_names_in_ = len(names), np.array(names, object)
        known = list(getattr(self, "feature_names_in_", names))
        if names != known:
            raise ValueError(f"The feature names should match those that were passed during fit, {known}, not {names}")
        if len(names) != self.n_features_in_:
            expected = f"{type(self).__name__} is expecting {self.n_features_in_} features as input"
            raise ValueError(f"X has {len(names)} features, but {expected}")

    def _weights(self, sample_weight: Any, X: Inputs) -> Optional[np.ndarray]:
        """Float64 [n_samples]; None where all weigh the same."""
        if sample_weight is None:
            return None
        weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        if not weights.sum() > 0:
            raise ValueError("the weights of all samples are 0")
        return None if (weights == weights[0]).all() else weights

    def _dataset(
        self,
        X: Inputs,
        targets: np.ndarray,
        weights: Optional[np.ndarray],
        options: Options,
        network: Optional[Network] = None,
    ) -> Dataset:
        """A table is encoded as `network` has it; None: as is found on these rows. Weights are given so that their mean
        is 1: with all of them doubled, nothing changes."""
        if isinstance(X, Table):
            dataset = self._encoded(X, targets, options, network)
        else:
            dataset = self._targeted(X, targets)
        if weights is not None:
            dataset.set_weights(weights / weights.mean())
        return dataset

    def _encoded(self, X: Table, targets: np.ndarray, options: Options, network: Optional[Network]) -> Dataset:
        if network is not None:
            names = [column.name for column in network.columns if column.is_target]
            return X._with(self._target_columns(targets, names)).encode(network, with_targets=True)
        count = 1 if targets.ndim == 1 else targets.shape[1]
        default = ["target"] if count == 1 else [f"target{i}" for i in range(count)]
        names = _free_names(self._target_names or default, X.column_names)
        task = "classification" if is_classifier(self) else "regression"
        return X._with(self._target_columns(targets, names)).split(names, options, task=task)[0]

    def _targeted(self, X: np.ndarray, targets: np.ndarray) -> Dataset:
        raise NotImplementedError

    def _target_columns(self, targets: np.ndarray, names: Sequence[str]) -> list[Column]:
        raise NotImplementedError

    # ---- Training -------------------------------------------------------------------------------

    @contextmanager
    def _whole_or_not(self) -> Iterator[None]:
        """What is learnt within is learnt with a network: where there is no new one, all that was known before stays."""

        def learnt() -> dict[str, Any]:
            return {name: value for name, value in self.__dict__.items() if name.startswith("_") or name.endswith("_")}

        before = learnt()
        try:
            yield
        except BaseException:
            if getattr(self, "network_", None) is before.get("network_"):
                for name in learnt():
                    delattr(self, name)
                self.__dict__.update(before)
            raise

    def _make_options(self, seed: int, **more: Any) -> Options:
        # The initial weights of scikit-learn's own networks.
        options = Options({name: getattr(self, name) for name in OPTIONS}, initialization="glorot-uniform", seed=seed)
        if self.schedule != "constant":
            options["schedule_epochs"] = self.epochs
        options.update(more)
        options.update(self.options)
        return options

    def _seed(self) -> int:
        """A whole number is the seed itself, as of `epocl train --seed`."""
        random = check_random_state(self.random_state)
        is_seed = isinstance(self.random_state, numbers.Integral)
        return int(self.random_state) if is_seed else int(random.randint(2**31))

    def _check_parameters(self) -> None:
        if not isinstance(self.epochs, numbers.Integral) or self.epochs < 1:
            raise ValueError(f"epochs must be a whole number, 1 or above, not {self.epochs!r}")
        if self.n_iter_no_change is not None and self.n_iter_no_change < 1:
            raise ValueError(f"n_iter_no_change must be 1 or above, or None, not {self.n_iter_no_change!r}")

    def _begin(self, train: Dataset, options: Options, is_continued: bool) -> Network:
        """A new network, or a copy of the present one, which must be what the parameters ask for."""
        if not is_continued:
            return Network(train, options)
        asked = Network(train, options)
        for what in ("layer_sizes", "activation", "cost", "output"):
            present, wanted = getattr(self.network_, what), getattr(asked, what)
            if present != wanted:
                raise ValueError(f"training cannot go on: {what} is {present}, and the parameters ask for {wanted}")
        return self.network_.copy()

    def _fit(self, X: Inputs, targets: np.ndarray, weights: Optional[np.ndarray], is_continued: bool) -> None:
        """Trains for at most `epochs`. On Ctrl-C the network keeps what it has learnt so far."""
        self._check_parameters()
        seed = self._seed()
        ending: dict[str, Any] = dict(patience=self.n_iter_no_change, min_delta=self.tol) if self.early_stopping else {}
        options = self._make_options(seed, **ending)
        aside = None
        if self.early_stopping:
            X, targets, weights, *aside = self._split(X, targets, weights, seed)
        train = self._dataset(X, targets, weights, options, self.network_ if is_continued else None)
        network = self._begin(train, options, is_continued)
        valid = None if aside is None else self._dataset(aside[0], aside[1], aside[2], options, network)
        trainer = Trainer(open_device(self.device), network, train, valid, options)
        self._first_seed, self.t_ = seed, len(X) * self.epochs
        try:
            trainer.fit(self.epochs, _Watch(self, None if self.early_stopping else self.n_iter_no_change))
        except KeyboardInterrupt:
            if trainer.epoch_count > 0:
                self._keep(trainer)
            raise
        self._keep(trainer)

    def _split(self, X: Inputs, targets: np.ndarray, weights: Optional[np.ndarray], seed: int) -> tuple:
        """Inputs, targets and weights of the samples to train on, and of those set aside."""
        stratify = targets if is_classifier(self) else None
        parts = train_test_split(
            np.arange(len(X)), test_size=self.validation_fraction, random_state=seed % 2**32, stratify=stratify
        )
        for what, rows in zip(("to train on", "set aside"), parts):
            if weights is not None and not weights[rows].sum() > 0:
                raise ValueError(
                    f"early_stopping: the weights of all samples {what} are 0; change validation_fraction or random_state"
                )
        arrays = (X, targets, weights)
        return tuple(None if array is None else _rows(array, rows) for rows in parts for array in arrays)

    def _keep(self, trainer: Trainer) -> None:
        """The parameters of the last epoch, or with early stopping of the best one."""
        self.network_ = trainer.read_best() if trainer.has_valid else trainer.read()
        self.n_iter_ = trainer.epoch_count
        self.history_ = trainer.history
        self.loss_curve_ = [result.train_cost for result in self.history_]
        self.loss_ = self.loss_curve_[-1]
        self.validation_loss_curve_ = [result.valid_cost for result in self.history_] if trainer.has_valid else None

    def _partial_fit(self, X: Inputs, targets: np.ndarray, weights: Optional[np.ndarray], is_first: bool) -> None:
        """One epoch. The samples' order is another in each call."""
        if is_first:
            self._first_seed, self.t_ = self._seed(), 0
        options = self._make_options((self._first_seed + self.t_) % 2**64)
        train = self._dataset(X, targets, weights, options, None if is_first else self.network_)
        network = self._begin(train, options, not is_first)
        trainer = Trainer(open_device(self.device), network, train, None, options)
        trainer.run_epoch()
        self.t_ += len(X)
        curve = [] if is_first else self.loss_curve_
        self._keep(trainer)
        self.loss_curve_ = [*curve, self.loss_]
        self.n_iter_ = len(self.loss_curve_)

    # ---- Prediction -----------------------------------------------------------------------------

    def _predict(self, X: Any, method: str) -> np.ndarray:
        check_is_fitted(self)
        inputs = self._inputs(X, reset=False)
        dataset = inputs.encode(self.network_) if isinstance(inputs, Table) else inputs
        return getattr(_predictor(self.network_, self.device), method)(dataset)

    # ---- Files ----------------------------------------------------------------------------------

    def save(self, path: Any) -> None:
        """Writes a model that the program epocl reads, and `epocl.load()`: one safetensors file."""
        check_is_fitted(self)
        saved.write(path, self._content())

    def _content(self) -> bytes:
        return self.network_.to_bytes()


PARAMETERS = """
    Parameters
    ----------
    hidden : int or sequence of int, default=(100,)
        Units of each hidden layer; an empty sequence for none.
    activation : str or sequence of str, default="relu"
        Of the hidden units, or of each hidden layer: "relu", "tanh", "gelu", "leaky-relu(0.1)", ...
    cost : str, default="{cost}"
        {costs}
    normalize : {{"auto", "none", "zscore", "minmax"}}, default="auto"
        How inputs are scaled by statistics of the training data, which the network keeps. "auto" is "zscore".
    batch_size : int, default=200
        Samples a step; no more than there are.
    learning_rate : float, default=0.001
    optimizer : str, default="adam"
        "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw" or "lion".
    weight_decay : float, default=0
    schedule : str, default="constant"
        Of the learning rate, over `epochs`: "cosine", "linear", "one-cycle", ...
    dropout : float, default=0
        Part of the hidden units left out of a step.
    epochs : int, default=200
        The most that fit() trains for.
    early_stopping : bool, default=False
        Whether fit() sets a part of the samples aside, and keeps the network of the epoch whose cost on them is lowest.
    validation_fraction : float, default=0.1
        That part.
    n_iter_no_change : int or None, default=10
        Training ends after that many epochs in which the cost (with early stopping: of the samples set aside) did not
        fall by more than `tol`. None: it does not end for that.
    tol : float, default=1e-4
    warm_start : bool, default=False
        Whether fit() goes on from the present network.
    random_state : int, RandomState or None, default=None
        Of initial weights, the order of samples and those set aside. An int is the seed of `epocl train --seed`.
    callbacks : callable, sequence of callables or None, default=None
        Each is called after each epoch, as callback(estimator, result), with an EpochResult. Training ends after an
        epoch for which one returns True.
    device : str or None, default=None
        As of `Device`: "gpu", "cpu", "nvidia", ... None: EPOCL_DEVICE of the environment, else "auto".
    matmul, plan, tune : str, default="auto", "layered", "off"
        How the device works. plan="auto" with tune="quick" lets epocl time what is fastest, which takes seconds for
        each new shape and may pay for long trainings; the defaults start at once.
    encode : "auto" or bool, default="auto"
        Whether columns are encoded as `epocl train` does with tables: numbers on a normal scale with ramps beside,
        text and categories as an input each, missing values as what they are. "auto": those of tables that hold text,
        categories or missing values. Other tables and arrays are numbers as they are, whose missing values are refused.
    options : mapping or None, default=None
        Further options of `epocl train`, with underscores: {{"clip_value": 1, "warmup": 5}}.{more}

    Attributes
    ----------
    network_ : Network
        The trained network.{attributes}
    n_iter_ : int
        Epochs trained.
    loss_ : float
        Mean cost of the last epoch's training.
    loss_curve_ : list of float
        Likewise, of each epoch.
    validation_loss_curve_ : list of float or None
        Cost on the samples set aside, after each epoch.
    history_ : list of EpochResult
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Of inputs that have names for columns.

    Notes
    -----
    X is an array of numbers of shape (n_samples, n_features), or a table: pandas', Polars', Arrow's, or another with the
    Arrow stream protocol. float32 in the order of rows is not copied in Python.
    """
