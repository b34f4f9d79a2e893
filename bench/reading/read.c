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

/* The most that the process held, in MiB: getrusage() would count what its parent held. */
static long peak_mebibytes(void) {
    char line[256];
    long kibibytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status) && sscanf(line, "VmHWM: %ld", &kibibytes) != 1) continue;
    if (status) fclose(status);
    return kibibytes / 1024;
}

int main(int argument_count, char **arguments) {
    table *read = NULL;
    if (argument_count != 2) return 64;
    const double start = processor_seconds();
    if (table_read(arguments[1], &(table_options){0}, &read) != EPOCL_OK) {
        fprintf(stderr, "%s\n", epocl_last_error());
        return 65;
    }
    const double seconds = processor_seconds() - start;
    printf("%.4f %ld %zu %zu\n", seconds, peak_mebibytes(), read->row_count, read->column_count);
    table_release(read);
    return 0;
}
