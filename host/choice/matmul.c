#include "choice/matmul.h"
#include "choice/probe.h"
#include "choice/tuning.h"
#include "device/wait.h"
#include "device/programs/work_group.h"
#include "model/network.h"
#include "plan/block.h"
#include "plan/plan.h"
#include "steps/matmul_rule.h"
#include "steps/run_plan.h"

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
enum { MOST_CANDIDATES = 24, RATES = 5 };

/* ---- blocks that a device runs as they are meant ---- */

/* What is trained. */
typedef struct training {
    const epocl_network *network;
    const training_options *options;
    size_t batch_size;
} training;

static void leave_out(matmul_choice *choice, size_t place) {
    choice->shape_count--;
    for (size_t i = place; i < choice->shape_count; i++) choice->shapes[i] = choice->shapes[i + 1];
}

/* The most parts of a launch's blocks of a shape; 0: there are none. */
static size_t parts_in_use(const matmul_choice *choice, size_t place, const sequence *step) {
    size_t parts = 0;
    for (size_t l = 0; l < step->count; l++) {
        const block_shape *shape = &step->launches[l].shape;
        if (shape->parts > parts && block_place(choice, shape) == place) parts = shape->parts;
    }
    return parts;
}

/* Shapes, and parts, that no launch has are left out; where there are no blocks, what the smallest would take is kept.
 */
static void keep_used(matmul_choice *choice, const sequence *step) {
    matmul_choice used = *choice;
    used.shape_count = 0;
    for (size_t i = 0; i < choice->shape_count; i++) {
        block_shape shape = choice->shapes[i];
        shape.parts = parts_in_use(choice, i, step);
        if (shape.parts > 0) used.shapes[used.shape_count++] = shape;
    }
    if (used.shape_count == 0) {
        const block_shape least = block_for(choice, &(block_product){.rows = 1, .columns = 1, .depth = 1}, 1);
        used.shapes[used.shape_count++] = choice->shapes[block_place(choice, &least)];
    }
    *choice = used;
}

/* What is granted no work-groups has fewer parts, as long as it has some; else it is left out. */
static void do_without(matmul_choice *choice, const block_answer *answer) {
    const size_t place = block_place(choice, &answer->unfit->shape);
    if (place == choice->shape_count)
        choice->shape_count = 0; /* it came in the place of a shape that cannot be had without it */
    else if (!answer->is_granted && answer->unfit->shape.parts > 1)
        choice->shapes[place].parts /= 2;
    else
        leave_out(choice, place);
}

/* One try: true when all that the step takes of the choice is as it should be, and the choice no more than that. What
 * is not, or does not compile, is left out. */
static bool try_blocks(const epocl_device *device, const training *t, bool in_registers, matmul_choice *choice) {
    run_plan step = {0};
    block_answer answer = {0};
    matmul_choice used = *choice;
    if (run_plan_create_step(&step, &device->info, t->network, t->options, t->batch_size, choice) != EPOCL_OK) {
        choice->shape_count = 0; /* whoever plans the whole run hears why */
        return false;
    }
    keep_used(&used, &step.train.step);
    const bool is_compiled = blocks_ask(device, &step.plan, &step.train.step, in_registers, &answer) == EPOCL_OK;
    if (!is_compiled)
        leave_out(choice, block_place(choice, &used.shapes[0]));
    else if (answer.unfit)
        do_without(choice, &answer);
    else
        *choice = used;
    run_plan_release(&step);
    return is_compiled && !answer.unfit;
}

/* Leaves of a choice of blocks those that the step takes, that the device grants their work-groups and, with
 * `in_registers`, whose sums it keeps there; with fewer parts if it must be. False if none is left. */
static bool settle_blocks(const epocl_device *device, const training *t, bool in_registers, matmul_choice *choice) {
    choice->is_long = t->batch_size > SUM_SAMPLES;
    while (choice->shape_count > 0)
        if (try_blocks(device, t, in_registers, choice)) return true;
    return false;
}

/* The shapes that suit the network among those that the device runs well or, if there is none, that it runs at all;
 * failing that, all: whoever builds them hears why not. Those of tensor cores are left out unless `has_tensor`. */
