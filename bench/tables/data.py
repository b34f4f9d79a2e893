"""The five tables as peers and the scores take them."""

from dataclasses import dataclass
from pathlib import Path

import numpy
import pandas

TARGETS = {
    "diamonds": ("price", "rmse"),
    "ames": ("Sale_Price", "rmse"),
    "flights_late": ("late", "log_loss"),
    "rodents": ("species_id", "log_loss"),
    "churn": ("churn", "log_loss"),
}


@dataclass
class Part:
    inputs: pandas.DataFrame
    targets: numpy.ndarray  # numbers, or places in `classes`
    classes: list  # in the order of their names; empty for numbers


def read_part(folder, table, part):
    """Texts are categories of pandas, with the levels of the rows to train on, so that new ones are missing values."""
    target, metric = TARGETS[table]
    rows = pandas.read_csv(Path(folder) / f"{table}.{part}.csv", keep_default_na=False, na_values=["", "NA"])
    train = rows if part == "train" else read_part(folder, table, "train")
    classes = sorted(rows[target].unique()) if part == "train" else train.classes
    targets = rows.pop(target)
    if metric == "rmse":
        return Part(as_categories(rows, train), targets.to_numpy(float), [])
    places = {name: place for place, name in enumerate(classes)}
    return Part(as_categories(rows, train), targets.map(places).to_numpy(int), classes)


def as_categories(rows, train):
    for column in rows.columns:
        if not pandas.api.types.is_numeric_dtype(rows[column]):
            levels = sorted(rows[column].dropna().unique()) if train is rows else train.inputs[column].cat.categories
            rows[column] = pandas.Categorical(rows[column], categories=levels)
    return rows


def score(table, targets, predictions):
    """RMSE, or the mean log loss of probabilities [rows, classes]."""
    if TARGETS[table][1] == "rmse":
        return float(numpy.sqrt(numpy.mean((predictions - targets) ** 2)))
    sums = predictions.sum(axis=1)
    right = predictions[numpy.arange(len(targets)), targets] / sums
    return float(-numpy.mean(numpy.log(numpy.clip(right, 1e-15, 1))))
