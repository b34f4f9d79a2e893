"""Tables: columns by name, of numbers or categories, and the data sets that an encoder makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Optional, Union

import numpy as np

from . import _native
from ._native import ffi, lib
from .columns import Column, columns_of
from .dataset import Dataset
from .network import Network
from .options import Options

if TYPE_CHECKING:
    from .network import PathLike


class Table:
    """Columns of numbers, text and categories, some of their values missing: pandas', Polars', Arrow's, or another with
    the Arrow stream protocol. None, NaN and nulls are missing.

    split() finds an encoder on the rows to train on, which goes with the data set into the network; encode() makes a
    data set of further rows for that network, whose columns are found by name.
    """

    def __init__(self, table: Any) -> None:
        self._read: Any = None
        self._columns = columns_of(table)
        self._row_count = len(self._columns[0]) if self._columns else 0

    @classmethod
    def _of(cls, columns: Sequence[Column]) -> "Table":
        table = cls.__new__(cls)
        table._read = None
        table._columns = list(columns)
        table._row_count = len(columns[0]) if columns else 0
        return table

    @classmethod
    def read(cls, path: "PathLike") -> "Table":
        """CSV and its kin, npy, npz or LIBSVM, plain or gzip, told by content."""
        table = cls._of([])
        table._read = _native.create("table", lib.epocl_table_read, _native.path_of(path))
        table._row_count = lib.epocl_table_row_count(table._read)
        return table

    def __len__(self) -> int:
        return self._row_count

    @property
    def column_names(self) -> tuple[str, ...]:
        if self._read is None:
            return tuple(column.name for column in self._columns)
        count = lib.epocl_table_column_count(self._read)
        return tuple(_native.string(lib.epocl_table_column_name(self._read, place)) for place in range(count))

    def split(
        self,
        target: Union[str, Sequence[str]],
        options: Optional[Options] = None,
        valid_fraction: float = 0.0,
        *,
        task: str = "auto",
        weights: Optional[str] = None,
        group: Optional[str] = None,
        time: Optional[str] = None,
        ignore: Sequence[str] = (),
    ) -> tuple[Dataset, Optional[Dataset]]:
        """Data sets to train and, of `valid_fraction` of the rows, to validate on (None: of none). `target` names the
        column to predict, or several of numbers. task: "classification", "regression" or "auto", as the target looks.
        weights, group, time: columns that say how much each row counts, which rows stay in one part, and in which order the
        last are set aside; ignore: columns to leave out."""
        options = Options() if options is None else options
        names = target if isinstance(target, str) else ",".join(target)
        lent = _Lent(self)
        lent.set(task=task, weights=weights, group=group, time=time, ignore=",".join(ignore) or None)
        places = ffi.new("epocl_dataset *[2]")
        valid = places + 1 if valid_fraction > 0 else ffi.NULL
        _native.check(
            lib.epocl_table_split(lent.handle, names.encode(), options._handle, valid_fraction, places, valid)
        )
        train = Dataset._of(_native.own("dataset", places[0]))
        return train, None if places[1] == ffi.NULL else Dataset._of(_native.own("dataset", places[1]))

    def encode(self, network: Network, with_targets: bool = False, *, weights: Optional[str] = None) -> Dataset:
        """The data set that a network of a table takes; with_targets: of the rows that have them."""
        lent = _Lent(self, {column.name: column.levels for column in network.columns})
        lent.set(weights=weights)
        made = _native.create("dataset", lib.epocl_table_encode, lent.handle, network._handle, int(with_targets))
        return Dataset._of(made)

    def _take(self, rows: np.ndarray) -> "Table":
        return Table._of([column.take(rows) for column in self._columns])

    def _with(self, columns: Sequence[Column]) -> "Table":
        return Table._of([*self._columns, *columns])

    def __repr__(self) -> str:
        return f"<epocl.Table {len(self)} x {len(self.column_names)}>"


class _Lent:
    """The library's table of such columns, and the memory that it borrows. `known`: the levels of each column as a
    network knows them."""

    def __init__(self, table: Table, known: Optional[dict[str, tuple[Optional[str], ...]]] = None) -> None:
        self._kept: list[Any] = []
        if table._read is not None:
            self.handle = table._read
            return
        self.handle = _native.create("table", lib.epocl_table_create, len(table))
        for column in table._columns:
            if known is None:
                self._add(column.as_category())
            elif column.name in known:
                self._add(column.as_known(known[column.name]))

    def _add(self, column: Column) -> None:
        name = column.name.encode()
        if column.codes is None:
            numbers = ffi.from_buffer("float[]", column.numbers)
            self._kept.append(numbers)
            _native.check(lib.epocl_table_add_numbers(self.handle, name, numbers))
            return
        texts = [ffi.new("char[]", text.encode()) for text in column.levels]
        levels = ffi.new("char *[]", texts or [ffi.NULL])
        codes = ffi.from_buffer("uint32_t[]", np.ascontiguousarray(column.codes))
        self._kept.append((texts, levels, codes))
        _native.check(lib.epocl_table_add_categories(self.handle, name, codes, levels, len(texts)))

    def set(self, **values: Optional[str]) -> None:
        for name, text in values.items():
            value = ffi.NULL if text is None else text.encode()
            _native.check(lib.epocl_table_set(self.handle, name.encode(), value))
