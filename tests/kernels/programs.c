/* Writes the programs that the host gives compilers to a folder, without OpenCL: NAME.cl and NAME.options for each
 * provider, shape and plan. Usage: kernel_programs FOLDER */
#include "data/dataset.h"
#include "data/encoder/encoder.h"
#include "device/programs/program.h"
#include "model/network.h"
#include "steps/pass_plan.h"

#include <stdio.h>
#include <stdlib.h>

enum { LAYERS = 3, BATCH = 33, SAMPLES = 100 };
static const size_t counts[LAYERS + 1] = {61, 77, 45, 7};

#define LAYERED                                                                                                        \
    { .group_count = 0 }
#define RESIDENT(groups, items)                                                                                        \
    { .group_count = (groups), .group_items = (items) }
#define MERGED                                                                                                         \
    { .is_merged = true }

/* Of each matmul layered; resident; and merged. */
static const struct {
    const char *name, *matmul;
    plan_shape shape;
    bool bytes;
    const char *activation, *cost;
    int optimizer, schedule;
    unsigned gpu; /* false: a CPU; true: a GPU; or that of one with a fence, as of this version of OpenCL C */
} programs[] = {
    {"plain", "plain", LAYERED, true, "sigmoid", "cross-entropy", OPTIMIZER_sgd, SCHEDULE_constant, false},
    {"plain_parts", "plain", LAYERED, false, "relu", "squared", OPTIMIZER_adam, SCHEDULE_constant, true},
    {"clblast", "clblast", LAYERED, true, "tanh,elu(2)", "huber(1)", OPTIMIZER_adam, SCHEDULE_cosine, true},
    {"tile_16", "tile:8x2x16", LAYERED, true, "relu", "softmax-cross-entropy", OPTIMIZER_adamw, SCHEDULE_one_cycle,
     false},
    {"tile_8", "tile:4x2x8", LAYERED, false, "gelu,gelu-tanh", "squared", OPTIMIZER_nesterov, SCHEDULE_linear, false},
    {"tile_4", "tile:4x4x4", LAYERED, true, "selu,mish", "quantile(0.9)", OPTIMIZER_momentum, SCHEDULE_exponential,
     false},
    {"resident", "tile:8x2x16", RESIDENT(4, 0), true, "sigmoid", "cross-entropy", OPTIMIZER_sgd, SCHEDULE_constant,
     false},
    {"resident_floats", "tile:4x2x8", RESIDENT(2, 0), false, "silu,softplus", "poisson", OPTIMIZER_adamw,
     SCHEDULE_coslog, false},
    {"resident_alone", "tile:4x4x4", RESIDENT(1, 0), true, "sine,exponential", "absolute", OPTIMIZER_lion,
     SCHEDULE_step, false},
    {"resident_items", "plain", RESIDENT(1, 64), true, "sigmoid", "cross-entropy", OPTIMIZER_sgd, SCHEDULE_constant,
     true},
    {"resident_groups", "plain", RESIDENT(3, 64), false, "relu", "softmax-cross-entropy", OPTIMIZER_adam,
     SCHEDULE_cosine, true},
    {"resident_fence_2", "plain", RESIDENT(3, 64), true, "relu", "cross-entropy", OPTIMIZER_adamw, SCHEDULE_linear,
     200},
    {"resident_fence_3", "plain", RESIDENT(3, 64), false, "tanh", "squared", OPTIMIZER_sgd, SCHEDULE_constant, 300},
    {"resident_tiles", "tile:4x4x4", RESIDENT(1, 256), false, "silu,softplus", "poisson", OPTIMIZER_adamw,
     SCHEDULE_coslog, true},
    {"local_128", "local:128x8x2x1", LAYERED, true, "sigmoid", "cross-entropy", OPTIMIZER_sgd, SCHEDULE_constant, true},
    {"local_64", "local:64x8x1x2", LAYERED, true, "leaky-relu(0.1),gelu", "softmax-cross-entropy", OPTIMIZER_adam,
     SCHEDULE_cosine, true},
    {"local_64_tensor", "local:64x4x2x1", LAYERED, true, "gelu,relu", "squared", OPTIMIZER_adamw, SCHEDULE_cosine,
     true},
    {"local_64_tall", "local:64x8x2x2", LAYERED, true, "relu", "squared", OPTIMIZER_sgd, SCHEDULE_constant, true},
    {"local_32", "local:32x4x1x4", LAYERED, false, "mish,relu", "squared", OPTIMIZER_rmsprop, SCHEDULE_linear, true},
    {"local_32_alone", "local:32x8x1x1", LAYERED, true, "tanh", "cross-entropy", OPTIMIZER_adagrad, SCHEDULE_constant,
     true},
    {"merged", "plain", MERGED, true, "sigmoid", "cross-entropy", OPTIMIZER_sgd, SCHEDULE_constant, true},
    {"merged_floats", "plain", MERGED, false, "gelu,mish", "squared", OPTIMIZER_adamw, SCHEDULE_linear, true},
    {"merged_128", "local:128x8x2x1", MERGED, true, "relu", "squared", OPTIMIZER_nadam, SCHEDULE_cosine, true},
    {"merged_64", "local:64x8x1x2", MERGED, true, "tanh", "cross-entropy", OPTIMIZER_sgd, SCHEDULE_constant, true},
    {"merged_tensor", "local:64x4x2x1", MERGED, true, "relu", "squared", OPTIMIZER_adam, SCHEDULE_constant, true},
    {"merged_32", "local:32x4x1x4", MERGED, false, "relu,silu", "squared", OPTIMIZER_lion, SCHEDULE_step, true},
};

