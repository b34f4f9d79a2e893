#include "options/requests.h"

#include "base/printable.h"

#include "../../kernels/initializations.cl"
#include "../../kernels/optimizers.cl"
#include "../../kernels/schedules.cl"

#include <stdio.h>
#include <string.h>

const char *const normalization_words[] = {"auto", "none", "scale255", "zscore", "minmax", NULL};
const char *const tune_words[] = {"off", "quick", "full", NULL};
const char *const plan_words[] = {"auto", "layered", "resident", "resident:", NULL};
const char *const matmul_words[] = {"auto", "plain", "tile", "tile:", "local", "local:", "clblast", NULL};

#define OPTIMIZER_WORD(code, name, ...) [code] = #name,
const char *const optimizer_words[] = {OPTIMIZERS(OPTIMIZER_WORD) NULL};

#define SCHEDULE_WORD(code, name, word, ...) [code] = word,
const char *const schedule_words[] = {SCHEDULES(SCHEDULE_WORD) NULL};

#define INITIALIZATION_WORD(code, name, word, ...) [code] = word,
const char *const initialization_words[] = {"auto", INITIALIZATIONS(INITIALIZATION_WORD) NULL};

/* ---- plan ---- */

static epocl_status read_plan(const option_row *row, const char *origin, const char *text, void *value) {
    plan_request request = {.is_auto = strcmp(text, "auto") == 0};
    char again[32], shown[PRINTABLE_CAPACITY];
    epocl_status status = option_check_choice(row, origin, text);
    if (status != EPOCL_OK) return status;
    request.is_resident = strncmp(text, "resident", strlen("resident")) == 0;
    if (strchr(text, ':')) {
        sscanf(text, "resident:%6zu", &request.group_count);
        snprintf(again, sizeof again, "resident:%zu", request.group_count);
        if (request.group_count == 0 || strcmp(text, again) != 0)
            return fail(EPOCL_ERROR_ARGUMENT, "%s must be resident:N for N work-groups, not '%s'", origin,
                        printable(text, shown));
    }
    *(plan_request *)value = request;
    return EPOCL_OK;
}

static void write_plan(const void *value, char *text, size_t capacity) {
    const plan_request *request = value;
    if (request->group_count)
        snprintf(text, capacity, "resident:%zu", request->group_count);
    else
        snprintf(text, capacity, "%s", request->is_auto ? "auto" : request->is_resident ? "resident" : "layered");
}

const option_parser plan_parser = {read_plan, write_plan, sizeof(plan_request)};

/* ---- matmul ---- */

void matmul_request_set(matmul_request *request, const char *text) {
    *request = (matmul_request){.is_auto = strcmp(text, "auto") == 0, .has_shape = strchr(text, ':') != NULL};
    snprintf(request->text, sizeof request->text, "%s", text);
}

static epocl_status read_matmul(const option_row *row, const char *origin, const char *text, void *value) {
    char shown[PRINTABLE_CAPACITY];
    epocl_status status = option_check_choice(row, origin, text);
    if (status != EPOCL_OK) return status;
    if (strlen(text) >= sizeof((matmul_request *)value)->text)
        return fail(EPOCL_ERROR_ARGUMENT, "%s: '%s' is no shape of a matmul", origin, printable(text, shown));
    matmul_request_set(value, text);
    return EPOCL_OK;
}

static void write_matmul(const void *value, char *text, size_t capacity) {
    snprintf(text, capacity, "%s", ((const matmul_request *)value)->text);
}

const option_parser matmul_parser = {read_matmul, write_matmul, sizeof(matmul_request)};
