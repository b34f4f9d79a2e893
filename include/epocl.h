/* epocl: train fully connected neural networks on any OpenCL device.
 *
 * The path through this header, simple first:
 *   1. Status and errors      what every call returns
 *   2. Devices                what there is, and opening one
 *   3. Data sets              from files or from arrays
 *   4. Networks               create, save, load, describe
 *   5. Trainers               one epoch a call, all of it on the device
 *   6. Evaluate and predict
 *   7. Plans                  what a training run would allocate and launch
 *
 * Conventions
 *   - Every function that can fail returns an epocl_status; EPOCL_OK is 0. The reason for the last
 *     failure on this thread is epocl_last_error().
 *   - `create`, `open` and `load` write a handle through their last argument and leave it NULL on
 *     failure; every handle is given to its `release`, which accepts NULL. Handles may be released in any order:
 *     trainers and predictors keep what they need, their device included.
 *   - Matrices in host memory are row-major and dense: one sample a row.
 *   - Option structures start with their own size; initialise them with their `_defaults` function.
 *   - Handles may be used from one thread at a time; different handles from different threads.
 *     epocl_trainer_stop() alone may be called from any thread.
 *   - No OpenCL driver survives fork(). In a child that was forked after the first call of the parent's that concerns
 *     a device, such calls are EPOCL_ERROR_DEVICE, and `release` frees host memory alone. What the parent has done with
 *     OpenCL without epocl is not seen. A child may exec, or be forked before.
 *   - The library never prints and never exits.
 */
#ifndef EPOCL_H
#define EPOCL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EPOCL_VERSION_MAJOR 0
#define EPOCL_VERSION_MINOR 1
#define EPOCL_VERSION_PATCH 0
#define EPOCL_VERSION       "0.1.0"

#if defined(__GNUC__)
#define EPOCL_API __attribute__((visibility("default")))
#else
#define EPOCL_API
#endif

/* The version of the library in use, as "major.minor.patch". */
EPOCL_API const char *epocl_version(void);

/* ---- 1. Status and errors ------------------------------------------------------------------- */

typedef enum epocl_status {
    EPOCL_OK = 0,
    EPOCL_ERROR_ARGUMENT,  /* an argument or option is out of its range                           */
    EPOCL_ERROR_NO_INPUT,  /* an input file does not exist or cannot be opened                    */
    EPOCL_ERROR_DATA,      /* a file, model or data set is damaged or does not fit                */
    EPOCL_ERROR_DEVICE,    /* no OpenCL device, none that matches, or after fork()                */
    EPOCL_ERROR_OPENCL,    /* an OpenCL or CLBlast call failed; the text names call and code      */
    EPOCL_ERROR_MEMORY,    /* host or device memory does not suffice                              */
    EPOCL_ERROR_SELF_TEST, /* a kernel gave wrong results on this device                          */
    EPOCL_ERROR_CREATE,    /* an output file or folder cannot be created                          */
    EPOCL_ERROR_WRITE,     /* writing failed (disk full, input/output error); old file intact     */
    EPOCL_ERROR_DIVERGED,  /* the cost or a parameter is not finite any more                      */
    EPOCL_STOPPED,         /* epocl_trainer_stop() ended the epoch early                          */
    EPOCL_ERROR_TIMEOUT    /* the device did not answer in time; see epocl_device_set_timeout()   */
} epocl_status;

/* The symbol of a status as text, such as "EPOCL_ERROR_DATA". */
EPOCL_API const char *epocl_status_name(epocl_status status);

/* The folder in which what was found out about devices is kept between processes: EPOCL_CACHE_DIR, else
 * XDG_CACHE_HOME/epocl, else HOME/.cache/epocl of the environment. NULL when none is set, or in a process with more
 * rights than its caller (set-user-ID), where the environment is not trusted; epocl then keeps nothing.
 * Valid until the next call on this thread. */
EPOCL_API const char *epocl_cache_folder(void);

/* One sentence on the last failure on the calling thread: what, where, what to do. Never NULL;
 * valid until the next failing call on this thread. */
EPOCL_API const char *epocl_last_error(void);

/* ---- 2. Devices ----------------------------------------------------------------------------- */

typedef struct epocl_device epocl_device;

typedef enum epocl_device_type { EPOCL_DEVICE_CPU, EPOCL_DEVICE_GPU, EPOCL_DEVICE_OTHER } epocl_device_type;