static epocl_status write_file(const char *folder, const char *name, const char *kind, const char *const *texts,
                               size_t count) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.%s", folder, name, kind);
    FILE *file = fopen(path, "w");
    if (!file) return fail(EPOCL_ERROR_CREATE, "%s cannot be written", path);
    for (size_t i = 0; i < count; i++) fputs(texts[i], file);
    return fclose(file) == 0 ? EPOCL_OK : fail(EPOCL_ERROR_WRITE, "%s cannot be written", path);
}

/* A part of a program, if the sequences have launches of it. */
static epocl_status write_program(const char *folder, const char *name, const plan *p, const sequence *const *sequences,
                                  size_t sequence_count, program_part part, const sequence *written) {
    epocl_status status = EPOCL_OK;
    program_source sources[PROGRAM_MOST_SOURCES];
    program_text text = {0};
    const size_t source_count = program_sources(sequences, sequence_count, part, sources);
    if (source_count == 0) return status;
    TRY(program_text_create(&text, p, sources, source_count, written));
    TRY(write_file(folder, name, "cl", text.texts, text.count));
    TRY(write_file(folder, name, "options", (const char *[]){text.options}, 1));
cleanup:
    program_text_release(&text);
    return status;
}

/* One of `programs`, of a network with all operations. */
static epocl_status write_of(const char *folder, size_t which) {
    epocl_status status = EPOCL_OK;
    const epocl_device_info device = {.name = "none",
                                      .type = programs[which].gpu ? EPOCL_DEVICE_GPU : EPOCL_DEVICE_CPU,
                                      .compute_units = 4,
                                      .max_work_group_size = 1024,
                                      .local_memory_bytes = 64 * 1024,
                                      .tensor_cores = 1,
                                      .group_fence = programs[which].gpu > true ? programs[which].gpu : 0};
    matmul_choice matmul = {.vector_width = 4, .tile_vectors = 4, .tile_rows = 4, .sample_rows = 4};
    const pass_data data = {
        .name = "train", .sample_count = SAMPLES, .batch_size = BATCH, .bytes = programs[which].bytes};
    epocl_network *network = NULL;
    plan p = {0};
    parameter_tensors parameters = {0};
    pass_plan train = {0};
    sequence others = {0}, written = {0};
    recipe r = recipe_plain(0.3f);
    if (!matmul_choice_parse(programs[which].matmul, &matmul))
        return fail(EPOCL_ERROR_ARGUMENT, "no matmul is called %s", programs[which].matmul);
    r.optimizer = programs[which].optimizer;
    r.schedule = programs[which].schedule;
    r.weight_decay = r.clip_value = r.dropout[0] = r.input_dropout = r.max_norm = which % 2 ? 0.1f : 0.0f;
    r.dropout_count = 1;
    r.clip_norm = which / 2 % 2 ? 1.0f : 0.0f;
    r.accumulate = 1 + which / 4 % 2;
    r.average = which / 2 % 2 ? 0.9 : 0.0;
    TRY(network_allocate(counts, LAYERS, &network));
    TRY(network_set_functions(network, programs[which].activation, programs[which].cost, NULL));
    if (!programs[which].bytes && which % 2) { /* the data of a table */
        TRY(encoder_allocate(1, 1, 0, &network->encoder));
        network->encoder->source_count = 1;
    }
    TRY(plan_create(&p, &matmul, &device));
    TRY(parameters_plan(&parameters, &p, network, &r));
    TRY(pass_plan_training(&train, &p, &parameters, network, &data, &r));
    /* Initialisation, and what a prediction has beside the evaluation's kernels. */
    TRY(sequence_create(&others));
    for (size_t l = 0; l < LAYERS; l++)
        add_initialize(&p, &others, &train.layers[l], train.batch.state, INITIALIZATION_auto);
    add_output(&p, &others, &train.batch, &train.layers[LAYERS - 1], train.layers[LAYERS - 1].delta);
    const plan_shape shape = programs[which].shape;
    if (shape_is_layered(shape)) {
        const sequence *sequences[] = {&others, &train.begin, &train.step};
        static const char *const parts[PROGRAM_PARTS] = {"epoch", "batch", "update"};
        for (program_part part = 0; part < PROGRAM_PARTS; part++) {
            char name[64];
            snprintf(name, sizeof name, "%s_%s", programs[which].name, parts[part]);
            TRY(write_program(folder, name, &p, sequences, 3, part, NULL));
        }
    } else {
        TRY(pass_plan_write(&train, &p, shape, 100, &written));
        const sequence *sequences[] = {&written, &train.step};
        TRY(write_program(folder, programs[which].name, &p, sequences, 2, PROGRAM_WHOLE, &written));
    }
cleanup:
    sequence_release(&others);
    sequence_release(&written);
    pass_plan_release(&train);
    parameters_release(&parameters);
    plan_release(&p);
    epocl_network_release(network);
    return status;
}

/* What host/device/programs/speed.c compiles. */
static epocl_status write_speed(const char *folder) {
    const epocl_device_info device = {.name = "none", .max_work_group_size = 1024};
    const matmul_choice matmul = {.provider = MATMUL_PLAIN, .vector_width = 4};
    const sequence speed = {.launches = &(launch){.source = "speed"}, .count = 1};
    plan none = {0};
    epocl_status status = plan_create(&none, &matmul, &device);
    if (status == EPOCL_OK)
        status = write_program(folder, "speed", &none, (const sequence *const[]){&speed}, 1, PROGRAM_BATCH, NULL);
    plan_release(&none);
    return status;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: kernel_programs FOLDER\n");
        return 2;
    }
    epocl_status status = write_speed(argv[1]);
    for (size_t i = 0; i < sizeof programs / sizeof *programs && status == EPOCL_OK; i++) status = write_of(argv[1], i);
    if (status != EPOCL_OK) fprintf(stderr, "kernel_programs: %s\n", epocl_last_error());
    return status == EPOCL_OK ? 0 : 1;
}
