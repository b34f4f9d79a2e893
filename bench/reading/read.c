/* Reads a table with epocl and prints processor seconds, MiB held at most, rows and columns.
 * Usage: read FILE */
#include "data/table.h"

#include <stdio.h>
#include <sys/resource.h>

static double processor_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
           1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

int main(int argument_count, char **arguments) {
    table *read = NULL;
    struct rusage used;
    if (argument_count != 2) return 64;
    const double start = processor_seconds();
    if (table_read(arguments[1], &(table_options){0}, &read) != EPOCL_OK) {
        fprintf(stderr, "%s\n", epocl_last_error());
        return 65;
    }
    const double seconds = processor_seconds() - start;
    getrusage(RUSAGE_SELF, &used);
    printf("%.4f %ld %zu %zu\n", seconds, used.ru_maxrss / 1024, read->row_count, read->column_count);
    table_release(read);
    return 0;
}