static epocl_status block_on(const epocl_device *device, const training *t, bool has_tensor, matmul_choice *choice) {
    epocl_device_info limits;
    const epocl_status status = device_limits(device, &limits);
    if (status != EPOCL_OK) return status;
    limits.tensor_cores &= has_tensor;
    for (int round = 0; round < 2; round++) {
        *choice = block_candidates(&limits);
        if (settle_blocks(device, t, round == 0, choice)) return EPOCL_OK;
    }
    *choice = block_candidates(&limits);
    return EPOCL_OK;
}

/* ---- candidates ---- */

/* The blocks that suit the network: of all shapes, and without tensor cores, which may be slower than they look. */
enum { SUITED = 2 };

static bool is_suited(const matmul_choice suited[SUITED], const block_shape *shape) {
    for (size_t i = 0; i < SUITED; i++)
        if (block_place(&suited[i], shape) < suited[i].shape_count) return true;
    return false;
}

static size_t list_candidates(const epocl_device_info *info, const epocl_network *network, tune_level level,
                              const matmul_choice suited[SUITED], matmul_choice *candidates) {
    size_t count = 0;
    const bool is_cpu = info->type == EPOCL_DEVICE_CPU;
    for (int i = 0; i < MATMUL_PROVIDER_COUNT; i++) {
        const matmul_choice usual = matmul_for((matmul_provider)i, info, network);
        /* On a CPU nothing but tile comes near (docs/performance.md), and CLBlast compiles for seconds. */
        if (is_cpu && usual.provider != MATMUL_TILE) continue;
        /* Nor near tensor cores, where a dozen of its programs would be compiled first. */
        if (usual.provider == MATMUL_CLBLAST && info->tensor_cores && level != TUNE_FULL) continue;
        if (usual.provider == MATMUL_LOCAL) {
            const matmul_choice shapes = block_candidates(info);
            for (size_t s = 0; s < SUITED; s++) candidates[count++] = suited[s]; /* each product's own */
            for (size_t s = 0; s < shapes.shape_count; s++)                      /* and one for all */
                if (level == TUNE_FULL || is_suited(suited, &shapes.shapes[s]))
                    candidates[count++] = block_alone(&shapes, s);
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

/* Whether the device runs a candidate; of blocks, briefly, whether it runs them well: else the timing says that. */
static bool is_worth_a_try(const epocl_device *device, const training *t, tune_level level, matmul_choice *candidate) {
    return candidate->provider != MATMUL_LOCAL || settle_blocks(device, t, level != TUNE_FULL, candidate);
}

static bool is_among(const matmul_choice *candidates, size_t count, const matmul_choice *wanted) {
    char name[MATMUL_TEXT_CAPACITY], other[MATMUL_TEXT_CAPACITY];
    matmul_choice_text(wanted, name);
    for (size_t i = 0; i < count; i++) {
        matmul_choice_text(&candidates[i], other);
        if (strcmp(name, other) == 0) return true;
    }
    return false;
}

/* Those of the candidates that work and are right move to the front, with their times in small; returns how many.
 * `*are_compared` is false where nothing could be. */
static epocl_status try_in_small(epocl_device *device, const training *t, tune_level level, matmul_choice *candidates,
                                 double *seconds, size_t *count, bool *are_compared) {
    epocl_status status = EPOCL_OK;
    probe plain = {0}, small = {0};
    size_t right = 0;
    TRY(probe_create_small(&plain, t->network, t->batch_size));
    TRY(probe_create_small(&small, t->network, t->batch_size));
    TRY(run_plain(device, &plain, are_compared));
    if (!*are_compared) goto cleanup;
    small.options.learning_rate = plain.options.learning_rate;
    for (size_t i = 0; i < *count; i++) {
        matmul_choice candidate = candidates[i];
        candidate.is_long = t->batch_size > SUM_SAMPLES;
        if (is_worth_a_try(device, t, level, &candidate) && !is_among(candidates, right, &candidate) &&
            is_right(device, t->options, &plain, &small, &candidate, &seconds[right]))
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
static epocl_status choose_by_timing(epocl_device *device, const training *t, tune_level level, matmul_choice *choice) {
    const training_options *options = t->options;
    epocl_status status = EPOCL_OK;
    probe whole = {0};
    matmul_choice candidates[MOST_CANDIDATES] = {0};
    double in_small[MOST_CANDIDATES], least = INFINITY, best = INFINITY, seconds;
    char name[MATMUL_TEXT_CAPACITY];
    epocl_device_info limits = device->info;
    bool are_compared = false;
    matmul_choice suited[SUITED] = {0};
    options_say(options, "choosing the matmul for this device");
    if (device->info.type != EPOCL_DEVICE_CPU) {
        TRY(device_limits(device, &limits)); /* for the blocks of local */
        TRY(block_on(device, t, true, &suited[0]));
        suited[1] = suited[0];
        if (limits.tensor_cores) TRY(block_on(device, t, false, &suited[1]));
    }
    size_t count = list_candidates(&limits, t->network, level, suited, candidates);
    TRY(try_in_small(device, t, level, candidates, in_small, &count, &are_compared));
    if (!are_compared) {
        options_say(options, "the cost of this network is not finite on noise: its matmul is the usual one");
        goto cleanup;
    }
    for (size_t i = 0; i < count; i++) least = fmin(least, in_small[i]);
    TRY(probe_create_whole(&whole, t->network, t->batch_size, level));
    if (!options->plan.is_auto) whole.options.plan = options->plan;
    *choice = count > 0 ? candidates[0] : matmul_for(MATMUL_PLAIN, &device->info, t->network); /* whatever the times */
    for (size_t i = 0; i < count; i++) {
        if (level != TUNE_FULL && in_small[i] > hopeless * least) continue;
        matmul_fit_batch(&candidates[i], t->batch_size);
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

static epocl_status choose_automatically(epocl_device *device, const training *t, matmul_choice *choice) {
    char text[CACHE_TEXT_CAPACITY];
    const tune_level level = (tune_level)t->options->tune;
    const bool is_cpu = device->info.type == EPOCL_DEVICE_CPU;
    /* One group of items does not take the others (host/plan/resident). */
    if (level == TUNE_OFF || (t->options->plan.is_resident && !is_cpu)) return EPOCL_OK;
    if (level == TUNE_QUICK) {
        if (tuning_recall(device, "matmul", t->network, t->batch_size, text) && matmul_choice_parse(text, choice))
            return EPOCL_OK;
        if (is_cpu || step_flop(t->network, t->batch_size) < timing_worthwhile_flop) return EPOCL_OK;
    }
    const epocl_status status = choose_by_timing(device, t, level, choice);
    if (status != EPOCL_OK) return status;
    matmul_choice_text(choice, text);
    tuning_remember(device, "matmul", t->network, t->batch_size, text);
    return EPOCL_OK;
}

epocl_status matmul_choose(epocl_device *device, const epocl_network *network, const training_options *options,
                           size_t batch_size, matmul_choice *choice) {
    const training t = {.network = network, .options = options, .batch_size = batch_size};
    epocl_status status = EPOCL_OK;
    *choice = matmul_default(&device->info, network);
    if (options->matmul.is_auto) {
        status = choose_automatically(device, &t, choice);
    } else {
        matmul_choice named = matmul_for(MATMUL_TILE, &device->info, network);
        if (!matmul_choice_parse(options->matmul.text, &named))
            return fail(
                EPOCL_ERROR_ARGUMENT,
                "unknown matmul '%s'; there are: auto, plain, tile, local, clblast, a tile of a given shape such as "
                "tile:8x2x16 (rows, vectors, floats of a vector), and blocks such as local:64x8x1x2 (rows and "
                "columns, rows and float4 of an item, parts) or, for each product its own, local:64x8x1x2+32x4x1x4",
                options->matmul.text);
        *choice = options->matmul.has_shape ? named : matmul_for(named.provider, &device->info, network);
        if (named.provider == MATMUL_LOCAL && !options->matmul.has_shape) status = block_on(device, &t, true, choice);
    }
    matmul_fit_batch(choice, batch_size);
    return status;
}
