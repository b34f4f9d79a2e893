#include "training/matmul.h"
#include "base/random.h"
#include "data/dataset.h"
#include "model/network.h"
#include "training/trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A step of the probe costs about this much (its outputs stay as many); below the second bound the launches decide, not
 * the products, and timing would be a coin toss. */
static const double probe_flop = 20e6, timing_worthwhile_flop = 2e6;
enum { PROBE_STEPS = 4, PROBE_RUNS = 3 };

/* ---- shapes for devices ---- */

static size_t widest_layer(const epocl_network *network) {
    size_t widest = 0;
    for (size_t l = 0; l < network->layer_count; l++)
        if (network->layers[l].output_count > widest) widest = network->layers[l].output_count;
    return widest;
}

matmul_choice matmul_for(matmul_provider provider, const epocl_device_info *info, const epocl_network *network) {
    /* Tile rows and vectors that fill the registers of AVX-512 (32 of 16 floats), AVX2 (16 of 8) and NEON (32 of 4);
     * a panel is a multiple of 16 floats. */
    matmul_choice choice = {.provider = provider, .vector_width = 4, .tile_vectors = 4, .tile_rows = 4};
    if (info->native_vector_width == 8) {
        choice.vector_width = 8;
        choice.tile_vectors = 2;
    } else if (info->native_vector_width >= 16) {
        choice.vector_width = 16;
        /* With a panel for each core, a core's weights stay in its own cache. */
        choice.tile_vectors = divide_up(widest_layer(network), 32) < info->compute_units ? 1 : 2;
        choice.tile_rows = 8;
    }
    return choice;
}

matmul_choice matmul_default(const epocl_device_info *info, const epocl_network *network) {
    return matmul_for(info->type == EPOCL_DEVICE_CPU ? MATMUL_TILE : MATMUL_PLAIN, info, network);
}

static epocl_status provider_from_name(const char *name, matmul_provider *provider) {
    for (int i = 0; i < MATMUL_PROVIDER_COUNT; i++) {
        if (strcmp(name, matmul_provider_name((matmul_provider)i)) == 0) {
            *provider = (matmul_provider)i;
            return EPOCL_OK;
        }
    }
    return fail(EPOCL_ERROR_ARGUMENT, "unknown matmul '%s'; there are: auto, plain, tile, clblast", name);
}

/* ---- the probe: the network in small ---- */

typedef struct probe {
    epocl_network *network;
    epocl_dataset *data;
    epocl_training_options options;
} probe;

static double step_flop(const epocl_network *network, size_t batch_size) {
    double weights = 0;
    for (size_t l = 0; l < network->layer_count; l++)
        weights += (double)network->layers[l].input_count * (double)network->layers[l].output_count;
    return 6.0 * weights * (double)batch_size;
}

static size_t scale_count(size_t count, double factor) {
    const double scaled = (double)count * factor;
    return scaled < 2.0 ? smaller(count, 2) : (size_t)scaled;
}

static epocl_status probe_create(probe *p, const epocl_network *network, size_t batch_size) {
    epocl_status status = EPOCL_OK;
    float *inputs = NULL;
    uint32_t *labels = NULL;
    size_t counts[NETWORK_MAX_LAYERS + 1];
    const double factor = fmin(1.0, cbrt(probe_flop / step_flop(network, batch_size)));
    *p = (probe){0};
    counts[0] = scale_count(network->layers[0].input_count, factor);
    for (size_t l = 0; l < network->layer_count; l++) {
        const size_t count = network->layers[l].output_count;
        counts[l + 1] = l + 1 == network->layer_count ? count : scale_count(count, factor);
    }
    epocl_training_options_defaults(&p->options);
    p->options.plan = "layered";
    p->options.batch_size = scale_count(batch_size, factor);

    TRY(network_allocate(counts, network->layer_count, &p->network));
    p->network->activation = network->activation;
    p->network->cost = network->cost;
    for (size_t i = 0; i < counts[0]; i++) p->network->input_scale[i] = 1.0f;

    const size_t sample_count = p->options.batch_size * PROBE_STEPS;
    TRY(allocate(sample_count * counts[0], sizeof *inputs, "probe inputs", &inputs));
    TRY(allocate(sample_count, sizeof *labels, "probe labels", &labels));
    for (size_t i = 0; i < sample_count * counts[0]; i++)
        inputs[i] = random_unit(random_word(1, 0, RANDOM_SPLIT, 1, (uint32_t)i, 0));
    const size_t class_count = counts[network->layer_count];
    for (size_t i = 0; i < sample_count; i++) labels[i] = (uint32_t)(i % class_count);
    TRY(epocl_dataset_from_floats(inputs, labels, sample_count, counts[0], class_count, &p->data));
cleanup:
    free(inputs);
    free(labels);
    return status;
}

