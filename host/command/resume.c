#include "command/resume.h"

static epocl_status check_given(const command *used, const settings *given) {
    for (size_t i = 0; i < used->option_count; i++)
        if ((given->given >> i & 1) && !used->options[i].can_change)
            return fail(EPOCL_ERROR_ARGUMENT,
                        "--%s and --resume exclude each other: a run goes on with the settings it began with; see "
                        "epocl %s --help for those that can be given anew",
                        used->options[i].name, used->name);
    return EPOCL_OK;
}

epocl_status resume_settings(const command *used, const settings *given, int config_file, const char *config_path,
                             json_t **config, settings *resumed) {
    epocl_status status = EPOCL_OK;
    char name[] = "epocl", *words[] = {name, NULL};
    TRY(check_given(used, given));
    TRY(options_parse(used, 1, words, resumed)); /* the defaults */
    TRY(run_config_read(config_file, config_path, used, config, resumed));
    resumed->dry_run = false; /* a setting that no run has */
    options_lay_over(used, given, resumed);
cleanup:
    return status;
}
