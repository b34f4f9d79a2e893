"""Estimators of scikit-learn: multilayer perceptrons that train on an OpenCL device."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional, Sequence, Union

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import check_array, column_or_1d, compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length

from . import saved
from ._estimator import PARAMETERS, Callback, EpoclEstimator, Inputs, print_progress, target_names
from .columns import Column, number_column
from .dataset import Dataset
from .network import Network
from .tables import Table

if TYPE_CHECKING:
    from .network import PathLike

__all__ = ["EpoclClassifier", "EpoclRegressor", "load", "print_progress"]


class EpoclClassifier(ClassifierMixin, EpoclEstimator):
    __doc__ = "A multilayer perceptron that classifies.\n" + PARAMETERS.format(
        cost="softmax-cross-entropy",
        costs='"softmax-cross-entropy", "cross-entropy" (each output by itself), "squared", ...',
        more="""
    class_weight : dict, "balanced" or None, default=None
        Weight of each class, which the samples' weights are multiplied by; "balanced": the same for all classes
        together.""",
        attributes="""
    classes_ : ndarray of shape (n_classes,)""",
    )

    classes_: np.ndarray

    def __init__(
        self,
        hidden: Union[int, Sequence[int]] = (100,),
        *,
        activation: Union[str, Sequence[str]] = "relu",
        cost: str = "softmax-cross-entropy",
        normalize: str = "auto",
        batch_size: int = 200,
        learning_rate: float = 1e-3,
        optimizer: str = "adam",
        weight_decay: float = 0.0,
        schedule: str = "constant",
        dropout: float = 0.0,
        epochs: int = 200,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: Optional[int] = 10,
        tol: float = 1e-4,
        class_weight: Union[None, str, Mapping[Any, float]] = None,
        warm_start: bool = False,
        random_state: Any = None,
        callbacks: Union[None, Callback, Sequence[Callback]] = None,
        device: Optional[str] = None,
        matmul: str = "auto",
        plan: str = "layered",
        tune: str = "off",
        encode: Union[str, bool] = "auto",
        options: Optional[Mapping[str, Any]] = None,
    ) -> None:
        super().__init__(
            hidden, activation, cost, normalize, batch_size, learning_rate, optimizer, weight_decay, schedule, dropout,
            epochs, early_stopping, validation_fraction, n_iter_no_change, tol, warm_start, random_state, callbacks,
            device, matmul, plan, tune, encode, options,
        )  # fmt: skip
        self.class_weight = class_weight

    def _labels(self, y: Any, X: Inputs) -> np.ndarray:
        self._target_names = target_names(y)
        labels = column_or_1d(y, warn=True)
        check_consistent_length(X, labels)
        check_classification_targets(labels)
        return labels

    def _encode(self, labels: np.ndarray) -> np.ndarray:
        """Places in classes_."""
        places = np.searchsorted(self.classes_, labels)
        places = np.minimum(places, len(self.classes_) - 1)
        unknown = self.classes_[places] != labels
        if unknown.any():
            raise ValueError(
                f"y has labels that are not among the classes {self.classes_}: {np.unique(labels[unknown])}"
            )
        return places

    def _class_weights(self, weights: Optional[np.ndarray], places: np.ndarray, X: Inputs) -> Optional[np.ndarray]:
        if self.class_weight is None:
            return weights
        by_class = compute_class_weight(self.class_weight, classes=self.classes_, y=self.classes_[places])
        return self._weights(by_class[places] if weights is None else weights * by_class[places], X)

    def _targeted(self, X: np.ndarray, targets: np.ndarray) -> Dataset:
        return Dataset(X, targets, class_count=len(self.classes_))

    def _target_columns(self, targets: np.ndarray, names: Sequence[str]) -> list[Column]:
        texts = tuple(str(label) for label in self.classes_.tolist())
        return [Column(names[0], codes=targets.astype(np.uint32), levels=texts)]

    def _class_places(self) -> np.ndarray:
        """Of each class of the network, its place in classes_; an encoder's classes are in the order of their names."""
        names = self.network_.class_names
        if not names:
            return np.arange(len(self.classes_))
        places = {str(label): place for place, label in enumerate(self.classes_.tolist())}
        return np.array([places[name] for name in names])

    def _content(self) -> bytes:
        """Where nothing else in it tells them, with the classes."""
        is_whole = self.classes_.dtype.kind in "iu"
        is_told = self.network_.columns or (is_whole and np.array_equal(self.classes_, np.arange(len(self.classes_))))
        content = super()._content()
        return content if is_told else saved.with_notes(content, classes=self.classes_.tolist())

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "EpoclClassifier":
        """Trains on X, [n_samples, n_features], with the labels y, [n_samples], of any type that can be sorted, and
        sample_weight, [n_samples] or None, 0 or above."""
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        is_continued = self.warm_start and hasattr(self, "network_")
        with self._whole_or_not():
            inputs = self._inputs(X, reset=not is_continued)
            labels = self._labels(y, inputs)
            classes = np.unique(labels)
            if is_continued and not np.array_equal(classes, self.classes_):
                raise ValueError(f"warm_start needs the classes of the first fit, {self.classes_}, not {classes}")
            if len(classes) < 2:
                raise ValueError(f"y holds one class, {classes[0]!r}; a classifier needs samples of at least 2 classes")
            self.classes_ = classes
            places = self._encode(labels)
            weights = self._class_weights(self._weights(sample_weight, inputs), places, inputs)
            self._fit(inputs, places, weights, is_continued)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> "EpoclClassifier":
        """Trains one epoch on X and y, as of fit(). The first call names all classes that there will be. Inputs stay
        scaled as the first call's were; what the optimiser has gathered begins anew in each call."""
        is_first = not hasattr(self, "network_")
        if is_first and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        with self._whole_or_not():
            inputs = self._inputs(X, reset=is_first)
            labels = self._labels(y, inputs)
            if is_first:
                self.classes_ = np.unique(classes)
            elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
                raise ValueError(f"classes={classes!r} are not those of the first call, {self.classes_}")
            if self.class_weight == "balanced":
                raise ValueError("class_weight='balanced' needs all samples; partial_fit takes a weight for each class")
            places = self._encode(labels)
            weights = self._class_weights(self._weights(sample_weight, inputs), places, inputs)
            self._partial_fit(inputs, places, weights, is_first)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The class of each sample, [n_samples]."""
        places = self._predict(X, "predict_classes")
        return self.classes_[self._class_places()[places]]

    def predict_proba(self, X: Any) -> np.ndarray:
        """float32 [n_samples, n_classes], each row adding up to 1, in the order of classes_. With another cost than
        softmax-cross-entropy they are the outputs' shares of their sum."""
        outputs = self._predict(X, "predict")
        outputs = outputs[:, np.argsort(self._class_places())]
        if self.network_.output == "softmax":
            return outputs
        outputs = np.maximum(outputs, np.finfo(np.float32).tiny)
        return outputs / outputs.sum(axis=1, keepdims=True)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Their logarithms."""
        return np.log(self.predict_proba(X))


class EpoclRegressor(RegressorMixin, EpoclEstimator):
    __doc__ = "A multilayer perceptron that predicts numbers, one or several.\n" + PARAMETERS.format(
        cost="squared",
        costs='"squared", "absolute", "huber(1)", "quantile(0.9)" or "poisson" (of counts: the output is exp(z)).',
        more="""
    scale_target : bool, default=True
        Whether targets are standardised for training, so that their unit does not matter; not with cost="poisson" or
        an output activation. Costs, the threshold of "huber" among them, are then in standard deviations.""",
        attributes="""
        Its outputs are those of the scaled targets: y = output * target_scale_ + target_mean_.
    target_mean_, target_scale_ : ndarray of shape (n_outputs,)""",
    )

    target_mean_: np.ndarray
    target_scale_: np.ndarray

    def __init__(
        self,
        hidden: Union[int, Sequence[int]] = (100,),
        *,
        activation: Union[str, Sequence[str]] = "relu",
        cost: str = "squared",
        normalize: str = "auto",
        batch_size: int = 200,
        learning_rate: float = 1e-3,
        optimizer: str = "adam",
        weight_decay: float = 0.0,
        schedule: str = "constant",
        dropout: float = 0.0,
        epochs: int = 200,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: Optional[int] = 10,
        tol: float = 1e-4,
        scale_target: bool = True,
        warm_start: bool = False,
        random_state: Any = None,
        callbacks: Union[None, Callback, Sequence[Callback]] = None,
        device: Optional[str] = None,
        matmul: str = "auto",
        plan: str = "layered",
        tune: str = "off",
        encode: Union[str, bool] = "auto",
        options: Optional[Mapping[str, Any]] = None,
    ) -> None:
        super().__init__(
            hidden, activation, cost, normalize, batch_size, learning_rate, optimizer, weight_decay, schedule, dropout,
            epochs, early_stopping, validation_fraction, n_iter_no_change, tol, warm_start, random_state, callbacks,
            device, matmul, plan, tune, encode, options,
        )  # fmt: skip
        self.scale_target = scale_target

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _targets(self, y: Any, X: Inputs) -> np.ndarray:
        """float64 [n_samples, n_outputs]."""
        self._target_names = target_names(y)
        targets = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y", estimator=self)
        if targets.ndim == 2 and targets.shape[1] == 1:
            targets = column_or_1d(targets, warn=True)
        check_consistent_length(X, targets)
        self._is_flat = targets.ndim == 1
        return targets.reshape(len(targets), -1)

    def _standardises(self) -> bool:
        """Whether the library's encoder does so with the targets of a table: others are taken as they are."""
        options = self._make_options(0)
        costs = ("auto", "squared", "absolute", "huber", "quantile")
        return options["output_activation"] in (None, "", "identity") and str(options["cost"]).startswith(costs)

    def _scale(self, X: Inputs, targets: np.ndarray, weights: Optional[np.ndarray]) -> None:
        """Keeps mean and standard deviation of the targets; a target that never varies is only shifted. The encoder of
        a table does so itself."""
        count = targets.shape[1]
        self.target_mean_, self.target_scale_ = np.zeros(count), np.ones(count)
        if isinstance(X, Table) and not self.scale_target and self._standardises():
            raise ValueError("scale_target=False is for arrays, or with encode=False: an encoder scales its targets")
        if not isinstance(X, Table) and self.scale_target and self._standardises():
            self.target_mean_ = np.average(targets, axis=0, weights=weights)
            deviation = np.sqrt(np.average((targets - self.target_mean_) ** 2, axis=0, weights=weights))
            self.target_scale_ = np.where(deviation > 0, deviation, 1.0)

    def _targeted(self, X: np.ndarray, targets: np.ndarray) -> Dataset:
        return Dataset(X, values=(targets - self.target_mean_) / self.target_scale_)

    def _target_columns(self, targets: np.ndarray, names: Sequence[str]) -> list[Column]:
        return [number_column(name, targets[:, place]) for place, name in enumerate(names)]

    def _content(self) -> bytes:
        """Of a network whose outputs are in the targets' unit."""
        if (self.target_scale_ == 1).all() and (self.target_mean_ == 0).all():
            return super()._content()
        return saved.with_scaled_output(self.network_, self.target_scale_, self.target_mean_)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "EpoclRegressor":
        """Trains on X, [n_samples, n_features], with the targets y, [n_samples] or [n_samples, n_outputs], and
        sample_weight, [n_samples] or None, 0 or above."""
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        is_continued = self.warm_start and hasattr(self, "network_")
        with self._whole_or_not():
            inputs = self._inputs(X, reset=not is_continued)
            targets = self._targets(y, inputs)
            weights = self._weights(sample_weight, inputs)
            if not is_continued:
                self._scale(inputs, targets, weights)
            self._fit(inputs, targets, weights, is_continued)
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> "EpoclRegressor":
        """Trains one epoch on X and y, as of fit(). Inputs and targets stay scaled as the first call's were; what the
        optimiser has gathered begins anew in each call."""
        is_first = not hasattr(self, "network_")
        with self._whole_or_not():
            inputs = self._inputs(X, reset=is_first)
            targets = self._targets(y, inputs)
            weights = self._weights(sample_weight, inputs)
            if is_first:
                self._scale(inputs, targets, weights)
            self._partial_fit(inputs, targets, weights, is_first)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """float64 [n_samples], or [n_samples, n_outputs] where fit() was given that."""
        predicted = self._predict(X, "predict").astype(np.float64) * self.target_scale_ + self.target_mean_
        return predicted[:, 0] if self._is_flat else predicted


