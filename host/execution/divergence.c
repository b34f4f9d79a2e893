#include "execution/divergence.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* Whether the first `row_count` rows of a matrix are finite. */
static epocl_status check_rows(const executable *e, tensor_id id, size_t row_count, bool *is_finite) {
    epocl_status status = EPOCL_OK;
    const tensor *t = &e->plan->tensors[id];
    float *values = NULL;
    *is_finite = true;
    TRY(allocate(t->bytes, 1, t->name, &values));
    TRY(executable_read(e, id, values, t->bytes));
    for (size_t row = 0; row < row_count; row++)
        for (size_t column = 0; column < t->columns; column++)
            if (!isfinite(values[tensor_index(t, row, column)])) *is_finite = false;
cleanup:
    free(values);
    return status;
}

/* Names the first place, from the inputs up, that is not finite: the inputs, a hidden layer's outputs, else the output
 * layer, since the cost is not. A product by CLBlast goes on behind the last step, so that its outputs tell nothing. */
static epocl_status find_place(const pass *pass_, const epoch_state *state, char *text, size_t capacity) {
    epocl_status status = EPOCL_OK;
    const pass_plan *p = pass_->plan;
    const executable *e = pass_->executable;
    const size_t row_count = state->first - (state->step - 1) * p->batch.batch_size;
    bool is_finite = true;
    snprintf(text, capacity, "; try a smaller learning rate");
    if (e->plan->matmul.provider == MATMUL_CLBLAST) return EPOCL_OK;
    TRY(check_rows(e, p->layers[0].input, row_count, &is_finite));
    if (!is_finite) {
        snprintf(text, capacity, ": inputs are not finite; check the data and its normalisation");
        return EPOCL_OK;
    }
    size_t l = 0;
    for (; l + 1 < p->layer_count; l++) {
        TRY(check_rows(e, p->layers[l].output, row_count, &is_finite));
        if (!is_finite) break;
    }
    snprintf(text, capacity, ", first in layer %zu (%s); try a smaller learning rate", l,
             l + 1 < p->layer_count ? "hidden" : "the output layer");
cleanup:
    return status;
}

epocl_status fail_diverged(const pass *pass_, const epoch_state *state, const char *format, ...) {
    char what[160], where[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    const epocl_status status = find_place(pass_, state, where, sizeof where);
    return status == EPOCL_OK ? fail(EPOCL_ERROR_DIVERGED, "%s%s", what, where) : status;
}
