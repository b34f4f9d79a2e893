import numpy as np
import pandas
import polars
import pyarrow
import pytest

import epocl
from epocl.columns import MISSING, array_columns, as_matrix, columns_of

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
        matrix = as_matrix(table.slice(begin, 4))
        np.testing.assert_array_equal(matrix[:, 0], wanted[begin : begin + 4])
        assert np.isnan(matrix[:, 1]).all()
    np.testing.assert_array_equal(as_matrix(table.to_batches()[0].slice(2, 7))[:, 0], wanted[2:9])


def test_an_empty_table():
    assert as_matrix(pyarrow.table(COLUMNS).slice(0, 0)).shape == (0, 3)


LONG = "a colour of more than twelve bytes, é"
TEXT = {"n": [1.0, None, 3, 4, 5], "color": ["red", None, LONG, "red", "blue"], "sure": [True, False, None, True, True]}


def mixed_tables():
    frame = pandas.DataFrame(TEXT)
    arrow = pyarrow.table(TEXT)
    return {
        "pandas": frame,
        "pandas-nullable": frame.convert_dtypes(),
        "pandas-category": frame.astype({"color": "category"}),
        "polars": polars.DataFrame(TEXT),
        "polars-category": polars.DataFrame(TEXT).with_columns(polars.col("color").cast(polars.Categorical)),
        "pyarrow": arrow,
        "pyarrow-large": arrow.set_column(1, "color", arrow["color"].cast(pyarrow.large_string())),
        "pyarrow-dictionary": arrow.set_column(1, "color", arrow["color"].dictionary_encode()),
        "chunks": pyarrow.concat_tables(
            [part.set_column(1, "color", part["color"].dictionary_encode()) for part in (arrow.slice(0, 2), arrow.slice(2))]
        ),
    }


@pytest.mark.parametrize("kind", mixed_tables())
def test_columns_are_numbers_answers_and_categories(kind):
    number, color, sure = columns_of(mixed_tables()[kind])
    assert [column.name for column in (number, color, sure)] == list(TEXT)
    np.testing.assert_array_equal(number.numbers, [1, np.nan, 3, 4, 5])
    assert [None if code == MISSING else color.levels[code] for code in color.codes] == TEXT["color"]
    np.testing.assert_array_equal(sure.numbers, [1, 0, np.nan, 1, 1])
    assert [level.lower() for level in sure.levels] == ["false", "true"]


def test_texts_of_slices():
    table = pyarrow.table(TEXT)
    for type in (pyarrow.string(), pyarrow.large_string(), pyarrow.string_view()):
        column = table.set_column(1, "color", table["color"].cast(type)).slice(2, 2)
        assert [columns_of(column)[1].levels[code] for code in columns_of(column)[1].codes] == [LONG, "red"]


def texts_of(column):
    return [None if code == MISSING else column.levels[code] for code in column.codes]


def test_empty_texts_are_missing_and_equal_ones_are_one_level():
    values = ["a", "", "b", "a"]
    arrow = pyarrow.table({"t": values})
    for table in (
        pandas.DataFrame({"t": values}),
        pandas.DataFrame({"t": values}, dtype="category"),
        polars.DataFrame({"t": values}),
        arrow,
        arrow.set_column(0, "t", arrow["t"].dictionary_encode()),
    ):
        (column,) = columns_of(table)
        assert texts_of(column) == ["a", None, "b", "a"] and sorted(column.levels) == ["a", "b"]
    mixed = [1, "1", "x", ""]
    for (column,) in (
        columns_of(pandas.DataFrame({"t": mixed}, dtype=object)),
        columns_of(pandas.DataFrame({"t": pandas.Categorical(mixed, categories=mixed)})),
        array_columns(np.array(mixed, object).reshape(-1, 1), ["t"]),
    ):
        assert texts_of(column) == ["1", "1", "x", None] and column.levels == ("1", "x")


def test_missing_values_of_objects():
    missing = [None, np.nan, pandas.NA, pandas.NaT]
    text, number = array_columns(np.array([["a", 1.5], *([value] * 2 for value in missing)], object), ["t", "n"])
    assert texts_of(text) == ["a"] + 4 * [None]
    np.testing.assert_array_equal(number.numbers, [1.5] + 4 * [np.nan])


@pytest.mark.parametrize("kind", mixed_tables())
def test_text_is_no_matrix(kind):
    with pytest.raises(ValueError, match="column 'color' .*encode"):
        as_matrix(mixed_tables()[kind])
    with pytest.raises(ValueError, match="column 'color'"):
        epocl.EpoclClassifier(encode=False).fit(mixed_tables()[kind], [0, 1, 0, 1, 1])


@pytest.mark.parametrize(
    "table",
    [
        pandas.DataFrame({"n": [1, 2], "day": pandas.to_datetime(["2024-01-01", "2024-01-02"])}),
        polars.DataFrame({"n": [1, 2], "day": [[1], [2]]}),
        pyarrow.table({"n": [1], "day": pyarrow.array([0], pyarrow.date32())}),
        pandas.DataFrame({"n": [1, 2], "day": [object(), object()]}),
    ],
)
def test_what_is_neither_is_refused_by_its_column(table):
    with pytest.raises(ValueError, match="column 'day' .*make numbers of it"):
        columns_of(table)
    with pytest.raises(ValueError, match="column 'day'"):
        epocl.EpoclClassifier().fit(table, [0, 1][: len(table)])


def test_dictionaries_are_of_text_or_numbers():
    places = pyarrow.array([0, 1, None, 1], pyarrow.int8())

    def column(values):
        return columns_of(pyarrow.table({"n": pyarrow.DictionaryArray.from_arrays(places, values)}))[0]

    for values, levels in ((["no", "yes"], ("no", "yes")), ([7, 3], ("7", "3"))):
        assert column(pyarrow.array(values)).levels == levels
        assert column(pyarrow.array(values)).codes.tolist() == [0, 1, MISSING, 1]
    for values in (pyarrow.array([False, True]), pyarrow.array([0, 1], pyarrow.date32())):
        with pytest.raises(ValueError, match="column 'n' is a dictionary of .*text or numbers"):
            column(values)


def test_levels_of_one_text_are_one():
    table = epocl.Table(pandas.DataFrame({"a": [1, "1", None, "x"] * 5, "y": [0.5, 1.5, 2.5, 3.5] * 5}))
    categories = pandas.Series(pandas.Categorical([1, "1", None, "x"], categories=["x", 1, "1"]), name="a")
    for column, levels in ((columns_of(pandas.DataFrame({"a": categories}))[0], ("x", "1")), (table._columns[0], ("1", "x"))):
        assert column.levels == levels
        assert column.codes[0] == column.codes[1] and column.codes[2] == MISSING
    train, _ = table.split("y")
    assert len(train) == 20


def test_a_column_alone_is_no_table():
    with pytest.raises(ValueError, match="single column"):
        as_matrix(pyarrow.chunked_array([[1, 2]]))


def test_a_stream_that_fails():
    def batches():
        yield pyarrow.RecordBatch.from_pydict(COLUMNS)
        raise OSError("the disk is gone")

    schema = pyarrow.table(COLUMNS).schema
    with pytest.raises(ValueError, match="the disk is gone"):
        as_matrix(pyarrow.RecordBatchReader.from_batches(schema, batches()))


def test_arrays_are_not_copied():
    for array in (MATRIX, np.asfortranarray(MATRIX), MATRIX.astype(np.uint8)):
        assert as_matrix(array) is array
    contiguous = np.ascontiguousarray(MATRIX)
    from epocl.dataset import floats

    assert np.shares_memory(floats(contiguous)[0], contiguous)