typedef struct epocl_device_info {
    size_t index;    /* place in the flat list over all platforms */
    size_t platform; /* place of its platform                     */
    size_t device;   /* place within its platform                 */
    epocl_device_type type;
    char name[256];
    char vendor[256];
    char platform_name[256];
    char device_version[256];
    char driver_version[256];
    uint64_t global_memory_bytes;
    uint64_t max_allocation_bytes;
    uint64_t local_memory_bytes;
    size_t max_work_group_size; /* in one dimension */
    unsigned compute_units;
    unsigned native_vector_width; /* in floats */
    char self_test[16];           /* what the last self-test said: "passed", "failed" or, if it is not known, "" */
    char unusable[128];           /* why epocl cannot use it; "" when it can */
} epocl_device_info;

typedef struct epocl_platform_info {
    char name[256];
    char vendor[256];
    char version[256];
    size_t device_count; /* 0 also when it cannot say */
    char failure[128]; /* why its devices are not known, such as "clGetDeviceIDs: CL_OUT_OF_RESOURCES (-5)"; else "" */
} epocl_platform_info;

/* Writes at most `capacity` descriptions to `infos` (may be NULL when capacity is 0), in the order that
 * epocl_device_info's `platform` counts, and the number of all platforms to `*count`; 0 is no error. */
EPOCL_API epocl_status epocl_platforms_list(epocl_platform_info *infos, size_t capacity, size_t *count);

/* Writes at most `capacity` descriptions to `infos` (may be NULL when capacity is 0) and the number
 * of all devices to `*count`. No platform, or platforms without a device, is no error: `*count` is 0. A
 * device that cannot be described is left out; where none remains, that is EPOCL_ERROR_DEVICE. */
EPOCL_API epocl_status epocl_devices_list(epocl_device_info *infos, size_t capacity, size_t *count);

/* Opens the device that `selector` names: "auto" or NULL (the first GPU, else the first device; of those that are
 * usable), "cpu", "gpu" (likewise), an index of the flat list, "PLATFORM:DEVICE", or a part, in any case, of what a
 * device says of its name, vendor, platform or version ("nvidia", "pocl"). EPOCL_ERROR_DEVICE, with the list of devices
 * in the text, when none matches; also when the one that matches is not usable. */
EPOCL_API epocl_status epocl_device_open(const char *selector, epocl_device **device);

/* Uses the caller's own cl_context and an in-order cl_command_queue of it (both retained until release); a queue of
 * another context is EPOCL_ERROR_ARGUMENT. The queue's device is used. */
struct _cl_context;
struct _cl_command_queue;
EPOCL_API epocl_status epocl_device_from_opencl(struct _cl_context *context, struct _cl_command_queue *queue,
                                                epocl_device **device);

/* The longest that one wait for the device may take, from now on; 0, as at first, is for ever. A wait is a copy to or
 * from the device or the end of what it was given: at the longest an epoch, or the whole of an evaluation. A driver
 * that compiles a kernel only at its first launch, such as PoCL, does so within the first wait; other compiling does
 * not count. A device that exceeds it is lost: the call in progress and all later ones with this device are
 * EPOCL_ERROR_TIMEOUT, and releasing handles frees nothing that the device may still use. Its driver may also hang
 * in exit handlers: a program does best to save what it has and end by _exit(). */
EPOCL_API epocl_status epocl_device_set_timeout(epocl_device *device, double seconds);

EPOCL_API void epocl_device_describe(const epocl_device *device, epocl_device_info *info);
EPOCL_API void epocl_device_release(epocl_device *device);

/* Trains a small network on the device and compares every number with the host's, in double precision.
 * EPOCL_ERROR_SELF_TEST names the kernel that computed wrong. A device is tested by itself before its first use, and
 * what the test said is kept in epocl_cache_folder() for as long as device, driver and epocl's kernels stay the same.
 */
EPOCL_API epocl_status epocl_device_self_test(epocl_device *device);

/* With a non-zero value, the device is used without a self-test from now on. */
EPOCL_API epocl_status epocl_device_trust(epocl_device *device, int is_trusted);

/* What a device can do at most, as measured just now: the best of several runs. */
typedef struct epocl_device_speed {
    double fma_flop_per_second;   /* fp32 multiplications and additions, in registers, on all compute units */
    double copy_bytes_per_second; /* read and written, from one buffer to another                           */
    double launch_seconds;        /* of a kernel that does nothing, in a queue of many                      */
} epocl_device_speed;

