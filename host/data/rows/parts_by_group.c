#include "base/checked.h"
#include "base/plural.h"
#include "base/printable.h"
#include "base/random.h"
#include "data/rows/row_parts.h"
#include "data/sorted.h"

#include <math.h>
#include <string.h>

/* What dealing works with. The members of group g are members[starts[g]] to members[starts[g + 1]], places in `rows`.
 */
typedef struct dealing {
    const row_list *rows;
    const column_classes *classes; /* NULL: one class */
    part_shares parts;
    size_t class_count, group_count;
    uint32_t *group_of, *members, *starts; /* [rows], [rows], [groups + 1]    */
    uint32_t *home;                        /* [groups]: the part of each      */
    double *wanted, *given;                /* [parts, classes] rows           */
    size_t *of_group;                      /* [classes]: rows of one group    */
} dealing;

static void dealing_release(dealing *d) {
    free(d->group_of);
    free(d->members);
    free(d->starts);
    free(d->home);
    free(d->wanted);
    free(d->given);
    free(d->of_group);
}

/* ---- Groups -------------------------------------------------------------------------------------- */

/* group_of[row of the table]: a number for each value; rows without one are a group. */
static epocl_status number_values(const table *t, const table_column *column, uint32_t *group_of, size_t *count) {
    epocl_status status = EPOCL_OK;
    if (column->is_text) {
        *count = column->level_count;
        memcpy(group_of, column->codes, t->row_count * sizeof *group_of);
    } else {
        TRY(column_ranks(t, (size_t)(column - t->columns), group_of, count));
    }
    for (size_t row = 0; row < t->row_count; row++)
        if (group_of[row] == TABLE_MISSING) group_of[row] = (uint32_t)*count;
    ++*count;
cleanup:
    return status;
}

/* The groups that are among the rows, with their members. */
static epocl_status find_groups(const table *t, size_t column, dealing *d) {
    epocl_status status = EPOCL_OK;
    uint32_t *value_of = NULL, *group_of_value = NULL;
    size_t value_count = 0;
    TRY(allocate(t->row_count, sizeof *value_of, "the groups of rows", &value_of));
    TRY(number_values(t, &t->columns[column], value_of, &value_count));
    TRY(allocate(value_count, sizeof *group_of_value, "the groups of rows", &group_of_value));
    TRY(allocate(d->rows->count, sizeof *d->group_of, "the groups of rows", &d->group_of));
    TRY(allocate(d->rows->count, sizeof *d->members, "the groups of rows", &d->members));
    for (size_t i = 0; i < d->rows->count; i++) {
        uint32_t *group = &group_of_value[value_of[d->rows->rows[i]]];
        if (*group == 0) *group = (uint32_t)++d->group_count;
        d->group_of[i] = *group - 1;
    }
    TRY(allocate(d->group_count + 1, sizeof *d->starts, "the groups of rows", &d->starts));
    TRY(allocate(d->group_count, sizeof *d->home, "the groups of rows", &d->home));
    for (size_t i = 0; i < d->rows->count; i++) d->starts[d->group_of[i] + 1]++;
    for (size_t g = 0; g < d->group_count; g++) d->starts[g + 1] += d->starts[g];
    for (size_t i = d->rows->count; i-- > 0;) d->members[--d->starts[d->group_of[i] + 1]] = (uint32_t)i;
    memmove(d->starts, d->starts + 1, d->group_count * sizeof *d->starts);
    d->starts[d->group_count] = (uint32_t)d->rows->count;
cleanup:
    free(group_of_value);
    free(value_of);
    return status;
}

/* ---- Dealing ------------------------------------------------------------------------------------- */

static size_t class_of(const dealing *d, size_t member) {
    return d->classes ? d->classes->places[d->rows->rows[d->members[member]]] : 0;
}

static epocl_status count_wanted(dealing *d) {
    epocl_status status = EPOCL_OK;
    const size_t cells = d->parts.count * d->class_count;
    TRY(allocate(cells, sizeof *d->wanted, "the parts of a table", &d->wanted));
    TRY(allocate(cells, sizeof *d->given, "the parts of a table", &d->given));
    TRY(allocate(d->class_count, sizeof *d->of_group, "the parts of a table", &d->of_group));
    for (size_t i = 0; i < d->rows->count; i++)
        for (size_t part = 0; part < d->parts.count; part++)
            d->wanted[part * d->class_count + class_of(d, i)] += d->parts.shares[part];
cleanup:
    return status;
}

