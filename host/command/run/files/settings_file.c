#include "command/run/files/settings_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The learning rate that its optimiser usually has. */
static double usual_rate(const settings *given) {
    training_options usual = given->library.training;
    usual.learning_rate = NAN;
    return training_rate(&usual);
}

static void unsettle(settings *given) {
    training_options *wanted = &given->library.training;
    if (wanted->learning_rate == usual_rate(given)) wanted->learning_rate = NAN;
    if (wanted->schedule_epochs == given->epochs) wanted->schedule_epochs = 0;
}

void options_settle(epocl_options *options, uint64_t epochs) {
    training_options *wanted = &options->training;
    wanted->learning_rate = training_rate(wanted);
    if (wanted->schedule != 0 && wanted->schedule_epochs == 0) wanted->schedule_epochs = epochs;
}

void settings_settle(settings *given) {
    options_settle(&given->library, given->epochs);
}

epocl_status settings_from_file(const command *used, const settings *given, json_t **config, settings *effective) {
    epocl_status status = EPOCL_OK;
    char name[] = "epocl", *words[] = {name, NULL};
    TRY(options_parse(used, 1, words, effective)); /* the defaults */
    TRY(settings_config_read(given->config, used, config, effective));
    unsettle(effective);
    TRY(options_lay_over(used, given, effective));
cleanup:
    return status;
}

epocl_status settings_print(const command *used, const settings *given) {
    json_t *config = settings_config(used, given);
    char *text = config ? run_config_text(config) : NULL;
    json_decref(config);
    if (!text) return fail(EPOCL_ERROR_MEMORY, "not enough memory for the settings");
    printf("%s\n", text);
    free(text);
    return EPOCL_OK;
}