/* Compiles and runs kernels for some tenths of a second. EPOCL_ERROR_SELF_TEST when one gave a wrong result. */
EPOCL_API epocl_status epocl_device_measure(epocl_device *device, epocl_device_speed *speed);

/* ---- 3. Data sets --------------------------------------------------------------------------- */

/* Samples with one label each, in host memory. */
typedef struct epocl_dataset epocl_dataset;

/* Reads inputs and labels from IDX files, plain or gzip (told by content). `labels_path` may be NULL
 * for data to predict. Inputs: 8-bit unsigned or 32-bit float, at least one dimension after the
 * first, which counts the samples. Labels: integers of 8, 16 or 32 bits in one dimension, counted from 0. One of the
 * paths may be "-": standard input. */
EPOCL_API epocl_status epocl_dataset_load(const char *inputs_path, const char *labels_path, epocl_dataset **dataset);

/* Copies `sample_count` rows of `input_count` values and, unless `labels` is NULL, one label a row,
 * each below `class_count`. */
EPOCL_API epocl_status epocl_dataset_from_floats(const float *inputs, const uint32_t *labels, size_t sample_count,
                                                 size_t input_count, size_t class_count, epocl_dataset **dataset);
EPOCL_API epocl_status epocl_dataset_from_bytes(const uint8_t *inputs, const uint32_t *labels, size_t sample_count,
                                                size_t input_count, size_t class_count, epocl_dataset **dataset);

/* Splits a data set into two new ones by a seeded permutation: `fraction` (between 0 and 1, both
 * excluded) of the samples, at least one, goes to `*second`. The source is left as it is. */
EPOCL_API epocl_status epocl_dataset_split(const epocl_dataset *dataset, double fraction, uint64_t seed,
                                           epocl_dataset **first, epocl_dataset **second);

EPOCL_API size_t epocl_dataset_sample_count(const epocl_dataset *dataset);
EPOCL_API size_t epocl_dataset_input_count(const epocl_dataset *dataset);
/* One more than the largest label, or what the creator said; 0 without labels. */
EPOCL_API size_t epocl_dataset_class_count(const epocl_dataset *dataset);
/* Writes how many samples each class has: one count for each of epocl_dataset_class_count(). */
EPOCL_API epocl_status epocl_dataset_count_classes(const epocl_dataset *dataset, size_t *counts);
EPOCL_API void epocl_dataset_release(epocl_dataset *dataset);

/* ---- 4. Networks ---------------------------------------------------------------------------- */

/* A network's description and, once trained or loaded, its parameters, in host memory. */
typedef struct epocl_network epocl_network;

typedef struct epocl_network_options {
    size_t struct_bytes;
    const size_t *hidden_counts; /* units of each hidden layer, first to last        */
    size_t hidden_layer_count;   /* 0 is a network without hidden layers              */
    const char *activation;      /* of hidden and output units; default "sigmoid"     */
    const char *cost;            /* default "cross-entropy"                           */
    const char *normalize;       /* "auto" (default: scale255 for 8-bit inputs, zscore for float),
                                    "none", "scale255", "zscore" or "minmax"          */
    size_t output_count;         /* default 0: the data set's class count             */
} epocl_network_options;

EPOCL_API void epocl_network_options_defaults(epocl_network_options *options);

/* A network that fits `dataset`: as many inputs as it has, one output a class, inputs normalised by
 * statistics of this data set, which the network keeps. It has no parameters until it is trained. */
EPOCL_API epocl_status epocl_network_create(const epocl_dataset *dataset, const epocl_network_options *options,
                                            epocl_network **network);

/* A network is one safetensors file: `layers.N.weight` [n_out, n_in] and `layers.N.bias` [n_out] in
 * fp32; everything else in its metadata. It is written whole or not at all. */
EPOCL_API epocl_status epocl_network_save(const epocl_network *network, const char *path);
EPOCL_API epocl_status epocl_network_load(const char *path, epocl_network **network);

/* The same in an open folder, for programs that lock it: `folder` is its descriptor, `name` that of a file right in it.
 * The file is that folder's wherever its path leads by then, and a symbolic link under that name is not followed:
 * saving replaces it, loading is EPOCL_ERROR_NO_INPUT. With the folder -1, `name` is a path as above. */
EPOCL_API epocl_status epocl_network_save_at(const epocl_network *network, int folder, const char *name);
EPOCL_API epocl_status epocl_network_load_at(int folder, const char *name, epocl_network **network);

