#include "command/run/resume.h"

#include "base/checked.h"
#include "base/printable.h"
#include "command/show/json_line.h"
#include "command/show/print_line.h"
#include "command/table/table_data.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- settings ---- */

static bool is_same_folder(const char *one, const char *other) {
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* What was given again must be what the run was begun with. */
static epocl_status check_given(const command *used, const settings *given, const settings *begun) {
    char text[OPTION_TEXT_CAPACITY], begun_text[OPTION_TEXT_CAPACITY];
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    for (size_t i = 0; i < count; i++) {
        const option_row *row = list[i].row;
        const void *values = command_values_of(&list[i], given), *begun_values = command_values_of(&list[i], begun);
        if (!given->given[i] || row->can_change) continue;
        if (!row->is_kept) return fail(EPOCL_ERROR_ARGUMENT, "--%s and --resume exclude each other", row->name);
        if (!option_is_equal(row, values, begun_values))
            return fail(EPOCL_ERROR_ARGUMENT,
                        "--%s %s: the run in %s was begun with %s, and goes on with it; see epocl %s --help for what "
                        "can be given anew",
                        row->name, option_text(row, values, text), given->resume,
                        option_text(row, begun_values, begun_text), used->name);
    }
    if (given->output && !is_same_folder(given->output, given->resume))
        return fail(EPOCL_ERROR_ARGUMENT, "--output %s: the run in --resume %s goes on where it is", given->output,
                    given->resume);
    return EPOCL_OK;
}

/* What the environment says of what cannot change is for new runs. */
static void forget_environment(const command *used, settings *given) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    for (size_t i = 0; i < count; i++)
        if (given->from_environment[i] && !list[i].row->can_change) given->given[i] = false;
}

epocl_status resume_settings(const command *used, const settings *given, int folder, const char *config_path,
                             json_t **config, settings *resumed) {
    epocl_status status = EPOCL_OK;
    char name[] = "epocl", *words[] = {name, NULL};
    TRY(options_parse(used, 1, words, resumed)); /* the defaults */
    TRY(run_config_read(folder, "config.json", config_path, used, config, resumed));
    settings wanted = *given;
    forget_environment(used, &wanted);
    TRY(check_given(used, &wanted, resumed));
    TRY(options_lay_over(used, &wanted, resumed));
cleanup:
    return status;
}

/* ---- contradictions ---- */

static epocl_status fail_contradiction(const char *config_path, const char *what, const char *its, const char *other,
                                       const char *its_value) {
    return fail(EPOCL_ERROR_DATA, "%s: %s %s, but the %s has %s: they are not of one run", config_path, what, its,
                other, its_value);
}

static whole_list hidden_of(const epocl_network *network) {
    whole_list hidden = {.count = smaller(epocl_network_layer_count(network) - 1, LIST_CAPACITY)};
    for (size_t i = 0; i < hidden.count; i++) hidden.values[i] = epocl_network_output_count(network, i);
    return hidden;
}

static const char *units_text(const whole_list *units, char text[OPTION_TEXT_CAPACITY]) {
    size_t used = (size_t)snprintf(text, OPTION_TEXT_CAPACITY, units->count ? "" : "none");
    for (size_t i = 0; i < units->count && used < OPTION_TEXT_CAPACITY; i++)
        used += (size_t)snprintf(text + used, OPTION_TEXT_CAPACITY - used, i ? ",%zu" : "%zu", units->values[i]);
    return text;
}

/* What "auto" stands for, by the type of the inputs in the checkpoint's "60000 x 784 bytes, CRC-32 1a2b3c4d". */
static const char *normalization_of(const settings *resumed, const epocl_checkpoint_info *info) {
    const int wanted = resumed->library.network.normalize;
    if (table_is_given(resumed)) return "encoder";
    if (wanted != NORMALIZE_AUTO) return normalization_words[wanted];
    return strstr(info->train_data, " bytes,") ? "scale255" : "zscore";
}

/* The options that are facts of the checkpoint. A batch is no larger than the data, whose number of samples begins
 * the checkpoint's "60000 x 784 bytes, CRC-32 1a2b3c4d". */
static epocl_status check_facts(const char *config_path, const settings *resumed, const epocl_checkpoint *checkpoint,
                                const epocl_checkpoint_info *info) {
    epocl_status status = EPOCL_OK;
    char its[OPTION_TEXT_CAPACITY], true_one[OPTION_TEXT_CAPACITY], words[OPTION_WORDS_CAPACITY];
    epocl_options effective = resumed->library;
    size_t sample_count = 0;
    sscanf(info->train_data, "%zu x", &sample_count);
    effective.training.batch_size = smaller(effective.training.batch_size, sample_count);
    for (size_t i = 0; i < registry_count; i++) {
        const option_row *row = &registry[i];
        if (!row->is_fact) continue;
        TRY(epocl_checkpoint_option(checkpoint, row->name, true_one, sizeof true_one));
        if (strcmp(option_text(row, &effective, its), true_one) != 0)
            return fail_contradiction(config_path, option_words(row, words), its, "checkpoint", true_one);
    }
cleanup:
    return status;
}

