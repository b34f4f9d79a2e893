#include "base/checked.h"
#include "base/plural.h"
#include "base/printable.h"
#include "data/rows/row_parts.h"

/* ends[part]: the first rank after the part's, where the rows up to it are nearest to the shares up to it. Every part
 * has a rank. */
static void settle_ends(const size_t *rows_to, size_t rank_count, size_t row_count, part_shares parts, size_t *ends) {
    double share = 0.0;
    size_t end = 0;
    for (size_t part = 0; part < parts.count; part++) {
        const size_t most = rank_count - (parts.count - 1 - part);
        share += parts.shares[part];
        const double wanted = share * (double)row_count;
        end++;
        while (end < most && (double)rows_to[end] - wanted < wanted - (double)rows_to[end - 1]) end++;
        ends[part] = part + 1 == parts.count ? rank_count : end;
    }
}

/* Ranks that no row has go; *count is then how many are left. */
static void close_ranks(size_t *new_rank, size_t *count) {
    size_t used = 0;
    for (size_t i = 0; i < *count; i++) new_rank[i] = new_rank[i] ? used++ : 0;
    *count = used;
}

epocl_status parts_by_time(const table *t, size_t column, const row_list *rows, part_shares parts, uint32_t *part_of) {
    epocl_status status = EPOCL_OK;
    uint32_t *ranks = NULL;
    size_t *rows_to = NULL, *new_rank = NULL, *ends = NULL, count = 0;
    char shown[PRINTABLE_CAPACITY];
    TRY(allocate(t->row_count, sizeof *ranks, "the order of rows", &ranks));
    TRY(column_ranks(t, column, ranks, &count));
    TRY(allocate(count, sizeof *new_rank, "the times of rows", &new_rank));
    TRY(allocate(count, sizeof *rows_to, "the times of rows", &rows_to));
    TRY(allocate(parts.count, sizeof *ends, "the parts of a table", &ends));
    for (size_t i = 0; i < rows->count; i++) new_rank[ranks[rows->rows[i]]] = 1;
    close_ranks(new_rank, &count);
    if (count < parts.count)
        TRY(fail(EPOCL_ERROR_DATA, "--time: column '%s' has %zu different value%s, too few for %zu parts in its order",
                 printable(t->columns[column].name, shown), count, plural_s(count), parts.count));
    for (size_t i = 0; i < rows->count; i++) rows_to[new_rank[ranks[rows->rows[i]]]]++;
    for (size_t i = 1; i < count; i++) rows_to[i] += rows_to[i - 1];
    settle_ends(rows_to, count, rows->count, parts, ends);
    for (size_t i = 0; i < rows->count; i++) {
        const size_t rank = new_rank[ranks[rows->rows[i]]];
        while (rank >= ends[part_of[i]]) part_of[i]++;
    }
cleanup:
    free(ends);
    free(rows_to);
    free(new_rank);
    free(ranks);
    return status;
}