/* How much farther from its share of a class the part would be with `more` rows of it, in relation to that share. */
static double change(double given, double wanted, double more) {
    return (2.0 * (given - wanted) + more) * more / wanted;
}

static void deal_group(dealing *d, size_t group) {
    size_t best = 0;
    double least = INFINITY;
    for (size_t m = d->starts[group]; m < d->starts[group + 1]; m++) d->of_group[class_of(d, m)]++;
    for (size_t part = 0; part < d->parts.count; part++) {
        double farther = 0.0;
        /* A class counts once for each of its rows, divided by them: so the sum is over classes. */
        for (size_t m = d->starts[group]; m < d->starts[group + 1]; m++) {
            const size_t class = class_of(d, m), cell = part * d->class_count + class;
            const double more = (double)d->of_group[class];
            farther += change(d->given[cell], d->wanted[cell], more) / more;
        }
        if (farther < least) {
            least = farther;
            best = part;
        }
    }
    d->home[group] = (uint32_t)best;
    for (size_t m = d->starts[group]; m < d->starts[group + 1]; m++) {
        d->given[best * d->class_count + class_of(d, m)] += 1.0;
        d->of_group[class_of(d, m)] = 0;
    }
}

static size_t group_size(const dealing *d, size_t group) {
    return d->starts[group + 1] - d->starts[group];
}

/* Parts that were given nothing take the smallest group of a part that has others. */
static epocl_status fill_empty(dealing *d) {
    epocl_status status = EPOCL_OK;
    size_t *counts = NULL;
    TRY(allocate(d->parts.count, sizeof *counts, "the parts of a table", &counts));
    for (size_t g = 0; g < d->group_count; g++) counts[d->home[g]]++;
    for (size_t part = 0; part < d->parts.count; part++) {
        size_t smallest = d->group_count;
        for (size_t g = 0; counts[part] == 0 && g < d->group_count; g++)
            if (counts[d->home[g]] > 1 && (smallest == d->group_count || group_size(d, g) < group_size(d, smallest)))
                smallest = g;
        if (smallest == d->group_count) continue;
        counts[d->home[smallest]]--;
        counts[part]++;
        d->home[smallest] = (uint32_t)part;
    }
cleanup:
    free(counts);
    return status;
}

/* Groups by the order of a seeded permutation. */
static epocl_status deal(dealing *d, uint64_t seed) {
    epocl_status status = EPOCL_OK;
    uint32_t *order = NULL;
    TRY(allocate(d->group_count, sizeof *order, "the order of a split", &order));
    for (size_t g = 0; g < d->group_count; g++)
        order[random_permute((uint32_t)seed, (uint32_t)(seed >> 32), RANDOM_SPLIT, 0, (uint32_t)g,
                             (uint32_t)d->group_count)] = (uint32_t)g;
    for (size_t g = 0; g < d->group_count; g++) deal_group(d, order[g]);
    TRY(fill_empty(d));
cleanup:
    free(order);
    return status;
}

epocl_status parts_by_group(const table *t, size_t column, const row_list *rows, const column_classes *classes,
                            part_shares parts, uint64_t seed, uint32_t *part_of) {
    epocl_status status = EPOCL_OK;
    dealing d = {.rows = rows, .classes = classes, .parts = parts, .class_count = classes ? classes->count : 1};
    char shown[PRINTABLE_CAPACITY];
    TRY(find_groups(t, column, &d));
    if (d.group_count < parts.count)
        TRY(fail(EPOCL_ERROR_DATA, "--group: column '%s' has %zu group%s, too few for %zu parts",
                 printable(t->columns[column].name, shown), d.group_count, plural_s(d.group_count), parts.count));
    TRY(count_wanted(&d));
    TRY(deal(&d, seed));
    for (size_t i = 0; i < rows->count; i++) part_of[i] = d.home[d.group_of[i]];
cleanup:
    dealing_release(&d);
    return status;
}