/* What else decides about a run's bytes. The data itself is compared where it is at hand. */
static epocl_status check_settings(const char *config_path, const settings *resumed, const epocl_network *wanted,
                                   const epocl_network *network, const epocl_checkpoint_info *info) {
    const network_options *shape = &resumed->library.network;
    const matmul_request *asked = &resumed->library.training.matmul;
    const whole_list hidden_units = hidden_of(network);
    char hidden[OPTION_TEXT_CAPACITY], network_hidden[OPTION_TEXT_CAPACITY], classes[24], outputs[24];
    const size_t output_count = epocl_network_output_count(network, epocl_network_layer_count(network) - 1);
    const size_t matmul_length = strlen(asked->text);
    const bool is_asked_for = asked->is_auto || (strncmp(info->matmul, asked->text, matmul_length) == 0 &&
                                                 strchr(":", info->matmul[matmul_length]));
    snprintf(outputs, sizeof outputs, "%zu", output_count);
    snprintf(classes, sizeof classes, "%" PRIu64, shape->output_count ? shape->output_count : output_count);
    const struct {
        const char *what, *its, *true_one;
    } facts[] = {
        {"hidden layers", units_text(&shape->hidden, hidden), units_text(&hidden_units, network_hidden)},
        {"classes", classes, outputs},
        {"activation", epocl_network_activation(wanted), epocl_network_activation(network)},
        {"cost", epocl_network_cost(wanted), epocl_network_cost(network)},
        {"output activation", epocl_network_output(wanted), epocl_network_output(network)},
        {"validation data", resumed->valid || resumed->valid_split > 0 ? info->valid_data : "none", info->valid_data},
        {"normalization", normalization_of(resumed, info), epocl_network_normalization(network)},
        {"matmul", is_asked_for ? info->matmul : asked->text, info->matmul},
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (strcmp(facts[i].its, facts[i].true_one) != 0)
            return fail_contradiction(config_path, facts[i].what, facts[i].its, "checkpoint", facts[i].true_one);
    return EPOCL_OK;
}

/* What config.json tells of the network, member by member. */
static epocl_status check_network(const char *config_path, const json_t *config, const epocl_network *network) {
    epocl_status status = EPOCL_OK;
    json_t *true_members = json_network(network), *members = json_object_get(config, "network"), *value;
    const char *key;
    if (!true_members) return fail(EPOCL_ERROR_MEMORY, "not enough memory for a network's description");
    json_object_foreach(members, key, value) {
        const json_t *true_value = json_object_get(true_members, key);
        if (json_equal(value, true_value)) continue;
        char what[PRINTABLE_CAPACITY + 16], shown[PRINTABLE_CAPACITY];
        snprintf(what, sizeof what, "network's '%s'", printable(key, shown));
        char *its = json_written(value, JSON_COMPACT | JSON_ENCODE_ANY);
        char *true_one = true_value ? json_written(true_value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
        status = fail_contradiction(config_path, what, its ? its : "?", "network", true_one ? true_one : "none");
        free(true_one);
        free(its);
        break;
    }
    json_decref(true_members);
    return status;
}

static const char *member_text(const json_t *config, const char *object, const char *key) {
    const char *text = json_string_value(json_object_get(*object ? json_object_get(config, object) : config, key));
    return text ? text : "";
}

/* What both tell of the device and the program. */
static void tell_differences(const char *config_path, const json_t *config, const epocl_checkpoint_info *info) {
    char device[PRINTABLE_CAPACITY], driver[PRINTABLE_CAPACITY], joined[2 * PRINTABLE_CAPACITY];
    const char *version = member_text(config, "", "epocl"), *plan = member_text(config, "", "plan");
    const char *matmul = strstr(plan, ", matmul ");
    printable(member_text(config, "device", "name"), device);
    snprintf(joined, sizeof joined, "%.95s %.95s", member_text(config, "device", "platform_name"),
             member_text(config, "device", "driver_version"));
    printable(joined, driver);
    const struct {
        const char *what, *its, *true_one;
    } facts[] = {{"device", device, info->device},
                 {"driver", strcmp(driver, " ") == 0 ? "" : driver, info->driver},
                 {"epocl", version, info->epocl},
                 {"matmul", matmul ? matmul + strlen(", matmul ") : "", info->matmul}};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (*facts[i].its && strcmp(facts[i].its, facts[i].true_one) != 0)
            print_line(stderr, "epocl: %s: %s %s, but the checkpoint has %s, which holds", config_path, facts[i].what,
                       facts[i].its, facts[i].true_one);
}

epocl_status resume_check(const char *config_path, const json_t *config, const settings *resumed,
                          const epocl_network *wanted, const epocl_network *network,
                          const epocl_checkpoint *checkpoint) {
    epocl_status status = EPOCL_OK;
    epocl_checkpoint_info info;
    if (checkpoint) {
        epocl_checkpoint_describe(checkpoint, &info);
        TRY(check_facts(config_path, resumed, checkpoint, &info));
        TRY(check_settings(config_path, resumed, wanted, network, &info));
        tell_differences(config_path, config, &info);
    }
    TRY(check_network(config_path, config, network));
cleanup:
    return status;
}
