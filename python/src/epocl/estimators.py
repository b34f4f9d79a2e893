"""Estimators of scikit-learn: multilayer perceptrons that train on an OpenCL device."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Union

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import check_array, column_or_1d, compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length

from ._estimator import PARAMETERS, Callback, EpoclEstimator, print_progress
from .dataset import Dataset

__all__ = ["EpoclClassifier", "EpoclRegressor", "print_progress"]


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
        options: Optional[Mapping[str, Any]] = None,
    ) -> None:
        super().__init__(
            hidden, activation, cost, normalize, batch_size, learning_rate, optimizer, weight_decay, schedule, dropout,
            epochs, early_stopping, validation_fraction, n_iter_no_change, tol, warm_start, random_state, callbacks,
            device, matmul, plan, tune, options,
        )  # fmt: skip
        self.class_weight = class_weight

    def _labels(self, y: Any, X: np.ndarray) -> np.ndarray:
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

    def _class_weights(self, weights: Optional[np.ndarray], labels: np.ndarray, X: np.ndarray) -> Optional[np.ndarray]:
        if self.class_weight is None:
            return weights
        of_classes = compute_sample_weight(self.class_weight, labels)
        return self._weights(of_classes if weights is None else weights * of_classes, X)

    def _targeted(self, X: np.ndarray, targets: np.ndarray) -> Dataset:
        return Dataset(X, targets, class_count=len(self.classes_))

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "EpoclClassifier":
        """Trains on X, [n_samples, n_features], with the labels y, [n_samples], of any type that can be sorted, and
        sample_weight, [n_samples] or None, 0 or above."""
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        is_continued = self.warm_start and hasattr(self, "network_")
        matrix = self._matrix(X, reset=not is_continued)
        labels = self._labels(y, matrix)
        classes = np.unique(labels)
        if is_continued and not np.array_equal(classes, self.classes_):
            raise ValueError(f"warm_start needs the classes of the first fit, {self.classes_}, not {classes}")
        if len(classes) < 2:
            raise ValueError(f"y holds one class, {classes[0]!r}; a classifier needs samples of at least 2 classes")
        self.classes_ = classes
        weights = self._class_weights(self._weights(sample_weight, matrix), labels, matrix)
        self._fit(matrix, self._encode(labels), weights, is_continued)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> "EpoclClassifier":
        """Trains one epoch on X and y, as of fit(). The first call names all classes that there will be. Inputs stay
        scaled as the first call's were; what the optimiser has gathered begins anew in each call."""
        is_first = not hasattr(self, "network_")
        if is_first and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        matrix = self._matrix(X, reset=is_first)
        labels = self._labels(y, matrix)
        if is_first:
            self.classes_ = np.unique(classes)
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(f"classes={classes!r} are not those of the first call, {self.classes_}")
        if self.class_weight == "balanced":
            raise ValueError("class_weight='balanced' needs all samples; partial_fit takes weights by class instead")
        weights = self._class_weights(self._weights(sample_weight, matrix), labels, matrix)
        self._partial_fit(matrix, self._encode(labels), weights, is_first)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The class of each sample, [n_samples]."""
        places = self._predict(X, "predict_classes")
        return self.classes_[places]

    def predict_proba(self, X: Any) -> np.ndarray:
        """float32 [n_samples, n_classes], each row adding up to 1, in the order of classes_. With another cost than
        softmax-cross-entropy they are the outputs' shares of their sum."""
        outputs = self._predict(X, "predict")
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
        Whether targets are standardised for training, so that their unit does not matter; not with cost="poisson".
        Costs, the threshold of "huber" among them, are then in standard deviations.""",
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
        options: Optional[Mapping[str, Any]] = None,
    ) -> None:
        super().__init__(
            hidden, activation, cost, normalize, batch_size, learning_rate, optimizer, weight_decay, schedule, dropout,
            epochs, early_stopping, validation_fraction, n_iter_no_change, tol, warm_start, random_state, callbacks,
            device, matmul, plan, tune, options,
        )  # fmt: skip
        self.scale_target = scale_target

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _targets(self, y: Any, X: np.ndarray) -> np.ndarray:
        """float64 [n_samples, n_outputs]."""
        targets = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y", estimator=self)
        if targets.ndim == 2 and targets.shape[1] == 1:
            targets = column_or_1d(targets, warn=True)
        check_consistent_length(X, targets)
        self._is_flat = targets.ndim == 1
        return targets.reshape(len(targets), -1)

    def _scale(self, targets: np.ndarray, weights: Optional[np.ndarray]) -> None:
        """Keeps mean and standard deviation of the targets; a target that never varies is only shifted."""
        count = targets.shape[1]
        self.target_mean_, self.target_scale_ = np.zeros(count), np.ones(count)
        if self.scale_target and self.cost != "poisson":
            self.target_mean_ = np.average(targets, axis=0, weights=weights)
            deviation = np.sqrt(np.average((targets - self.target_mean_) ** 2, axis=0, weights=weights))
            self.target_scale_ = np.where(deviation > 0, deviation, 1.0)

    def _targeted(self, X: np.ndarray, targets: np.ndarray) -> Dataset:
        return Dataset(X, values=(targets - self.target_mean_) / self.target_scale_)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "EpoclRegressor":
        """Trains on X, [n_samples, n_features], with the targets y, [n_samples] or [n_samples, n_outputs], and
        sample_weight, [n_samples] or None, 0 or above."""
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        is_continued = self.warm_start and hasattr(self, "network_")
        matrix = self._matrix(X, reset=not is_continued)
        targets = self._targets(y, matrix)
        weights = self._weights(sample_weight, matrix)
        if not is_continued:
            self._scale(targets, weights)
        self._fit(matrix, targets, weights, is_continued)
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> "EpoclRegressor":
        """Trains one epoch on X and y, as of fit(). Inputs and targets stay scaled as the first call's were; what the
        optimiser has gathered begins anew in each call."""
        is_first = not hasattr(self, "network_")
        matrix = self._matrix(X, reset=is_first)
        targets = self._targets(y, matrix)
        weights = self._weights(sample_weight, matrix)
        if is_first:
            self._scale(targets, weights)
        self._partial_fit(matrix, targets, weights, is_first)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """float64 [n_samples], or [n_samples, n_outputs] where fit() was given that."""
        predicted = self._predict(X, "predict") * self.target_scale_ + self.target_mean_
        return predicted[:, 0] if self._is_flat else predicted
