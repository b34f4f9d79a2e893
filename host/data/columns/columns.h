/* What the columns of a table are for: as asked, else as they look. No OpenCL here. */
#ifndef EPOCL_DATA_COLUMNS_H
#define EPOCL_DATA_COLUMNS_H

#include "data/table.h"

typedef enum column_kind { COLUMN_NUMBER, COLUMN_CATEGORY } column_kind;

typedef enum column_use {
    USE_INPUT,
    USE_TARGET,
    USE_WEIGHT,
    USE_ID,       /* copied to predictions                       */
    USE_GROUP,    /* rows of one value stay in one part          */
    USE_TIME,     /* rows are split by its order                 */
    USE_IGNORED,  /* as asked                                    */
    USE_CONSTANT, /* has one value only: there is nothing to learn from it */
    USE_ROW_NAMES /* before all others, as R and pandas write names or numbers of rows: left out */
} column_use;

/* Lists of column names, or of places counted from 1, between commas; NULL: none. */
typedef struct column_request {
    const char *target, *features, *ignore, *categorical, *numeric, *weights, *id, *group, *time;
    const char *task; /* "classes", "values", or NULL: as the target looks */
    bool takes_all;   /* whatever the columns look like: the caller knows */
} column_request;

/* What a column looks like that nobody has spoken of. */
typedef enum column_look {
    LOOKS_LIKE_VALUES,
    LOOKS_LIKE_ROW_NAMES,   /* those that programs write before all other columns                              */
    LOOKS_LIKE_ROW_NUMBERS, /* another whole number in each row, and named so                                  */
    LOOKS_LIKE_DATES,
    LOOKS_LIKE_ID,
    LOOKS_LIKE_FREE_TEXT,
    LOOKS_LIKE_CODES, /* texts with digits at their front, most of them in few rows                              */
    MAY_NUMBER_ROWS,  /* another whole number in each row, which values seldom are; but times are, and ranks    */
    MAY_BE_ID         /* named so, of few rows each                                                             */
} column_look;

typedef struct planned_column {
    column_use use;
    column_kind kind;
    size_t distinct_count; /* values that are there, the missing one not among them */
    size_t rare_count;     /* of a category: rows of those that are in too few for an input of their own */
    size_t rarest_count;   /* of a number: rows of the value that the fewest have */
    float lowest, highest; /* of a number */
    float placeholder;     /* of a number: what may stand for a missing one, as -999; 0 */
    bool tells_target;     /* an input that knows it in all rows: it may be made of it */
    column_look look;      /* of an input that nobody spoke of, and of numbers to predict */
} planned_column;

typedef struct column_plan {
    planned_column *columns; /* [column_count of the table], owned */
    size_t *targets;         /* places, in the order asked for     */
    size_t target_count;
    size_t weight, id, group, time; /* places, or TABLE_NO_COLUMN; `group` or `time` may be the id, too */
    bool has_classes;               /* the one target is a category */
} column_plan;

/* Decides about every column. EPOCL_ERROR_ARGUMENT names a column that is not there, with the nearest that is;
 * EPOCL_ERROR_DATA names all columns that look like an id, a number of rows, a date or free text and were not spoken
 * of, and two of one name where either is used: later on columns are found by their names. */
epocl_status column_plan_create(const table *t, const column_request *asked, column_plan *plan);
void column_plan_release(column_plan *plan);

/* The place of a column by its exact name, the first of several; else TABLE_NO_COLUMN. */
size_t column_place(const table *t, const char *name);

/* The columns of a table in the order of their names, for whoever looks many of them up. Borrows the table's texts. */
typedef struct named_column {
    const char *name;
    size_t place;
} named_column;

typedef struct column_names {
    named_column *sorted; /* [count] */
    size_t count;
} column_names;

epocl_status column_names_create(const table *t, column_names *names);
void column_names_release(column_names *names);

/* The place of the column of that name, or TABLE_NO_COLUMN; EPOCL_ERROR_DATA where several have it. */
epocl_status column_names_find(const column_names *names, const char *name, size_t *place);

/* Whether name `i` in order is that of the one before; what is said of both. */
bool column_names_share(const column_names *names, size_t i);
epocl_status column_names_fail(const column_names *names, size_t i);

/* Columns between commas, as a word for a shell, between quotes if it needs them. All zero is none. */
typedef struct column_list {
    char text[768];
    size_t used;
    bool needs_quotes;
} column_list;

/* By its name, or by its number where the name cannot stand in a list. */
void column_list_add(const table *t, size_t place, column_list *list);

/* EPOCL_ERROR_DATA where numbers are not told apart as categories or classes: whole ones of more digits than a float.
 */
epocl_status column_check_digits(const table *t, size_t column);

/* A column's classes: names in order (numbers by size, texts by their bytes), and the place of each row's among them,
 * TABLE_MISSING where there is none. Both are the caller's: column_classes_release(). */
typedef struct column_classes {
    char **names;
    size_t count;
    uint32_t *places; /* [row_count] */
} column_classes;

epocl_status column_classes_create(const table *t, size_t column, column_classes *classes);
void column_classes_release(column_classes *classes);

#endif
