import numpy as np
import pandas
import polars
import pyarrow
import pytest

import epocl
from epocl.tables import as_matrix, from_arrow

COLUMNS = {"a": [1, 2, 3, 4], "b": [0.5, -1.0, 2.25, 1e9], "c": [True, False, True, True]}
MATRIX = np.array(list(COLUMNS.values()), np.float32).T


@pytest.mark.parametrize(
    "table",
    [
        pandas.DataFrame(COLUMNS),
        pandas.DataFrame(COLUMNS).convert_dtypes(),
        polars.DataFrame(COLUMNS),
        pyarrow.table(COLUMNS),
        pyarrow.RecordBatch.from_pydict(COLUMNS),
        pyarrow.concat_tables([pyarrow.table(COLUMNS).slice(0, 1), pyarrow.table(COLUMNS).slice(1, 3)]),
    ],
    ids=["pandas", "pandas-nullable", "polars", "pyarrow", "batch", "chunks"],
)
def test_tables_are_matrices(table):
    matrix = as_matrix(table)
    assert matrix.dtype == np.float32 and (matrix == MATRIX).all()
    assert epocl.Dataset(table).input_count == 3


@pytest.mark.parametrize(
    "kind", "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float16 float32 float64 bool".split()
)
def test_types_slices_and_missing_values(kind):
    values = [1, None, 0, 1, None, 1, 1, 0, 1, 1, None, 0, 1]
    column = pyarrow.array(values, pyarrow.int8()).cast(getattr(pyarrow, "bool_" if kind == "bool" else kind)())
    table = pyarrow.table({"x": column, "y": pyarrow.nulls(len(values))})
    wanted = np.array([np.nan if value is None else value for value in values], np.float32)
    for begin in (0, 3, 9):
        matrix = from_arrow(table.slice(begin, 4))
        np.testing.assert_array_equal(matrix[:, 0], wanted[begin : begin + 4])
        assert np.isnan(matrix[:, 1]).all()
    np.testing.assert_array_equal(from_arrow(table.to_batches()[0].slice(2, 7))[:, 0], wanted[2:9])


def test_an_empty_table():
    assert from_arrow(pyarrow.table(COLUMNS).slice(0, 0)).shape == (0, 3)


TEXT = {"n": [1, 2, 3], "color": ["red", "blue", "red"]}


@pytest.mark.parametrize(
    "table",
    [
        pandas.DataFrame(TEXT),
        pandas.DataFrame(TEXT).astype({"color": "category"}),
        polars.DataFrame(TEXT),
        polars.DataFrame(TEXT).with_columns(polars.col("color").cast(polars.Categorical)),
        pyarrow.table(TEXT),
        pyarrow.table({"n": TEXT["n"], "color": pyarrow.array(TEXT["color"]).dictionary_encode()}),
        pyarrow.table({"n": [1], "color": pyarrow.array([0], pyarrow.date32())}),
    ],
)
def test_what_is_no_number_is_refused_by_its_column(table):
    with pytest.raises(ValueError, match="column 'color' .*encode it"):
        as_matrix(table)
    with pytest.raises(ValueError, match="column 'color'"):
        epocl.EpoclClassifier().fit(table, [0, 1, 0][: len(table)])


def test_a_column_alone_is_no_table():
    with pytest.raises(ValueError, match="single column"):
        from_arrow(pyarrow.chunked_array([[1, 2]]))


def test_a_stream_that_fails():
    def batches():
        yield pyarrow.RecordBatch.from_pydict(COLUMNS)
        raise OSError("the disk is gone")

    schema = pyarrow.table(COLUMNS).schema
    with pytest.raises(ValueError, match="the disk is gone"):
        from_arrow(pyarrow.RecordBatchReader.from_batches(schema, batches()))


def test_arrays_are_not_copied():
    for array in (MATRIX, np.asfortranarray(MATRIX), MATRIX.astype(np.uint8)):
        assert as_matrix(array) is array
    contiguous = np.ascontiguousarray(MATRIX)
    from epocl.dataset import floats

    assert np.shares_memory(floats(contiguous)[0], contiguous)