static void probe_release(probe *p) {
    epocl_network_release(p->network);
    epocl_dataset_release(p->data);
}

/* Trains the probe with one provider: the time of its fastest epoch after the first, and its parameters after the
 * first. */
static epocl_status probe_run(probe *p, epocl_device *device, const matmul_choice *choice, double *seconds) {
    epocl_status status = EPOCL_OK;
    epocl_trainer *trainer = NULL;
    epocl_epoch_result result;
    *seconds = INFINITY;
    p->network->has_parameters = false;
    TRY(trainer_create_with(device, p->network, p->data, NULL, &p->options, choice, &trainer));
    TRY(epocl_trainer_run_epoch(trainer, &result));
    TRY(epocl_trainer_read(trainer, p->network));
    for (int run = 0; run < PROBE_RUNS; run++) {
        TRY(epocl_trainer_run_epoch(trainer, &result));
        *seconds = fmin(*seconds, result.seconds);
    }
cleanup:
    epocl_trainer_release(trainer);
    return status;
}

/* The largest difference between two networks' weights, relative to the largest weight; NaN counts as infinite. */
static double largest_difference(const epocl_network *a, const epocl_network *b) {
    double difference = 0.0, magnitude = 0.0;
    for (size_t l = 0; l < a->layer_count; l++) {
        const size_t count = a->layers[l].input_count * a->layers[l].output_count;
        for (size_t i = 0; i < count; i++) {
            const double d = fabs((double)a->layers[l].weights[i] - (double)b->layers[l].weights[i]);
            if (!(d <= difference)) difference = isfinite(d) ? d : INFINITY;
            magnitude = fmax(magnitude, fabs((double)b->layers[l].weights[i]));
        }
    }
    return difference / magnitude;
}

static void say(const epocl_training_options *options, const char *text) {
    if (options->message) options->message(text, options->user);
}

static epocl_status choose_by_timing(epocl_device *device, const epocl_network *network,
                                     const epocl_training_options *options, size_t batch_size, matmul_choice *choice) {
    /* A few steps of rounding differences; a wrong product is off by far more. */
    const double agreement = 1e-3;
    epocl_status status = EPOCL_OK;
    probe plain = {0}, candidate = {0};
    double best = INFINITY, seconds;
    char text[160];
    say(options, "choosing the matmul for this device");
    TRY(probe_create(&plain, network, batch_size));
    TRY(probe_create(&candidate, network, batch_size));
    *choice = matmul_for(MATMUL_PLAIN, &device->info, network);
    TRY(probe_run(&plain, device, choice, &best));
    for (int i = MATMUL_PLAIN + 1; i < MATMUL_PROVIDER_COUNT; i++) {
        const matmul_choice tried = matmul_for((matmul_provider)i, &device->info, network);
        /* On a CPU, CLBlast compiles for seconds to be many times slower than tile: docs/performance.md. */
        if (tried.provider == MATMUL_CLBLAST && device->info.type == EPOCL_DEVICE_CPU) continue;
        const char *name = matmul_provider_name(tried.provider);
        if (probe_run(&candidate, device, &tried, &seconds) != EPOCL_OK) {
            snprintf(text, sizeof text, "matmul %s does not work on this device: %.100s", name, epocl_last_error());
            say(options, text);
            continue;
        }
        if (!(largest_difference(candidate.network, plain.network) <= agreement)) {
            snprintf(text, sizeof text, "matmul %s gives wrong results on this device and is not used", name);
            say(options, text);
            continue;
        }
        if (seconds < best) {
            best = seconds;
            *choice = tried;
        }
    }
cleanup:
    probe_release(&plain);
    probe_release(&candidate);
    return status;
}

epocl_status matmul_choose(epocl_device *device, const epocl_network *network, const epocl_training_options *options,
                           size_t batch_size, matmul_choice *choice) {
    matmul_provider provider = MATMUL_PLAIN;
    if (!options->matmul || strcmp(options->matmul, "auto") == 0) {
        *choice = matmul_default(&device->info, network);
        if (step_flop(network, batch_size) < timing_worthwhile_flop) return EPOCL_OK;
        return choose_by_timing(device, network, options, batch_size, choice);
    }
    const epocl_status status = provider_from_name(options->matmul, &provider);
    if (status == EPOCL_OK) *choice = matmul_for(provider, &device->info, network);
    return status;
}