/* Layers are counted from 0 (the first hidden layer, or the output layer if there is none). */
EPOCL_API size_t epocl_network_layer_count(const epocl_network *network);
EPOCL_API size_t epocl_network_input_count(const epocl_network *network);
EPOCL_API size_t epocl_network_output_count(const epocl_network *network, size_t layer);
EPOCL_API size_t epocl_network_parameter_count(const epocl_network *network);
EPOCL_API const char *epocl_network_activation(const epocl_network *network);
EPOCL_API const char *epocl_network_cost(const epocl_network *network);
EPOCL_API const char *epocl_network_normalization(const epocl_network *network);

/* The parameters of a layer, row-major [n_out, n_in] and [n_out]; NULL before training. The memory
 * is the network's and holds until the next change or release. */
EPOCL_API const float *epocl_network_weights(const epocl_network *network, size_t layer);
EPOCL_API const float *epocl_network_biases(const epocl_network *network, size_t layer);

EPOCL_API void epocl_network_release(epocl_network *network);

/* ---- 5. Trainers ---------------------------------------------------------------------------- */

/* Trains one network on one device by mini-batch gradient descent. */
typedef struct epocl_trainer epocl_trainer;

typedef struct epocl_training_options {
    size_t struct_bytes;
    size_t batch_size;   /* default 32; more than the data set trains as one batch   */
    float learning_rate; /* default 0.3                                              */
    uint64_t seed;       /* of initial weights and of the shuffle; default 1         */
    const char *matmul;  /* "auto" (default: the fastest), "plain", "tile", "local", "clblast", or a shape:
                            "tile:8x2x16": rows, vectors in a row, floats of a vector; "local:64x8x1x2": rows and
                            columns of a block, rows and float4 of a work-item, parts that may share a block */
    const char *plan;    /* "auto" (default: the fastest), "layered": a launch for each operation, or
                            "resident": many steps in a launch (CPUs, matmul tile), "resident:2": in 2 work-groups */
    const char *tune; /* how "auto" chooses: "quick" (default: what is known from earlier, else a brief timing), "full"
                         (all candidates timed, always anew), "off" (by rule); see epocl_cache_folder() */
    int profile;      /* 1: keep the times of launches for epocl_trainer_profile(), and the plan; default 0 */
    /* Called with a sentence on each slow stage (compiling, timing); may be NULL. */
    void (*message)(const char *text, void *user);
    void *user;
} epocl_training_options;

EPOCL_API void epocl_training_options_defaults(epocl_training_options *options);

typedef struct epocl_epoch_result {
    size_t epoch;          /* 1 for the first                                         */
    size_t sample_count;   /* trained in this epoch                                   */
    double train_cost;     /* mean over the samples, each before its own update       */
    double train_accuracy; /* likewise                                                */
    double valid_cost;     /* after the epoch; NaN without validation data            */
    double valid_accuracy;
    double seconds; /* of training, validation not included                    */
} epocl_epoch_result;

/* Compiles the kernels, uploads the data and the network's parameters (or draws initial ones from
 * the seed). `valid` may be NULL. The data sets are not needed any more afterwards. */
EPOCL_API epocl_status epocl_trainer_create(epocl_device *device, const epocl_network *network,
                                            const epocl_dataset *train, const epocl_dataset *valid,
                                            const epocl_training_options *options, epocl_trainer **trainer);

/* Trains on every sample once, in a new order, and evaluates the validation data. Returns
 * EPOCL_STOPPED after epocl_trainer_stop(), with the parameters of the last whole mini-batch; the
 * next call goes on with the rest of that epoch, or of its validation, and its result is that of the whole. Returns
 * EPOCL_ERROR_DIVERGED when the cost is not finite; after this and other failures the trainer is of
 * no more use, and says so with the same status. */
EPOCL_API epocl_status epocl_trainer_run_epoch(epocl_trainer *trainer, epocl_epoch_result *result);

/* Asks a running epoch to end after the mini-batch in progress, of training or validation data; between epochs, the
 * next one to end before its first. From any thread, not from a signal handler. */
EPOCL_API void epocl_trainer_stop(epocl_trainer *trainer);

/* Copies the parameters from the device into `network`, which must have the trainer's shape. */
EPOCL_API epocl_status epocl_trainer_read(epocl_trainer *trainer, epocl_network *network);

/* The results of the epochs finished so far, those before a resume included. The memory is the
 * trainer's and holds until its next epoch. */
EPOCL_API const epocl_epoch_result *epocl_trainer_history(const epocl_trainer *trainer, size_t *epoch_count);

