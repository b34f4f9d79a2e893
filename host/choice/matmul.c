#include "choice/matmul.h"
#include "choice/probe.h"
#include "choice/tuning.h"
#include "device/wait.h"
#include "device/programs/work_group.h"
#include "model/network.h"
#include "plan/block.h"
#include "plan/plan.h"
#include "steps/matmul_rule.h"
#include "steps/pass_plan.h"

#include <math.h>
#include <string.h>

/* Below it the launches decide, not the products, and a timing would be a coin toss. */
static const double timing_worthwhile_flop = 2e6;
/* A few steps of rounding differences; a wrong product is off by far more. */
static const double agreement = 1e-3;
/* So many times slower in small, a candidate is not timed on the network. */
static const double hopeless = 4.0;
/* How many learning rates are tried in small, each so many times smaller than the one before. */
static const double smaller_rate = 16.0;
enum { MOST_CANDIDATES = 16, RATES = 5 };

/* ---- blocks that a device runs as they are meant ---- */

/* Whether the device grants a shape its work-groups and, with `in_registers`, keeps its sums in registers; with fewer
 * parts if it must be. What does not compile is of no use. */
static bool is_usable(const epocl_device *device, matmul_choice *choice, bool in_registers) {
    block_answer answer;
    while (block_ask(device, choice, &answer) == EPOCL_OK) {
        if (answer.is_granted) return answer.is_in_registers || !in_registers;
        if (choice->shapes[0].parts == 1) return false;
        choice->shapes[0].parts /= 2;
    }
    return false;
}

/* The shape that suits the network among those that the device runs well or, if there is none, that it runs at all;
 * failing that, the one that would have suited: whoever builds it hears why not. */
static epocl_status block_on(const epocl_device *device, const epocl_network *network, size_t batch_size,
                             matmul_choice *choice) {
    epocl_device_info limits;
    const epocl_status status = device_limits(device, &limits);
    if (status != EPOCL_OK) return status;
    for (int round = 0; round < 2; round++) {
        matmul_choice left = block_candidates(&limits);
        while (left.shape_count > 0) {
            const size_t i = block_choose(&left, limits.compute_units, network_largest_weight_count(network),
                                          network_widest_layer(network));
            *choice = block_alone(&left, i);
            choice->is_long = batch_size > SUM_SAMPLES;
            if (is_usable(device, choice, round == 0)) return EPOCL_OK;
            left.shape_count--;
            for (size_t j = i; j < left.shape_count; j++) left.shapes[j] = left.shapes[j + 1];
        }
    }
    *choice = matmul_for(MATMUL_LOCAL, &limits, network);
    return EPOCL_OK;
}

/* ---- candidates ---- */

static size_t list_candidates(const epocl_device_info *info, const epocl_network *network, tune_level level,
                              matmul_choice *candidates) {
    size_t count = 0;
    const bool is_cpu = info->type == EPOCL_DEVICE_CPU;
    for (int i = 0; i < MATMUL_PROVIDER_COUNT; i++) {
        const matmul_choice usual = matmul_for((matmul_provider)i, info, network);
        /* On a CPU nothing but tile comes near (docs/performance.md), and CLBlast compiles for seconds. */
        if (is_cpu && usual.provider != MATMUL_TILE) continue;
        if (usual.provider == MATMUL_LOCAL) {
            const matmul_choice shapes = block_candidates(info);
            for (size_t s = 0; s < shapes.shape_count; s++) candidates[count++] = block_alone(&shapes, s);
            continue;
        }
        candidates[count++] = usual;
        if (usual.provider != MATMUL_TILE || level != TUNE_FULL) continue;
        for (size_t rows = 4; rows <= 16; rows *= 2) {
            for (size_t vectors = 16 / usual.vector_width; rows * vectors <= 24; vectors *= 2) {
                matmul_choice tile = usual;
                tile.tile_rows = rows;
                tile.tile_vectors = vectors;
                if (rows * vectors < 8 || (rows == usual.tile_rows && vectors == usual.tile_vectors)) continue;
                if (count < MOST_CANDIDATES) candidates[count++] = tile;
            }
        }
    }
    return count;
}

