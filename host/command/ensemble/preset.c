#include "command/ensemble/preset.h"

#include "base/checked.h"

#include <stdio.h>
#include <string.h>

const char *const preset_words[] = {"fast", "default", "quality", NULL};
enum { PRESET_FAST, PRESET_DEFAULT, PRESET_QUALITY };

/* Networks of each, so that all of them take no longer than people like to wait: half a minute, and three. Of many
 * samples quality has as many networks as see QUALITY_SEEN samples an epoch together. */
enum { DEFAULT_MEMBERS = 8, DEFAULT_MOST_SAMPLES = 10000 };
enum { QUALITY_MEMBERS = 32, QUALITY_LEAST_MEMBERS = 4, QUALITY_SEEN = 576000 };

static bool is_given(const command *used, const settings *given, const char *name) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].row->name, name) == 0) return given->given[i];
    return false;
}

static size_t quality_members(size_t sample_count) {
    const size_t fitting = sample_count == 0 ? QUALITY_MEMBERS : smaller(QUALITY_SEEN / sample_count, QUALITY_MEMBERS);
    return fitting < QUALITY_LEAST_MEMBERS ? QUALITY_LEAST_MEMBERS : fitting;
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
        if (given->preset == PRESET_QUALITY) given->ensemble = quality_members(sample_count);
        if (given->preset == PRESET_DEFAULT && sample_count <= DEFAULT_MOST_SAMPLES) given->ensemble = DEFAULT_MEMBERS;
    }
    if (given->ensemble > 1 && strcmp(given->draw, "auto") == 0) draw_the_rest(used, given);
}

const char *preset_drawn(const settings *given) {
    return strcmp(given->draw, "none") == 0 ? "" : given->draw;
}