/* Writes a checkpoint: all that training goes on from, after an epoch or within one that was
 * stopped. It is written whole or not at all, ends with a checksum, and can be loaded as a network, too.
 * EPOCL_ERROR_DIVERGED when a parameter is not finite. */
EPOCL_API epocl_status epocl_trainer_save(epocl_trainer *trainer, const char *path);

/* The same in an open folder, as epocl_network_save_at(). `best` (may be NULL), a network of the trainer's shape, is
 * kept in the checkpoint: what a run wants to have again should it go on from there. */
EPOCL_API epocl_status epocl_trainer_save_at(epocl_trainer *trainer, const epocl_network *best, int folder,
                                             const char *name);

/* A checkpoint in host memory. EPOCL_ERROR_DATA when the file is damaged or no checkpoint. */
typedef struct epocl_checkpoint epocl_checkpoint;
EPOCL_API epocl_status epocl_checkpoint_load(const char *path, epocl_checkpoint **checkpoint);
EPOCL_API epocl_status epocl_checkpoint_load_at(int folder, const char *name, epocl_checkpoint **checkpoint);
/* The network kept in it, or NULL; it holds as long as the checkpoint. */
EPOCL_API const epocl_network *epocl_checkpoint_best(const epocl_checkpoint *checkpoint);
EPOCL_API void epocl_checkpoint_release(epocl_checkpoint *checkpoint);

/* What a checkpoint tells of its run: texts in memory of the checkpoint, printable, of at most 95 bytes. */
typedef struct epocl_checkpoint_info {
    size_t epoch_count; /* finished                                                               */
    float learning_rate;
    const char *seed, *batch_size;       /* decimal; a batch is no larger than the data                            */
    const char *train_data, *valid_data; /* "60000 x 784 bytes, CRC-32 1a2b3c4d" (or floats); "none"               */
    const char *matmul;                  /* as epocl_training_options has it: "tile:8x2x16"                        */
    const char *device, *driver, *epocl; /* the device's name, its platform and driver's version, epocl's version  */
} epocl_checkpoint_info;

EPOCL_API void epocl_checkpoint_describe(const epocl_checkpoint *checkpoint, epocl_checkpoint_info *info);

/* As epocl_trainer_create, but goes on where the checkpoint's trainer stood, with its matmul: on the same
 * device and driver, parameters, history and order of samples will be those of an uninterrupted run,
 * byte for byte. Data other than the checkpoint's is EPOCL_ERROR_DATA, another seed or batch size
 * EPOCL_ERROR_ARGUMENT; plan and learning rate may be others. `message` hears of what will make a
 * difference. */
EPOCL_API epocl_status epocl_trainer_resume(epocl_device *device, const epocl_checkpoint *checkpoint,
                                            const epocl_dataset *train, const epocl_dataset *valid,
                                            const epocl_training_options *options, epocl_trainer **trainer);

/* How the trainer works on its device, such as "layered, matmul tile:8x2x16": a plan and a matmul for
 * the options of a later run. */
EPOCL_API const char *epocl_trainer_plan_name(const epocl_trainer *trainer);

/* One launch of an epoch. Times are in seconds, by the device's clock, from the moment the epoch's first launch was
 * queued. A product of CLBlast is timed by the last of the kernels that CLBlast launches for it. */
typedef struct epocl_profile_launch {
    const char *kernel;
    const char *detail;        /* layer and shape                                                 */
    const char *pass;          /* "train" or "valid"                                              */
    double queued, start, end; /* times                                                           */
    double flop;               /* of useful work; like bytes, 0 for a launch that came after a stop */
    double bytes;              /* moved at least: each input read once, each output written once  */
} epocl_profile_launch;

typedef struct epocl_profile {
    size_t epoch;                         /* 0: none has begun                                       */
    const epocl_profile_launch *launches; /* in the order of the queue                               */
    size_t launch_count;                  /* at most 100,000                                         */
    size_t left_out_count;                /* later launches of the epoch, for which there was no room */
} epocl_profile;

/* The launches of the last epoch, whole or not, of a trainer created with the option `profile`. Such a trainer works on
 * a queue of its own in the device's context, asks for times only when a pass has ended, and keeps the plan that its
 * creation chose. In a resident plan there is a launch for each slice, whose FLOP and bytes are those of the steps that
 * it did; what a step makes for itself alone counts no bytes. The memory is the trainer's and holds until its next
 * epoch or release. A driver that gives no times, or times that contradict the order of the launches, is
 * EPOCL_ERROR_OPENCL here and not in epocl_trainer_run_epoch(). */
