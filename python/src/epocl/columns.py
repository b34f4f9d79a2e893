"""Columns of tables, from pandas, by the Arrow stream protocol or from arrays: numbers, answers and categories."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Any, Optional, Sequence

import numpy as np

MISSING = 2**32 - 1  # the code of a missing category; a missing number is NaN

_ENCODE = "it is neither numbers, text nor categories: make numbers of it, or leave it out"


@dataclass(frozen=True)
class Column:
    """One of three kinds: numbers alone; answers, which are numbers 0 and 1 and have two levels, the texts of no and
    yes; categories, which are codes, places in `levels`. numbers: float32 [n_rows]; codes: uint32 [n_rows]."""

    name: str
    numbers: Optional[np.ndarray] = None
    codes: Optional[np.ndarray] = None
    levels: tuple[str, ...] = ()

    def __len__(self) -> int:
        values = self.codes if self.numbers is None else self.numbers
        assert values is not None
        return len(values)

    @property
    def is_plain(self) -> bool:
        """Whether there are numbers alone, and none is missing."""
        return self.numbers is not None and not np.isnan(self.numbers).any()

    def take(self, rows: np.ndarray) -> "Column":
        return Column(
            self.name,
            None if self.numbers is None else self.numbers[rows],
            None if self.codes is None else self.codes[rows],
            self.levels,
        )

    def as_category(self) -> "Column":
        """Answers become categories; others stay as they are."""
        if self.numbers is None or not self.levels:
            return self
        is_missing = np.isnan(self.numbers)
        codes = np.where(is_missing, 0, self.numbers).astype(np.uint32)
        codes[is_missing] = MISSING
        return Column(self.name, codes=codes, levels=self.levels)

    def as_known(self, levels: Sequence[Optional[str]]) -> "Column":
        """The column as a model takes it, whose levels these are; () where it takes numbers. Numbers are the level that
        reads as the same number, answers the one that is the same word; a column that cannot be so stays as it is."""
        if not levels:
            return _as_numbers(self)
        if self.numbers is None:
            return self
        texts = [text for text in levels if text is not None]
        if self.levels:
            words = {text.lower(): text for text in texts}
            fitting = self.as_category()
            return Column(
                self.name, codes=fitting.codes, levels=tuple(words.get(text.lower(), text) for text in self.levels)
            )
        known = {value: text for text in reversed(texts) if (value := _number_of(text)) is not None}
        values, places = np.unique(self.numbers, return_inverse=True)
        made = ["" if np.isnan(value) else known.get(float(value), f"{value:.9g}") for value in values]
        return category_column(self.name, made, places)


def _number_of(text: str) -> Optional[float]:
    """A text as a float32 has it; None where it is no number."""
    try:
        return float(np.float32(text))
    except ValueError:
        return None


def _as_numbers(column: Column) -> Column:
    if column.codes is None:
        return Column(column.name, numbers=column.numbers)
    values = [_number_of(text) for text in column.levels]
    if any(value is None for value in values):
        return column
    table = np.array([*values, np.nan], np.float32)
    return Column(column.name, numbers=table[np.minimum(column.codes, len(values))])


# ---- Sources -----------------------------------------------------------------------------------------


def is_table(inputs: Any) -> bool:
    """Whether columns_of() takes it: pandas' tables, and whatever has the Arrow stream protocol."""
    return not isinstance(inputs, np.ndarray) and (_is_pandas(inputs) or hasattr(inputs, "__arrow_c_stream__"))


def _is_pandas(inputs: Any) -> bool:
    return hasattr(inputs, "iloc") and hasattr(inputs, "dtypes") and hasattr(inputs, "columns")


def columns_of(table: Any) -> list[Column]:
    """The columns of a table. ValueError names one that holds neither numbers nor texts, such as dates."""
    if _is_pandas(table):
        return [_from_series(str(name), table.iloc[:, i]) for i, name in enumerate(table.columns)]
    from ._arrow import read_stream

    return read_stream(table)


def array_columns(array: np.ndarray, names: Sequence[str]) -> list[Column]:
    """The columns of an array [n_rows, n_columns]; objects may be numbers and texts, None and NaN are missing."""
    if array.dtype.kind in "biuf":
        return [number_column(name, array[:, i]) for i, name in enumerate(names)]
    return [object_column(name, array[:, i]) for i, name in enumerate(names)]