/* Whether a candidate can train a probe; the time of a step. */
static bool works(epocl_device *device, const training_options *options, probe *p, const matmul_choice *candidate,
                  double *seconds) {
    char name[MATMUL_TEXT_CAPACITY];
    matmul_choice_text(candidate, name);
    if (probe_run(p, device, candidate, seconds) == EPOCL_OK) return true;
    options_say(options, "matmul %s does not work on this device: %.150s", name, epocl_last_error());
    return false;
}

/* Whether a candidate works and agrees with plain, both on the small probe; its time there. */
static bool is_right(epocl_device *device, const training_options *options, const probe *plain, probe *small,
                     const matmul_choice *candidate, double *seconds) {
    char name[MATMUL_TEXT_CAPACITY];
    if (!works(device, options, small, candidate, seconds)) return false;
    const bool agrees = probe_difference(small, plain) <= agreement;
    matmul_choice_text(candidate, name);
    if (!agrees) options_say(options, "matmul %s gives wrong results on this device and is not used", name);
    return agrees;
}

/* Trains the small probe with plain at the largest rate that goes downhill: of steps that go uphill, with the network's
 * own functions, nothing can be compared. False where the cost is not finite at any. */
static epocl_status run_plain(epocl_device *device, probe *plain, bool *is_finite) {
    epocl_status status = EPOCL_OK;
    const matmul_choice always = matmul_for(MATMUL_PLAIN, &device->info, plain->network);
    double unused;
    for (int rates = 1;; rates++) {
        TRY(probe_run(plain, device, &always, &unused));
        if (plain->last_cost < plain->first_cost || rates == RATES) break;
        plain->options.learning_rate /= smaller_rate;
    }
    *is_finite = isfinite(plain->first_cost);
cleanup:
    return status;
}

/* Whether a candidate is worth compiling: of blocks, briefly, the one that suits the network and those near it which
 * the device runs well. */
static bool is_worth_a_try(const epocl_device *device, tune_level level, const matmul_choice *suited,
                           matmul_choice *candidate) {
    if (candidate->provider != MATMUL_LOCAL) return true;
    if (level == TUNE_FULL) {
        is_usable(device, candidate, false); /* fewer parts; the timing says the rest */
        return true;
    }
    const block_shape *best = &suited->shapes[0], *shape = &candidate->shapes[0];
    if (block_items(shape) == block_items(best) && shape->block == best->block) {
        *candidate = *suited;
        return true;
    }
    return block_is_near(best, shape) && is_usable(device, candidate, true);
}

/* Those of the candidates that work and are right move to the front, with their times in small; returns how many.
 * `*are_compared` is false where nothing could be. */
static epocl_status try_in_small(epocl_device *device, const epocl_network *network, const training_options *options,
                                 size_t batch_size, tune_level level, matmul_choice *candidates, double *seconds,
                                 size_t *count, bool *are_compared) {
    epocl_status status = EPOCL_OK;
    probe plain = {0}, small = {0};
    matmul_choice suited = {0};
    size_t right = 0;
    TRY(probe_create_small(&plain, network, batch_size));
    TRY(probe_create_small(&small, network, batch_size));
    TRY(run_plain(device, &plain, are_compared));
    if (!*are_compared) goto cleanup;
    small.options.learning_rate = plain.options.learning_rate;
    if (device->info.type != EPOCL_DEVICE_CPU) TRY(block_on(device, network, batch_size, &suited));
    for (size_t i = 0; i < *count; i++) {
        matmul_choice candidate = candidates[i];
        candidate.is_long = batch_size > SUM_SAMPLES;
        if (is_worth_a_try(device, level, &suited, &candidate) &&
            is_right(device, options, &plain, &small, &candidate, &seconds[right]))
            candidates[right++] = candidate;
        TRY(device_check(device));
    }
    *count = right;
cleanup:
    probe_release(&plain);
    probe_release(&small);
    return status;
}

/* By steps of the network itself, in the plan that is fastest with the candidate. `*choice` is the rule's, and stays
 * where nothing can be compared. */