def load(path: "PathLike", device: Optional[str] = None) -> Union[EpoclClassifier, EpoclRegressor]:
    """The fitted estimator of a model that save() or the program epocl has written, or of a run's folder. `classes_` of
    a table's model are numbers, or False and True, where all of their names are; those of an array's are as they were, and
    where the file has none 0, 1, ..."""
    if os.path.isdir(path):
        path = os.path.join(os.fsdecode(path), "model.safetensors")
    network = Network.load(path)
    sizes = network.layer_sizes
    if network.targets == "multi-label":
        raise ValueError("a network of units that say no or yes each is no estimator's: use epocl.Network.load()")
    kind = EpoclClassifier if network.targets == "classes" else EpoclRegressor
    estimator = kind(sizes[1:-1], activation=network.activation, cost=network.cost, device=device)
    estimator.network_ = network
    inputs = [column.name for column in network.columns if not column.is_target]
    estimator._target_names = [column.name for column in network.columns if column.is_target] or ["target"]
    estimator.n_features_in_ = len(inputs) or network.input_count
    if inputs:
        estimator._column_names, estimator.feature_names_in_ = inputs, np.array(inputs, object)
    estimator.n_iter_ = estimator.t_ = estimator._first_seed = 0
    estimator.loss_curve_, estimator.history_ = [], []
    if isinstance(estimator, EpoclClassifier):
        names = list(network.class_names)
        estimator.classes_ = _classes(names) if names else _noted_classes(path, network.output_count)
    else:
        estimator.target_mean_, estimator.target_scale_ = np.zeros(sizes[-1]), np.ones(sizes[-1])
        estimator._is_flat = sizes[-1] == 1
    return estimator


def _noted_classes(path: "PathLike", count: int) -> np.ndarray:
    """In the order of the outputs, of the type that they had."""
    return np.array(saved.read_notes(path).get("classes", range(count)))


def _classes(names: list[str]) -> np.ndarray:
    """Sorted; whole numbers, real ones, or False and True where Python writes those with all of the names."""
    kinds: tuple[Callable[[str], Any], ...] = (int, float, {"False": False, "True": True}.__getitem__)
    for kind in kinds:
        try:
            made = np.unique([kind(name) for name in names])
        except (KeyError, OverflowError, ValueError):
            continue
        is_finite = made.dtype.kind not in "f" or np.isfinite(made).all()
        if is_finite and {str(label) for label in made.tolist()} == set(names):
            return made
    return np.unique(names)
