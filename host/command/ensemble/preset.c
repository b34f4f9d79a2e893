#include "command/ensemble/preset.h"

#include <stdio.h>
#include <string.h>

const char *const preset_words[] = {"fast", "default", "quality", NULL};
enum { PRESET_FAST, PRESET_DEFAULT, PRESET_QUALITY };

/* Networks of each; by default only where all of them take no longer than people like to wait. */
enum { DEFAULT_MEMBERS = 8, DEFAULT_MOST_SAMPLES = 10000, QUALITY_MEMBERS = 32 };

static bool is_given(const command *used, const settings *given, const char *name) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].row->name, name) == 0) return given->given[i];
    return false;
}

/* All that was not given, and the depth where a preset asks for it. */
static void draw_the_rest(const command *used, settings *given) {
    static const char *const drawn[] = {"learning-rate", "weight-decay", "dropout"};
    size_t length = 0;
    for (size_t i = 0; i < sizeof drawn / sizeof *drawn; i++)
        if (!is_given(used, given, drawn[i]))
            length += (size_t)snprintf(given->draw + length, sizeof given->draw - length, "%s%s", length ? "," : "",
                                       drawn[i]);
    if (given->preset == PRESET_QUALITY && !is_given(used, given, "hidden"))
        length += (size_t)snprintf(given->draw + length, sizeof given->draw - length, "%sdepth", length ? "," : "");
    if (length == 0) snprintf(given->draw, sizeof given->draw, "none");
}

void preset_apply(const command *used, size_t sample_count, settings *given) {
    if (!is_given(used, given, "ensemble")) {
        if (given->preset == PRESET_QUALITY) given->ensemble = QUALITY_MEMBERS;
        if (given->preset == PRESET_DEFAULT && sample_count <= DEFAULT_MOST_SAMPLES) given->ensemble = DEFAULT_MEMBERS;
    }
    if (given->ensemble > 1 && strcmp(given->draw, "auto") == 0) draw_the_rest(used, given);
}

const char *preset_drawn(const settings *given) {
    return strcmp(given->draw, "none") == 0 ? "" : given->draw;
}