EPOCL_API epocl_status epocl_trainer_profile(const epocl_trainer *trainer, epocl_profile *profile);

/* What a trainer's creation took, and what it launches now. */
typedef struct epocl_trainer_info {
    double choice_seconds;  /* testing the device and timing what "auto" leaves open, where not remembered */
    double compile_seconds; /* the programs in use; some drivers finish them at the first launch        */
    double upload_seconds;  /* allocating, copying the data and the parameters                           */
    size_t launch_count;    /* of an epoch of training; a library's product counts as one                */
} epocl_trainer_info;

EPOCL_API void epocl_trainer_describe(const epocl_trainer *trainer, epocl_trainer_info *info);

EPOCL_API void epocl_trainer_release(epocl_trainer *trainer);

/* ---- 6. Evaluate and predict ---------------------------------------------------------------- */

typedef struct epocl_evaluation {
    double cost;     /* mean over the samples                      */
    double accuracy; /* fraction whose class, as of epocl_predict_classes(), is its label */
    size_t sample_count;
} epocl_evaluation;

EPOCL_API epocl_status epocl_evaluate(epocl_device *device, const epocl_network *network, const epocl_dataset *dataset,
                                      epocl_evaluation *evaluation);

/* Writes the network's outputs for each sample, [sample_count, output_count]. Outputs that are rounded to 0 or 1 are
 * equal where the network still tells classes apart: for classes, use epocl_predict_classes(). */
EPOCL_API epocl_status epocl_predict(epocl_device *device, const epocl_network *network, const epocl_dataset *dataset,
                                     float *outputs);

/* Writes the class of each sample, [sample_count]: the output whose weighted input is largest, of equal ones the first.
 * It is the class that epocl_evaluate() compares with the label, computed by the same kernels in the same way.
 * EPOCL_ERROR_DATA names a sample whose weighted inputs overflow. */
EPOCL_API epocl_status epocl_predict_classes(epocl_device *device, const epocl_network *network,
                                             const epocl_dataset *dataset, uint32_t *classes);

/* A network that stays on a device, compiled, for any number of data sets: what the functions above do at once for one.
 * It keeps what it needs of the network and the device. The data is copied to the device in pieces, so it may be larger
 * than the device's memory. Results do not depend on how often or for what the predictor was used before. */
typedef struct epocl_predictor epocl_predictor;

EPOCL_API epocl_status epocl_predictor_create(epocl_device *device, const epocl_network *network,
                                              epocl_predictor **predictor);

/* Writes outputs as epocl_predict() and classes as epocl_predict_classes() do; one of them may be NULL. */
EPOCL_API epocl_status epocl_predictor_run(epocl_predictor *predictor, const epocl_dataset *dataset, float *outputs,
                                           uint32_t *classes);

EPOCL_API epocl_status epocl_predictor_evaluate(epocl_predictor *predictor, const epocl_dataset *dataset,
                                                epocl_evaluation *evaluation);

EPOCL_API void epocl_predictor_release(epocl_predictor *predictor);

/* ---- 7. Plans ------------------------------------------------------------------------------- */

/* What a training run allocates on the device and launches in a step, without doing either. */
typedef struct epocl_plan_buffer {
    char name[48];
    char purpose[24]; /* "parameters", "activations", "data set", "state" */
    size_t rows, columns;
    uint64_t bytes; /* with padding */
} epocl_plan_buffer;

typedef struct epocl_plan_launch {
    char kernel[48];
    char detail[64]; /* layer and shape */
    double flop;
} epocl_plan_launch;

typedef struct epocl_plan_summary {
    const epocl_plan_buffer *buffers;
    size_t buffer_count;
    const epocl_plan_launch *launches; /* of one training step, in order */
    size_t launch_count;
    uint64_t total_bytes;
    char name[96]; /* as epocl_trainer_plan_name(); "auto" is described untimed, as layered */
    void *memory;  /* owned by the summary */
} epocl_plan_summary;

EPOCL_API epocl_status epocl_plan_describe(epocl_device *device, const epocl_network *network,
                                           const epocl_dataset *train, const epocl_dataset *valid,
                                           const epocl_training_options *options, epocl_plan_summary *summary);
EPOCL_API void epocl_plan_summary_release(epocl_plan_summary *summary);

#ifdef __cplusplus
}
#endif
#endif /* EPOCL_H */