def number_column(name: str, values: np.ndarray) -> Column:
    """Of numpy's numbers or bool."""
    with np.errstate(over="ignore"):  # too large is infinite, which the library refuses
        column = np.ascontiguousarray(values, np.float32)
    return Column(name, numbers=column, levels=("False", "True") if values.dtype.kind == "b" else ())


def object_column(name: str, values: np.ndarray) -> Column:
    """Of Python's objects: numbers where all are, texts where one is."""
    places: dict[Any, int] = {}
    codes = np.empty(len(values), np.uint32)
    for row, value in enumerate(values):
        codes[row] = MISSING if _is_missing(value) else places.setdefault(value, len(places))
    return _of_objects(name, list(places), codes)


def _is_missing(value: Any) -> bool:
    """None, NaN, NaT, and pandas' NA, which says neither yes nor no of a comparison."""
    try:
        return value is None or bool(value != value)
    except TypeError:
        return True


def category_column(name: str, texts: Sequence[str], codes: np.ndarray) -> Column:
    """Of codes, places in `texts` or MISSING. Equal texts are one level, and the empty one is missing, as in files."""
    places: dict[str, int] = {}
    made = [places.setdefault(text, len(places)) if text else MISSING for text in texts]
    table = np.array([*made, MISSING], np.uint32)
    return Column(name, codes=table[np.minimum(codes, len(texts))], levels=tuple(places))


def _of_objects(name: str, distinct: list, codes: np.ndarray) -> Column:
    """Numbers, answers or categories, by what the distinct values are."""
    if distinct and all(isinstance(value, (bool, np.bool_)) for value in distinct):
        table = np.array([*map(float, distinct), np.nan], np.float32)
        return Column(name, numbers=table[np.minimum(codes, len(distinct))], levels=("False", "True"))
    if all(isinstance(value, numbers.Real) for value in distinct):
        table = np.array([*map(float, distinct), np.nan], np.float32)
        return Column(name, numbers=table[np.minimum(codes, len(distinct))])
    for value in distinct:
        if not isinstance(value, (str, bool, np.bool_, numbers.Real)):
            raise ValueError(f"column {name!r} holds {type(value).__name__}; {_ENCODE}")
    return category_column(name, [str(value) for value in distinct], codes)


def _from_series(name: str, series: Any) -> Column:
    dtype = series.dtype
    kind = getattr(dtype, "kind", "O")
    if isinstance(dtype, np.dtype) and kind in "biuf":
        return number_column(name, series.to_numpy())
    if hasattr(series, "cat"):
        texts = [str(level) for level in series.cat.categories]
        return category_column(name, texts, _codes(np.asarray(series.cat.codes)))
    if kind in "biuf" and not isinstance(dtype, np.dtype):  # pandas' own types, with missing values
        values = series.to_numpy(dtype=np.float32, na_value=np.nan)
        return Column(name, numbers=values, levels=("False", "True") if kind == "b" else ())
    if kind not in "OUT" and "str" not in str(dtype):
        raise ValueError(f"column {name!r} is of type {dtype}; {_ENCODE}")
    codes, distinct = series.factorize()
    return _of_objects(name, list(distinct), _codes(codes))


def _codes(places: np.ndarray) -> np.ndarray:
    """Places, negative where missing, as uint32."""
    return np.where(places < 0, MISSING, places).astype(np.uint32)


# ---- One matrix ---------------------------------------------------------------------------------------


def as_matrix(inputs: Any) -> Any:
    """A table as float32 [n_rows, n_columns], missing values as NaN; whatever is no table, as it is. ValueError names a
    column that does not hold numbers."""
    return matrix_of(columns_of(inputs)) if is_table(inputs) else inputs


def matrix_of(columns: Sequence[Column]) -> np.ndarray:
    """The same of columns."""
    matrix = np.empty((len(columns[0]) if columns else 0, len(columns)), np.float32)
    for place, column in enumerate(columns):
        if column.numbers is None:
            raise ValueError(
                f"column {column.name!r} holds text or categories, which only a table's encoder takes: use epocl.Table, "
                "or an estimator with encode=True"
            )
        matrix[:, place] = column.numbers
    return matrix