static epocl_status choose_by_timing(epocl_device *device, const epocl_network *network,
                                     const training_options *options, size_t batch_size, tune_level level,
                                     matmul_choice *choice) {
    epocl_status status = EPOCL_OK;
    probe whole = {0};
    matmul_choice candidates[MOST_CANDIDATES] = {0};
    double in_small[MOST_CANDIDATES], least = INFINITY, best = INFINITY, seconds;
    char name[MATMUL_TEXT_CAPACITY];
    epocl_device_info limits = device->info;
    bool are_compared = false;
    if (device->info.type != EPOCL_DEVICE_CPU) TRY(device_limits(device, &limits)); /* for the blocks of local */
    size_t count = list_candidates(&limits, network, level, candidates);
    options_say(options, "choosing the matmul for this device");
    TRY(try_in_small(device, network, options, batch_size, level, candidates, in_small, &count, &are_compared));
    if (!are_compared) {
        options_say(options, "the cost of this network is not finite on noise: its matmul is the usual one");
        goto cleanup;
    }
    for (size_t i = 0; i < count; i++) least = fmin(least, in_small[i]);
    TRY(probe_create_whole(&whole, network, batch_size, level));
    if (!options->plan.is_auto) whole.options.plan = options->plan;
    *choice = count > 0 ? candidates[0] : matmul_for(MATMUL_PLAIN, &device->info, network); /* whatever the times */
    for (size_t i = 0; i < count; i++) {
        if (level != TUNE_FULL && in_small[i] > hopeless * least) continue;
        matmul_fit_batch(&candidates[i], batch_size);
        const bool is_timed = works(device, options, &whole, &candidates[i], &seconds);
        TRY(device_check(device));
        if (is_timed && level == TUNE_FULL) {
            matmul_choice_text(&candidates[i], name);
            options_say(options, "matmul %s: %.3g us a step", name, 1e6 * seconds);
        }
        if (is_timed && seconds < best) {
            best = seconds;
            *choice = candidates[i];
        }
    }
cleanup:
    probe_release(&whole);
    return status;
}

/* ---- the choice ---- */

static epocl_status choose_automatically(epocl_device *device, const epocl_network *network,
                                         const training_options *options, size_t batch_size, matmul_choice *choice) {
    char text[CACHE_TEXT_CAPACITY];
    const tune_level level = (tune_level)options->tune;
    const bool is_cpu = device->info.type == EPOCL_DEVICE_CPU;
    /* One group of items does not take the others (host/plan/resident.h). */
    if (level == TUNE_OFF || (options->plan.is_resident && !is_cpu)) return EPOCL_OK;
    if (level == TUNE_QUICK) {
        if (tuning_recall(device, "matmul", network, batch_size, text) && matmul_choice_parse(text, choice))
            return EPOCL_OK;
        if (is_cpu || step_flop(network, batch_size) < timing_worthwhile_flop) return EPOCL_OK;
    }
    const epocl_status status = choose_by_timing(device, network, options, batch_size, level, choice);
    if (status != EPOCL_OK) return status;
    matmul_choice_text(choice, text);
    tuning_remember(device, "matmul", network, batch_size, text);
    return EPOCL_OK;
}

epocl_status matmul_choose(epocl_device *device, const epocl_network *network, const training_options *options,
                           size_t batch_size, matmul_choice *choice) {
    epocl_status status = EPOCL_OK;
    *choice = matmul_default(&device->info, network);
    if (options->matmul.is_auto) {
        status = choose_automatically(device, network, options, batch_size, choice);
    } else {
        matmul_choice named = matmul_for(MATMUL_TILE, &device->info, network);
        if (!matmul_choice_parse(options->matmul.text, &named))
            return fail(
                EPOCL_ERROR_ARGUMENT,
                "unknown matmul '%s'; there are: auto, plain, tile, local, clblast, a tile of a given shape such as "
                "tile:8x2x16 (rows, vectors, floats of a vector), and a block such as local:64x8x1x2 (its rows and "
                "columns, rows and float4 of an item, parts)",
                options->matmul.text);
        *choice = options->matmul.has_shape ? named : matmul_for(named.provider, &device->info, network);
        if (named.provider == MATMUL_LOCAL && !options->matmul.has_shape)
            status = block_on(device, network, batch_size, choice);
    }
    matmul_fit_batch(choice, batch_size);
    return status;
}
