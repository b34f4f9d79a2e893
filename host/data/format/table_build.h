/* Making a table: its columns, their names and what is told of them in the end. */
#ifndef EPOCL_DATA_FORMAT_TABLE_BUILD_H
#define EPOCL_DATA_FORMAT_TABLE_BUILD_H

#include "data/format/csv/cell.h"
#include "data/format/levels.h"
#include "data/table.h"

/* An empty table; `path` as of table_read(). Released by table_release(). */
epocl_status table_create(const char *path, table **created);

/* `count` further columns, all zero. */
epocl_status table_add_columns(table *made, size_t count);

/* Gives a column its name: a text, "column3" in place of an empty one, or `prefix` and a number. */
epocl_status table_name_column(table *made, size_t column, const char *name, size_t length);
epocl_status table_number_column(table *made, size_t column, const char *prefix, size_t number);

/* The column of a number from 1, `length` digits; TABLE_NO_COLUMN without one. */
size_t table_numbered_column(const table *made, const char *text, size_t length);

/* Sets asked[column_count] of the columns that names[count], texts of the options, say. */
void table_mark_asked(const table *made, const char *const *names, size_t count, bool *asked);

/* Makes texts of numbers in the columns that the options say are texts, as far as they are what the file says. */
epocl_status table_make_texts(table *made, const table_options *options);

/* Memory for `row_count` numbers or codes in a column, in place of what it has, of which as much is kept as fits. */
epocl_status table_resize_column(const table *made, table_column *column, size_t row_count);

/* From made->row_count numbers: how many are missing, whether they are whole; infinite ones, unless counted already. */
void table_finish_numbers(const table *made, table_column *column);

/* From codes and texts, which the column takes over: how many are missing, what the texts look like. */
epocl_status table_finish_texts(table *made, table_column *column, levels *texts, const cell_rules *rules);

#endif
