/* epocl: train fully connected neural networks on any OpenCL device.
 *
 * A program, without its checks of what calls return and its releases:
 *
 *     epocl_options_create(&options);
 *     epocl_options_set(options, "hidden", "128");
 *     epocl_device_open("auto", &device);
 *     epocl_dataset_load("images.gz", "labels.gz", &data);
 *     epocl_network_create(data, options, &network);
 *     epocl_trainer_create(device, network, data, NULL, options, &trainer);
 *     epocl_trainer_fit(trainer, 15, NULL, NULL, NULL);
 *     epocl_trainer_read(trainer, network);
 *     epocl_network_save(network, "model.safetensors");
 *
 * The path through this header, simple first:
 *   1. Status and errors       what every call returns
 *   2. Devices                 what there is, and opening one
 *   3. Data sets               from files or from arrays
 *   4. Options                 what networks and trainers are made from, set by name
 *   5. Networks                create, save, load, describe
 *   6. Trainers                one epoch a call, all of it on the device
 *   7. Evaluate and predict    costs, outputs, classes, metrics
 *   8. Tables                  columns by name, of numbers or categories
 *   9. Checkpoints             a training that goes on where it stood
 *  10. Populations             many trainers at once
 *  11. Ensembles               many networks that answer together
 *  12. Other programs' models  written and read
 *  13. Open folders, memory    where files may be besides at a path
 *  14. Plans and profiles      what a training launches, and how long that takes
 *
 * Conventions
 *   - Every function that can fail returns an epocl_status; EPOCL_OK is 0. The reason for the last
 *     failure on this thread is epocl_last_error().
 *   - `create`, `open` and `load` write a handle through their last argument and leave it NULL on
 *     failure; every handle is given to its `release`, which accepts NULL. Handles may be released in any order:
 *     trainers and predictors keep what they need, their device included.
 *   - Matrices in host memory are row-major and dense: one sample a row.
 *   - Structures are results, which the caller allocates and a call fills. Later versions may add fields at their end:
 *     so the library exports NAME_sized, which takes the structure's size, and NAME passes the size that the program
 *     was compiled with. A program that calls the library without this header calls NAME_sized. Fields that are newer
 *     than the library in use are 0.
 *   - The number of the binary interface is EPOCL_ABI, the N of libepocl.so.N. It stays while programs that were built
 *     against an older header with that number run unchanged: options, functions, fields at the end of structures, and
 *     constants at the end of enumerations are added; nothing else changes. Whatever breaks this raises the number.
 *   - Handles may be used from one thread at a time; different handles from different threads.
 *     epocl_trainer_stop(), epocl_population_stop() and epocl_ensemble_stop() alone may be called from any thread.
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
#define EPOCL_ABI           0

#if defined(__GNUC__)
#define EPOCL_API __attribute__((visibility("default")))
#else
#define EPOCL_API
#endif

/* The version of the library in use, as "major.minor.patch". */
EPOCL_API const char *epocl_version(void);

/* ---- 1. Status and errors -------------------------------------------------------------------- */

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
    EPOCL_STOPPED,         /* epocl_trainer_stop() or its like ended the epoch early              */
    EPOCL_ERROR_TIMEOUT    /* the device did not answer in time; see epocl_device_set_timeout()   */
} epocl_status;

/* The symbol of a status as text, such as "EPOCL_ERROR_DATA". */
EPOCL_API const char *epocl_status_name(epocl_status status);

/* One sentence on the last failure on the calling thread: what, where, what to do. Never NULL; valid until the next
 * failing call on this thread. */
EPOCL_API const char *epocl_last_error(void);

/* ---- 2. Devices ------------------------------------------------------------------------------ */

typedef struct epocl_device epocl_device;

/* Opens the device that `selector` names: "auto" or NULL (the first GPU, else the first device; of those that are
 * usable), "cpu", "gpu" (likewise), an index of the flat list, "PLATFORM:DEVICE", or a part, in any case, of what a
 * device says of its name, vendor, platform or version ("nvidia", "pocl"). EPOCL_ERROR_DEVICE, with the list of devices
 * in the text, when none matches; also when the one that matches is not usable. */
EPOCL_API epocl_status epocl_device_open(const char *selector, epocl_device **device);

EPOCL_API void epocl_device_release(epocl_device *device);

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
    /* Of other devices than CPUs, the version of OpenCL C that has a fence between their work-groups, 200 or 300; 0:
     * none, as far as they say and their compiler has been asked. */
    unsigned group_fence;
    /* 1 where products of matrices are made by tensor cores: on NVIDIA's A100, H100, B200 and their kin; else 0. */
    unsigned tensor_cores;
} epocl_device_info;

EPOCL_API void epocl_device_describe_sized(const epocl_device *device, epocl_device_info *info, size_t info_bytes);
static inline void epocl_device_describe(const epocl_device *device, epocl_device_info *info) {
    epocl_device_describe_sized(device, info, sizeof *info);
}

/* Writes at most `capacity` descriptions to `infos` (may be NULL when capacity is 0) and the number of all devices to
 * `*count`. No platform, or platforms without a device, is no error: `*count` is 0. A device that cannot be described
 * is left out; where none remains, that is EPOCL_ERROR_DEVICE. */
EPOCL_API epocl_status epocl_devices_list_sized(epocl_device_info *infos, size_t capacity, size_t *count,
                                                size_t infos_bytes);
static inline epocl_status epocl_devices_list(epocl_device_info *infos, size_t capacity, size_t *count) {
    return epocl_devices_list_sized(infos, capacity, count, sizeof *infos);
}

typedef struct epocl_platform_info {
    char name[256];
    char vendor[256];
    char version[256];
    size_t device_count; /* 0 also when it cannot say */
    char failure[128]; /* why its devices are not known, such as "clGetDeviceIDs: CL_OUT_OF_RESOURCES (-5)"; else "" */
} epocl_platform_info;

/* Writes at most `capacity` descriptions to `infos` (may be NULL when capacity is 0), in the order that
 * epocl_device_info's `platform` counts, and the number of all platforms to `*count`; 0 is no error. */
EPOCL_API epocl_status epocl_platforms_list_sized(epocl_platform_info *infos, size_t capacity, size_t *count,
                                                  size_t infos_bytes);
static inline epocl_status epocl_platforms_list(epocl_platform_info *infos, size_t capacity, size_t *count) {
    return epocl_platforms_list_sized(infos, capacity, count, sizeof *infos);
}

/* Called with a sentence on what takes long on this device (testing, compiling, timing) and on what goes another way
 * than asked or expected; NULL, as at first: nobody. A trainer whose options have a message of their own tells those.
 * It is called on the thread that uses the device, and must not call with handles of it. */
EPOCL_API epocl_status epocl_device_set_message(epocl_device *device, void (*message)(const char *text, void *user),
                                                void *user);

/* The longest that one wait for the device may take, from now on; 0, as at first, is for ever. A wait is a copy to or
 * from the device or the end of what it was given: at the longest an epoch, or the whole of an evaluation. A driver
 * that compiles a kernel only at its first launch, such as PoCL, does so within the first wait; other compiling does
 * not count. A device that exceeds it is lost: the call in progress and all later ones with this device are
 * EPOCL_ERROR_TIMEOUT, and releasing handles frees nothing that the device may still use. Its driver may also hang in
 * exit handlers: a program does best to save what it has and end by _exit(). */
EPOCL_API epocl_status epocl_device_set_timeout(epocl_device *device, double seconds);

/* Trains a small network on the device and compares every number with the host's, in double precision.
 * EPOCL_ERROR_SELF_TEST names the kernel that computed wrong. A device is tested by itself before its first use, and
 * what the test said is kept in epocl_cache_folder() for as long as device, driver and epocl's kernels stay the
 * same. */
EPOCL_API epocl_status epocl_device_self_test(epocl_device *device);

/* With a non-zero value, the device is used without a self-test from now on. */
EPOCL_API epocl_status epocl_device_trust(epocl_device *device, int is_trusted);

/* The folder in which what was found out about devices is kept between processes: EPOCL_CACHE_DIR, else
 * XDG_CACHE_HOME/epocl, else HOME/.cache/epocl of the environment. NULL when none is set, or in a process with more
 * rights than its caller (set-user-ID), where the environment is not trusted; epocl then keeps nothing. Valid until the
 * next call on this thread. */
EPOCL_API const char *epocl_cache_folder(void);

/* Uses the caller's own cl_context and an in-order cl_command_queue of it (both retained until release); a queue of
 * another context is EPOCL_ERROR_ARGUMENT. The queue's device is used. */
struct _cl_context;
struct _cl_command_queue;
EPOCL_API epocl_status epocl_device_from_opencl(struct _cl_context *context, struct _cl_command_queue *queue,
                                                epocl_device **device);

/* What a device can do at most, as measured just now: the best of several runs. */
typedef struct epocl_device_speed {
    double fma_flop_per_second;   /* fp32 multiplications and additions, in registers, on all compute units */
    double copy_bytes_per_second; /* read and written, from one buffer to another                           */
    double launch_seconds;        /* of a kernel that does nothing, in a queue of many                      */
} epocl_device_speed;

/* Compiles and runs kernels for some tenths of a second. EPOCL_ERROR_SELF_TEST when one gave a wrong result. */
EPOCL_API epocl_status epocl_device_measure_sized(epocl_device *device, epocl_device_speed *speed, size_t speed_bytes);
static inline epocl_status epocl_device_measure(epocl_device *device, epocl_device_speed *speed) {
    return epocl_device_measure_sized(device, speed, sizeof *speed);
}

/* ---- 3. Data sets ---------------------------------------------------------------------------- */

/* Samples in host memory, each with a label, or with a value for each output. */
typedef struct epocl_dataset epocl_dataset;

/* Reads inputs and targets from IDX files, plain or gzip (told by content). `targets_path` may be NULL for data to
 * predict. Inputs: 8-bit unsigned or 32-bit float, at least one dimension after the first, which counts the samples.
 * What the targets are is told by the file: integers of 8, 16 or 32 bits in one dimension are class labels, counted
 * from 0; 32-bit floats are values to predict, [samples] or [samples, outputs]; integers in two dimensions, [samples,
 * outputs], are 0 and 1 for units that say no or yes each by itself. One of the paths may be "-": standard input. */
EPOCL_API epocl_status epocl_dataset_load(const char *inputs_path, const char *targets_path, epocl_dataset **dataset);

/* Copies `sample_count` rows of `input_count` values and, unless `labels` is NULL, one label a row, each below
 * `class_count`. */
EPOCL_API epocl_status epocl_dataset_from_floats(const float *inputs, const uint32_t *labels, size_t sample_count,
                                                 size_t input_count, size_t class_count, epocl_dataset **dataset);
EPOCL_API epocl_status epocl_dataset_from_bytes(const uint8_t *inputs, const uint32_t *labels, size_t sample_count,
                                                size_t input_count, size_t class_count, epocl_dataset **dataset);

/* Gives a data set targets with a value for each of `output_count` outputs, [sample_count, output_count], copied, in
 * the place of labels: numbers to predict, or 0 and 1 for units that say no or yes each by itself. Not for data sets of
 * a table, whose targets are columns. */
EPOCL_API epocl_status epocl_dataset_set_values(epocl_dataset *dataset, const float *values, size_t output_count);

/* Gives each sample a weight, 0 or above, copied: a sample of weight 2 counts in cost and gradient, and in the input
 * statistics of networks that are created for the data set afterwards, as two that are alike. */
EPOCL_API epocl_status epocl_dataset_set_weights(epocl_dataset *dataset, const float *weights);

/* The same from an IDX file, plain or gzip: 32-bit floats in one dimension, one for each sample. */
EPOCL_API epocl_status epocl_dataset_load_weights(epocl_dataset *dataset, const char *path);

/* Splits a data set into two new ones by a seeded permutation: `fraction` (between 0 and 1, both excluded) of the
 * samples, at least one, goes to `*second`. The source is left as it is. */
EPOCL_API epocl_status epocl_dataset_split(const epocl_dataset *dataset, double fraction, uint64_t seed,
                                           epocl_dataset **first, epocl_dataset **second);

EPOCL_API size_t epocl_dataset_sample_count(const epocl_dataset *dataset);
EPOCL_API size_t epocl_dataset_input_count(const epocl_dataset *dataset);
/* One more than the largest label, or what the creator said; 0 without labels. */
EPOCL_API size_t epocl_dataset_class_count(const epocl_dataset *dataset);
/* Target values a sample; 0 without. */
EPOCL_API size_t epocl_dataset_value_count(const epocl_dataset *dataset);
/* Writes how many samples each class has: one count for each of epocl_dataset_class_count(). */
EPOCL_API epocl_status epocl_dataset_count_classes(const epocl_dataset *dataset, size_t *counts);
EPOCL_API void epocl_dataset_release(epocl_dataset *dataset);

/* ---- 4. Options ------------------------------------------------------------------------------ */

/* What a network or a training run is to be: values by name, each with a default. docs/options.md lists them, as
 * epocl_options_list() does. They are set as texts, as on the command line; the same handle serves any number of
 * networks and trainers, which keep nothing of it. */
typedef struct epocl_options epocl_options;

EPOCL_API epocl_status epocl_options_create(epocl_options **options);
EPOCL_API epocl_status epocl_options_copy(const epocl_options *options, epocl_options **copy);
EPOCL_API void epocl_options_release(epocl_options *options);

/* Sets "learning-rate" to "0.1". EPOCL_ERROR_ARGUMENT, with what there is, for another name or for a value out of its
 * range; the value then stays as it was. Names may have underscores for hyphens. */
EPOCL_API epocl_status epocl_options_set(epocl_options *options, const char *name, const char *text);

/* The same for a number, and for a list of whole numbers, which may be empty. A double is exact up to 2^53: a larger
 * seed is set as a text. */
EPOCL_API epocl_status epocl_options_set_number(epocl_options *options, const char *name, double number);
EPOCL_API epocl_status epocl_options_set_list(epocl_options *options, const char *name, const size_t *values,
                                              size_t count);

/* Writes the value as a text that epocl_options_set() takes, "none" where there is none. EPOCL_ERROR_ARGUMENT where it
 * does not fit `capacity` bytes, its end included. */
EPOCL_API epocl_status epocl_options_get(const epocl_options *options, const char *name, char *text, size_t capacity);

typedef enum epocl_option_type {
    EPOCL_OPTION_FLAG,   /* on or off                             */
    EPOCL_OPTION_CHOICE, /* one of `choices`                      */
    EPOCL_OPTION_TEXT,   /* words; `choices`, if any, begin them  */
    EPOCL_OPTION_WHOLE,  /* a whole number                        */
    EPOCL_OPTION_REAL,   /* a number                              */
    EPOCL_OPTION_WHOLES, /* whole numbers with commas between     */
    EPOCL_OPTION_REALS   /* numbers with commas between           */
} epocl_option_type;

typedef enum epocl_option_scope {
    EPOCL_OPTION_OF_NETWORK,  /* read by epocl_network_create()                      */
    EPOCL_OPTION_OF_TRAINING, /* by epocl_trainer_create(): what training computes   */
    EPOCL_OPTION_OF_DEVICE    /* likewise: how the device does it                    */
} epocl_option_scope;

/* One option; texts are static. */
typedef struct epocl_option_info {
    const char *name;
    const char *also; /* another name that is taken for it; NULL without */
    epocl_option_type type;
    epocl_option_scope scope;
    const char *argument;       /* a word for its value, as a manual has it           */
    const char *default_value;  /* NULL: none                                         */
    const char *const *choices; /* ends with NULL; one that ends with a colon goes on freely. NULL without */
    char range[96];             /* "1 to 20", "above 0 and below 1", or the choices; "" without bounds     */
    const char *help;           /* half a line */
    const char *group;          /* heading in a manual */
    int is_fact;                /* a checkpoint is of one value, and a resumed run has the same        */
    int is_kept;                /* `epocl train` keeps it in a run's config.json                       */
    int can_change;             /* it may be another when a run is resumed                             */
} epocl_option_info;

/* The option in place `index` from 0 on; EPOCL_ERROR_ARGUMENT past the last. */
EPOCL_API epocl_status epocl_options_list_sized(size_t index, epocl_option_info *info, size_t info_bytes);
static inline epocl_status epocl_options_list(size_t index, epocl_option_info *info) {
    return epocl_options_list_sized(index, info, sizeof *info);
}

/* Called with a sentence on each slow stage of a trainer's creation (compiling, timing); NULL, as at first: the message
 * of its device, epocl_device_set_message(). */
EPOCL_API void epocl_options_set_message(epocl_options *options, void (*message)(const char *text, void *user),
                                         void *user);

/* Called now and then while a long epoch runs, on the thread that runs it: the device is through with `done` samples of
 * `total`, those to train on and then those to validate on. The device does not wait for it. It may call
 * epocl_trainer_stop(). NULL, as at first: nobody. */
EPOCL_API void epocl_options_set_progress(epocl_options *options,
                                          void (*progress)(size_t done, size_t total, void *user), void *user);

/* ---- 5. Networks ----------------------------------------------------------------------------- */

/* A network's description and, once trained or loaded, its parameters, in host memory. */
typedef struct epocl_network epocl_network;

/* A network that fits `dataset`: as many inputs as it has, an output for each class or target value, inputs normalised
 * by statistics of this data set, which the network keeps. It has no parameters until epocl_trainer_read(). */
EPOCL_API epocl_status epocl_network_create(const epocl_dataset *dataset, const epocl_options *options,
                                            epocl_network **network);

/* A network to train further, on `dataset`: shape, functions, input normalisation and parameters are those of `base`.
 * Where it has another number of outputs than `dataset` has classes, or than the option classes says (no other option
 * is read), only the hidden layers are, and the output layer is drawn anew when it is trained. For a network of a table
 * the data set is one that epocl_table_encode() made for it. EPOCL_ERROR_DATA for other inputs. */
EPOCL_API epocl_status epocl_network_create_from(const epocl_network *base, const epocl_dataset *dataset,
                                                 const epocl_options *options, epocl_network **network);

/* A network is one safetensors file: `layers.N.weight` [n_out, n_in] and `layers.N.bias` [n_out] in fp32; everything
 * else in its metadata. It is written whole or not at all. */
EPOCL_API epocl_status epocl_network_save(const epocl_network *network, const char *path);
EPOCL_API epocl_status epocl_network_load(const char *path, epocl_network **network);

EPOCL_API void epocl_network_release(epocl_network *network);

/* Layers are counted from 0 (the first hidden layer, or the output layer if there is none). */
EPOCL_API size_t epocl_network_layer_count(const epocl_network *network);
EPOCL_API size_t epocl_network_input_count(const epocl_network *network);
EPOCL_API size_t epocl_network_output_count(const epocl_network *network, size_t layer);
EPOCL_API size_t epocl_network_parameter_count(const epocl_network *network);
EPOCL_API const char *epocl_network_activation(const epocl_network *network);
EPOCL_API const char *epocl_network_cost(const epocl_network *network);
/* Activation of the outputs, such as "softmax". */
EPOCL_API const char *epocl_network_output(const epocl_network *network);
EPOCL_API const char *epocl_network_normalization(const epocl_network *network);
/* What the outputs stand for, by the data that it was created for, and its cost: "classes", of which one is right;
 * "multi-label", units that say no or yes each by itself; "values", numbers to predict. */
EPOCL_API const char *epocl_network_targets(const epocl_network *network);

/* EPOCL_ERROR_DATA, with what it is, unless the data's inputs and, if there are any, its targets fit the network. */
EPOCL_API epocl_status epocl_network_check(const epocl_network *network, const epocl_dataset *dataset);

/* The parameters of a layer, row-major [n_out, n_in] and [n_out]; NULL before training. The memory is the network's and
 * holds until the next change or release. */
EPOCL_API const float *epocl_network_weights(const epocl_network *network, size_t layer);
EPOCL_API const float *epocl_network_biases(const epocl_network *network, size_t layer);

/* ---- 6. Trainers ----------------------------------------------------------------------------- */

/* Trains one network on one device by mini-batch gradient descent. */
typedef struct epocl_trainer epocl_trainer;

typedef struct epocl_epoch_result {
    size_t epoch;          /* 1 for the first                                         */
    size_t sample_count;   /* trained in this epoch                                   */
    double train_cost;     /* mean over the samples, each before its own update       */
    double train_accuracy; /* likewise; NaN of values to predict                      */
    double valid_cost;     /* after the epoch; NaN without validation data            */
    double valid_accuracy;
    double seconds;      /* of training, validation not included                                                     */
    double train_rmse;   /* root of the mean squared error over all outputs, of values with cost squared; NaN of others.
                          * In the unit of a table's target; of several targets, each divided by its deviation */
    double valid_rmse;   /* likewise                                                                          */
    double valid_figure; /* what the option monitor names: cost, accuracy or a metric; NaN without validation data */
} epocl_epoch_result;

/* Compiles the kernels, uploads the data and the network's parameters (or draws initial ones from the seed). `valid`
 * may be NULL. The data sets are not needed any more afterwards. */
EPOCL_API epocl_status epocl_trainer_create(epocl_device *device, const epocl_network *network,
                                            const epocl_dataset *train, const epocl_dataset *valid,
                                            const epocl_options *options, epocl_trainer **trainer);

/* Trains on every sample once, in a new order, and evaluates the validation data. Returns EPOCL_STOPPED after
 * epocl_trainer_stop(), with the parameters of the last whole mini-batch; the next call goes on with the rest of that
 * epoch, or of its validation, and its result is that of the whole. Returns EPOCL_ERROR_DIVERGED when the cost is not
 * finite; after this and other failures the trainer is of no more use, and says so with the same status. */
EPOCL_API epocl_status epocl_trainer_run_epoch_sized(epocl_trainer *trainer, epocl_epoch_result *result,
                                                     size_t result_bytes);
static inline epocl_status epocl_trainer_run_epoch(epocl_trainer *trainer, epocl_epoch_result *result) {
    return epocl_trainer_run_epoch_sized(trainer, result, sizeof *result);
}

/* Asks a running epoch to end after the mini-batch in progress, of training or validation data; between epochs, the
 * next one to end before its first. From any thread, not from a signal handler. */
EPOCL_API void epocl_trainer_stop(epocl_trainer *trainer);

/* Copies the parameters from the device into `network`, which must have the trainer's shape. */
EPOCL_API epocl_status epocl_trainer_read(epocl_trainer *trainer, epocl_network *network);

EPOCL_API void epocl_trainer_release(epocl_trainer *trainer);

/* Why training ends. */
typedef enum epocl_end {
    EPOCL_END_NONE,     /* it goes on                                                         */
    EPOCL_END_EPOCHS,   /* as many epochs are finished as were wanted                         */
    EPOCL_END_PATIENCE, /* there was no improvement in as many epochs as the option patience says */
    EPOCL_END_SECONDS   /* training has taken as long as the option max-seconds says          */
} epocl_end;

/* What the epochs so far say of a run, those before a resume included. */
typedef struct epocl_progress {
    epocl_end end;
    size_t epoch_count;   /* finished                                                                    */
    size_t best_epoch;    /* the first with the best figure of those that the option monitor names; 0: none, or
                             no validation data                                                          */
    double best_figure;   /* NaN without                                                                 */
    size_t waited;        /* epochs since the last improvement, which is at least the option min-delta   */
    double train_seconds; /* of training, validation not included                                        */
    double rate_factor;   /* what schedule plateau has made of the learning rate; 1 with other schedules */
} epocl_progress;

/* Whether training is to end, when `epoch_count` epochs are wanted in all. */
EPOCL_API epocl_status epocl_trainer_progress_sized(const epocl_trainer *trainer, size_t epoch_count,
                                                    epocl_progress *so_far, size_t so_far_bytes);
static inline epocl_status epocl_trainer_progress(const epocl_trainer *trainer, size_t epoch_count,
                                                  epocl_progress *so_far) {
    return epocl_trainer_progress_sized(trainer, epoch_count, so_far, sizeof *so_far);
}

/* Runs epochs until there are `epoch_count` in all, or the options patience or max-seconds end the training; `so_far`
 * (may be NULL) says why. `each` (may be NULL) hears of every epoch, and may ask for a stop. Statuses are those of
 * epocl_trainer_run_epoch(): after EPOCL_STOPPED the next call goes on. */
EPOCL_API epocl_status epocl_trainer_fit_sized(epocl_trainer *trainer, size_t epoch_count,
                                               void (*each)(const epocl_epoch_result *result, void *user), void *user,
                                               epocl_progress *so_far, size_t so_far_bytes);
static inline epocl_status epocl_trainer_fit(epocl_trainer *trainer, size_t epoch_count,
                                             void (*each)(const epocl_epoch_result *result, void *user), void *user,
                                             epocl_progress *so_far) {
    return epocl_trainer_fit_sized(trainer, epoch_count, each, user, so_far, sizeof *so_far);
}

/* Copies the parameters after the best epoch into `network`, which must have the trainer's shape. With validation data
 * a trainer keeps them on the device. EPOCL_ERROR_ARGUMENT when no epoch was the best so far. */
EPOCL_API epocl_status epocl_trainer_read_best(epocl_trainer *trainer, epocl_network *network);

/* The epochs finished so far, those before a resume included, and the result of one of them, counted from 0;
 * EPOCL_ERROR_ARGUMENT past the last. */
EPOCL_API size_t epocl_trainer_epoch_count(const epocl_trainer *trainer);
EPOCL_API epocl_status epocl_trainer_history_sized(const epocl_trainer *trainer, size_t index,
                                                   epocl_epoch_result *result, size_t result_bytes);
static inline epocl_status epocl_trainer_history(const epocl_trainer *trainer, size_t index,
                                                 epocl_epoch_result *result) {
    return epocl_trainer_history_sized(trainer, index, result, sizeof *result);
}

/* How the trainer works on its device, such as "layered, matmul tile:8x2x16": a plan and a matmul for the options of a
 * later run. */
EPOCL_API const char *epocl_trainer_plan_name(const epocl_trainer *trainer);

/* What a trainer's creation took, and what it launches now. */
typedef struct epocl_trainer_info {
    double choice_seconds;  /* testing the device and timing what "auto" leaves open, where not remembered */
    double compile_seconds; /* the programs in use; some drivers finish them at the first launch        */
    double upload_seconds;  /* allocating, copying the data and the parameters                           */
    size_t launch_count;    /* of an epoch of training; a library's product counts as one                */
} epocl_trainer_info;

EPOCL_API void epocl_trainer_describe_sized(const epocl_trainer *trainer, epocl_trainer_info *info, size_t info_bytes);
static inline void epocl_trainer_describe(const epocl_trainer *trainer, epocl_trainer_info *info) {
    epocl_trainer_describe_sized(trainer, info, sizeof *info);
}

/* ---- 7. Evaluate and predict ----------------------------------------------------------------- */

/* Means over the samples, or, where they have weights, over the weights. */
typedef struct epocl_evaluation {
    double cost;
    double accuracy; /* of those whose class, as of epocl_predict_classes(), is its label, or all of whose outputs say
                        yes and no rightly; NaN for values to predict */
    size_t sample_count;
} epocl_evaluation;

EPOCL_API epocl_status epocl_evaluate_sized(epocl_device *device, const epocl_network *network,
                                            const epocl_dataset *dataset, epocl_evaluation *evaluation,
                                            size_t evaluation_bytes);
static inline epocl_status epocl_evaluate(epocl_device *device, const epocl_network *network,
                                          const epocl_dataset *dataset, epocl_evaluation *evaluation) {
    return epocl_evaluate_sized(device, network, dataset, evaluation, sizeof *evaluation);
}

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
 * It keeps what it needs of the network and the device. The data goes to the device in pieces, so it may be larger than
 * the device's memory; a CPU without a timeout reads it where it is, during the call. Results do not depend on how
 * often or for what the predictor was used before. */
typedef struct epocl_predictor epocl_predictor;

EPOCL_API epocl_status epocl_predictor_create(epocl_device *device, const epocl_network *network,
                                              epocl_predictor **predictor);

/* Writes outputs as epocl_predict() and classes as epocl_predict_classes() do; one of them may be NULL. */
EPOCL_API epocl_status epocl_predictor_run(epocl_predictor *predictor, const epocl_dataset *dataset, float *outputs,
                                           uint32_t *classes);

/* What one member of an ensemble says by itself, counted from 0; a network by itself is its member 0. */
EPOCL_API epocl_status epocl_predictor_run_member(epocl_predictor *predictor, size_t member,
                                                  const epocl_dataset *dataset, float *outputs, uint32_t *classes);

/* As epocl_evaluate(). The first data whose targets are values, and no labels, compile what that needs. */
EPOCL_API epocl_status epocl_predictor_evaluate_sized(epocl_predictor *predictor, const epocl_dataset *dataset,
                                                      epocl_evaluation *evaluation, size_t evaluation_bytes);
static inline epocl_status epocl_predictor_evaluate(epocl_predictor *predictor, const epocl_dataset *dataset,
                                                    epocl_evaluation *evaluation) {
    return epocl_predictor_evaluate_sized(predictor, dataset, evaluation, sizeof *evaluation);
}

EPOCL_API void epocl_predictor_release(epocl_predictor *predictor);

/* What can be said of predictions and targets: a list of metrics, which are those of classes, of units that say no or
 * yes each by itself (0 and 1 as targets of cost cross-entropy), or of values. Samples count by their weights, if they
 * have any. They are computed in double precision from what the device says of each sample, as it comes, so nothing but
 * a score a sample is kept, and that only where there are two classes. */
typedef struct epocl_metrics epocl_metrics;

EPOCL_API epocl_status epocl_evaluate_metrics(epocl_device *device, const epocl_network *network,
                                              const epocl_dataset *dataset, epocl_metrics **metrics);
EPOCL_API epocl_status epocl_predictor_metrics(epocl_predictor *predictor, const epocl_dataset *dataset,
                                               epocl_metrics **metrics);

typedef enum epocl_metric_kind {
    EPOCL_METRIC_OVERALL, /* a number                                                   */
    EPOCL_METRIC_AVERAGE, /* a number, made of those of each class or output            */
    EPOCL_METRIC_EACH,    /* a number for each class or output                          */
    EPOCL_METRIC_PAIRS    /* a number for each true class with each predicted one       */
} epocl_metric_kind;

/* One of them. docs/math.md has the names, and what they mean. */
typedef struct epocl_metric {
    const char *name;  /* "accuracy", "f1", "confusion_matrix"                                                */
    const char *label; /* as a table has it: "F1"; names and labels are static                                */
    epocl_metric_kind kind;
    size_t rows, columns; /* 1 x 1; classes or outputs x 1; or true classes x predicted classes                  */
    const double *values; /* row-major, NaN where undefined, as the recall of a class that no sample has; memory
                             of `metrics`                                                                        */
} epocl_metric;

/* The metric in place `index` from 0 on, EPOCL_ERROR_ARGUMENT past the last; and that of a name, EPOCL_ERROR_ARGUMENT
 * where there is none for such targets. */
EPOCL_API epocl_status epocl_metrics_at_sized(const epocl_metrics *metrics, size_t index, epocl_metric *metric,
                                              size_t metric_bytes);
static inline epocl_status epocl_metrics_at(const epocl_metrics *metrics, size_t index, epocl_metric *metric) {
    return epocl_metrics_at_sized(metrics, index, metric, sizeof *metric);
}
EPOCL_API epocl_status epocl_metrics_find_sized(const epocl_metrics *metrics, const char *name, epocl_metric *metric,
                                                size_t metric_bytes);
static inline epocl_status epocl_metrics_find(const epocl_metrics *metrics, const char *name, epocl_metric *metric) {
    return epocl_metrics_find_sized(metrics, name, metric, sizeof *metric);
}

EPOCL_API void epocl_metrics_release(epocl_metrics *metrics);

/* What calibrating has come to. */
typedef struct epocl_calibration {
    double temperature;             /* that the weighted inputs of the outputs were divided by; 1: none was better */
    double cost_before, cost_after; /* of the data set, as epocl_evaluate() says it                               */
} epocl_calibration;

/* Calibrates the probabilities of a network or an ensemble, of cost softmax-cross-entropy or cross-entropy: finds the
 * temperature with which the data set costs least, and divides the last layer's weights and biases by it, of each
 * member, so that everything that takes the network has what follows. The cost never rises. It is to be data that the
 * network was not trained on, and is not to be measured on afterwards. EPOCL_ERROR_ARGUMENT for other costs. */
EPOCL_API epocl_status epocl_network_calibrate_sized(epocl_device *device, epocl_network *network,
                                                     const epocl_dataset *dataset, epocl_calibration *result,
                                                     size_t result_bytes);
static inline epocl_status epocl_network_calibrate(epocl_device *device, epocl_network *network,
                                                   const epocl_dataset *dataset, epocl_calibration *result) {
    return epocl_network_calibrate_sized(device, network, dataset, result, sizeof *result);
}

/* ---- 8. Tables ------------------------------------------------------------------------------- */

/* Columns by name, of numbers or categories, from memory or a file. An encoder that is found on the rows to train on
 * makes a network's inputs of them; the data set carries it to the network that epocl_network_create() makes, which
 * keeps and saves it. Predictions of numbers come back in the unit of the target. */
typedef struct epocl_table epocl_table;

#define EPOCL_MISSING UINT32_MAX /* the code of a missing category; a missing number is NaN */

EPOCL_API epocl_status epocl_table_create(size_t row_count, epocl_table **table);

/* CSV and its kin, npy, npz or LIBSVM, plain or gzip, told by content. */
EPOCL_API epocl_status epocl_table_read(const char *path, epocl_table **table);

/* Add a column of as many values as there are rows. Values and levels are the caller's: they are not copied and must
 * stay until the table's release. Codes are places in `levels`, each of which is there once. */
EPOCL_API epocl_status epocl_table_add_numbers(epocl_table *table, const char *name, const float *numbers);
EPOCL_API epocl_status epocl_table_add_categories(epocl_table *table, const char *name, const uint32_t *codes,
                                                  const char *const *levels, size_t level_count);

/* What columns are for, where it is not to learn from them, in the words of the command line: "features" and "ignore"
 * (lists with commas between), "weights" (how much each row counts), "id", "group" (rows of one value stay in one part
 * when rows are split), "time" (rows are split by its order, the last to validate), each a column's name or number from
 * 1; "task", "classification", "regression" or "auto", as the target looks. The last value holds; NULL takes it back.
 * Names are looked for when rows are split. */
EPOCL_API epocl_status epocl_table_set(epocl_table *table, const char *name, const char *value);

EPOCL_API size_t epocl_table_row_count(const epocl_table *table);
EPOCL_API size_t epocl_table_column_count(const epocl_table *table);
/* NULL past the last. */
EPOCL_API const char *epocl_table_column_name(const epocl_table *table, size_t column);
EPOCL_API void epocl_table_release(epocl_table *table);

/* Makes data sets to train on and, of `valid_fraction` of the rows, of each class alike, to validate on; 0: none, and
 * `valid` may be NULL. `target` names the column to predict, or several numbers with commas between; all others are
 * inputs, unless epocl_table_set() says otherwise. Categories and few whole numbers are classes. `options` has the seed
 * of the split, and the cost: numbers are standardised where it is a difference ("auto", "squared", "absolute",
 * "huber", "quantile") of outputs as they are. */
EPOCL_API epocl_status epocl_table_split(const epocl_table *table, const char *target, const epocl_options *options,
                                         double valid_fraction, epocl_dataset **train, epocl_dataset **valid);

/* A data set as a network that was made for one of epocl_table_split() takes it, by the columns' names;
 * EPOCL_ERROR_DATA names one that lacks. With `with_targets`, of the rows that have them. */
EPOCL_API epocl_status epocl_table_encode(const epocl_table *table, const epocl_network *network, int with_targets,
                                          epocl_dataset **dataset);

/* The name of a class of such a network; NULL where there is none. It holds as long as the network. */
EPOCL_API const char *epocl_network_class_name(const epocl_network *network, size_t index);

/* A column that such a network takes, or its target. Texts hold as long as the network. */
typedef struct epocl_network_column {
    const char *name;
    int is_target;
    const char *const *levels; /* of categories, or classes: their names; NULL among them is the missing one */
    size_t level_count;        /* 0: numbers                                                               */
} epocl_network_column;

/* The column in place `index` from 0 on, inputs before targets; EPOCL_ERROR_ARGUMENT past the last. */
EPOCL_API epocl_status epocl_network_column_at_sized(const epocl_network *network, size_t index,
                                                     epocl_network_column *column, size_t column_bytes);
static inline epocl_status epocl_network_column_at(const epocl_network *network, size_t index,
                                                   epocl_network_column *column) {
    return epocl_network_column_at_sized(network, index, column, sizeof *column);
}

/* ---- 9. Checkpoints -------------------------------------------------------------------------- */

/* Writes a checkpoint: all that training goes on from, after an epoch or within one that was stopped. It is written
 * whole or not at all, ends with a checksum, and can be loaded as a network, too. EPOCL_ERROR_DIVERGED when a parameter
 * is not finite. */
EPOCL_API epocl_status epocl_trainer_save(epocl_trainer *trainer, const char *path);

/* A checkpoint in host memory. EPOCL_ERROR_DATA when the file is damaged or no checkpoint. */
typedef struct epocl_checkpoint epocl_checkpoint;
EPOCL_API epocl_status epocl_checkpoint_load(const char *path, epocl_checkpoint **checkpoint);
/* The network after the best epoch, or NULL; it holds as long as the checkpoint. */
EPOCL_API const epocl_network *epocl_checkpoint_best(const epocl_checkpoint *checkpoint);
EPOCL_API void epocl_checkpoint_release(epocl_checkpoint *checkpoint);

/* As epocl_trainer_create, but goes on where the checkpoint's trainer stood, with its matmul: on the same device and
 * driver, parameters, history and order of samples will be those of an uninterrupted run, byte for byte. Data other
 * than the checkpoint's is EPOCL_ERROR_DATA, another value of an option that is a fact EPOCL_ERROR_ARGUMENT; other
 * options may have others. The options' message hears of what will make a difference. */
EPOCL_API epocl_status epocl_trainer_resume(epocl_device *device, const epocl_checkpoint *checkpoint,
                                            const epocl_dataset *train, const epocl_dataset *valid,
                                            const epocl_options *options, epocl_trainer **trainer);

/* What a checkpoint tells of its run: texts in memory of the checkpoint, printable, of at most 95 bytes. */
typedef struct epocl_checkpoint_info {
    size_t epoch_count; /* finished                                                               */
    float learning_rate;
    const char *train_data, *valid_data; /* "60000 x 784 bytes, CRC-32 1a2b3c4d" (or floats); "none"               */
    const char *matmul;                  /* as the option has it: "tile:8x2x16"                                    */
    const char *device, *driver, *epocl; /* the device's name, its platform and driver's version, epocl's version  */
} epocl_checkpoint_info;

EPOCL_API void epocl_checkpoint_describe_sized(const epocl_checkpoint *checkpoint, epocl_checkpoint_info *info,
                                               size_t info_bytes);
static inline void epocl_checkpoint_describe(const epocl_checkpoint *checkpoint, epocl_checkpoint_info *info) {
    epocl_checkpoint_describe_sized(checkpoint, info, sizeof *info);
}

/* The value that an option had, as epocl_options_get(): of those that epocl_option_info calls facts. The batch size is
 * no larger than the data. */
EPOCL_API epocl_status epocl_checkpoint_option(const epocl_checkpoint *checkpoint, const char *name, char *text,
                                               size_t capacity);

/* ---- 10. Populations ------------------------------------------------------------------------- */

/* Many networks, trained at once on one device: its members. Each is a trainer on a queue of its own that keeps to one
 * compute unit as far as that is possible (option plan: auto), so that they meet nowhere. What a member computes is bit
 * for bit what a trainer by itself does with the same seed, options and matmul, whatever the other members are. Data
 * sets that several members are given are on the device once, and need not be kept after a member is added. Where the
 * device's memory does not hold all members, some wait in host memory: a run trains them in waves, as many at once as
 * there is room for, with the same results. */
typedef struct epocl_population epocl_population;

/* At most `worker_count` members train at the same time, each in a thread of the host that mostly waits; 0: as many as
 * suit the device. */
EPOCL_API epocl_status epocl_population_create(epocl_device *device, size_t worker_count,
                                               epocl_population **population);

/* Adds a member, as epocl_trainer_create() and epocl_trainer_resume() make a trainer; `*member` is its number: they are
 * counted from 0, and a number is not used again. Option tune has no effect on the plan, which is not timed. Networks
 * of the same shape, functions, optimiser and batch size share their programs. */
EPOCL_API epocl_status epocl_population_add(epocl_population *population, const epocl_network *network,
                                            const epocl_dataset *train, const epocl_dataset *valid,
                                            const epocl_options *options, size_t *member);
EPOCL_API epocl_status epocl_population_resume(epocl_population *population, const epocl_checkpoint *checkpoint,
                                               const epocl_dataset *train, const epocl_dataset *valid,
                                               const epocl_options *options, size_t *member);

/* Trains until each member has `epoch_count` epochs in all, or its option patience or max-seconds has ended it, or it
 * has diverged; those that are furthest behind first. `each` (may be NULL) hears of every epoch, in the calling thread,
 * in the order in which they end, which is another each time; it may ask for a stop, and nothing else of the
 * population. EPOCL_STOPPED after epocl_population_stop(), with members unfinished: the next call goes on. A member
 * that diverges is no failure of the population; with another failure of a member, no further epoch begins, and its
 * status is returned. */
EPOCL_API epocl_status epocl_population_run(epocl_population *population, size_t epoch_count,
                                            void (*each)(size_t member, const epocl_epoch_result *result, void *user),
                                            void *user);

/* Asks a run to end after the mini-batches in progress; between runs, the next one to end at once. From any thread, not
 * from a signal handler. */
EPOCL_API void epocl_population_stop(epocl_population *population);

/* The trainer of a member, to read between runs: parameters, progress, history, checkpoints. It is the population's.
 * NULL for one that was dropped. */
EPOCL_API size_t epocl_population_member_count(const epocl_population *population); /* ever added */
EPOCL_API epocl_trainer *epocl_population_member(const epocl_population *population, size_t member);

/* EPOCL_OK, or why a member is trained no more: EPOCL_ERROR_DIVERGED, or another failure. Not for one that was
 * dropped. */
EPOCL_API epocl_status epocl_population_status(const epocl_population *population, size_t member);

/* Releases what a member has on the device, and its trainer. Between runs. */
EPOCL_API epocl_status epocl_population_drop(epocl_population *population, size_t member);

typedef struct epocl_population_info {
    size_t member_count, dropped_count; /* ever added; of those, dropped                */
    size_t worker_count;                /* members that train at the same time, at most */
    size_t data_set_count;              /* on the device                                */
    uint64_t data_set_bytes;            /* of them, on the device                       */
    uint64_t member_bytes;              /* of the members' own buffers, on the device   */
    size_t waiting_count;               /* members that are in host memory at present   */
} epocl_population_info;

EPOCL_API void epocl_population_describe_sized(const epocl_population *population, epocl_population_info *info,
                                               size_t info_bytes);
static inline void epocl_population_describe(const epocl_population *population, epocl_population_info *info) {
    epocl_population_describe_sized(population, info, sizeof *info);
}

EPOCL_API void epocl_population_release(epocl_population *population);

/* ---- 11. Ensembles --------------------------------------------------------------------------- */

/* A model may be an ensemble of networks that answer together: with the mean of their outputs, in which a member counts
 * by its share; shares sum to 1. A network by itself is its only member. What is asked of an ensemble's layers above is
 * answered for its first member, but for the number of parameters, which is that of all. A member is a network like any
 * other, but is its ensemble's and holds as long; NULL past the last. Ensembles are not trained further. */
EPOCL_API size_t epocl_network_member_count(const epocl_network *network);
EPOCL_API const epocl_network *epocl_network_member(const epocl_network *network, size_t index);
EPOCL_API double epocl_network_member_share(const epocl_network *network, size_t index);

/* Makes an ensemble of copies of `count` trained networks that were made for the same data with the same options, but
 * perhaps other hidden layers. `weights`, whole numbers from 1 on, say how much each counts; NULL: alike. */
EPOCL_API epocl_status epocl_network_create_ensemble(const epocl_network *const *members, const uint32_t *weights,
                                                     size_t count, epocl_network **ensemble);

/* Trains many networks and chooses, after each epoch, those whose mean answers are best on the validation data: among
 * what the ensemble is so far, the networks as they are now, and the best that each has been. The choice is greedy,
 * with repetition, of at most 32 (R. Caruana et al., 2004); the best ensemble so far is kept, in host memory, as are
 * the members' latest and best parameters. */
typedef struct epocl_ensemble epocl_ensemble;

/* A copy of `options` with other settings for one member of an ensemble: a seed that follows from theirs, and what
 * `names` says, with commas between: "learning-rate" (log-uniform, 0.3 to 3 times theirs), "weight-decay" (log-uniform,
 * 0.1 to 30 times), "dropout" (0, or at even odds uniform to 0.5), "depth" (1 to 3 hidden layers of the first one's
 * size). The same seed and member give the same. */
EPOCL_API epocl_status epocl_options_draw(const epocl_options *options, const char *names, size_t member,
                                          epocl_options **drawn);

/* Makes `member_count` networks and trainers, 1 to 64, each with options of its own, alike in activation, cost and
 * classes. Option patience ends a member; monitor and schedule plateau do not go with ensembles. `valid` must stay
 * until the release; `train` is not needed any more afterwards. */
EPOCL_API epocl_status epocl_ensemble_create(epocl_device *device, const epocl_dataset *train,
                                             const epocl_dataset *valid, const epocl_options *const *options,
                                             size_t member_count, epocl_ensemble **ensemble);

typedef struct epocl_ensemble_epoch {
    size_t epoch;            /* 1 for the first                                                      */
    size_t sample_count;     /* trained in this epoch, by all members                                */
    size_t trained_count;    /* members that were trained in it: others have had their best          */
    size_t best_member;      /* the one that has been best by itself, counted from 0                 */
    size_t network_count;    /* different networks in the best ensemble so far                       */
    size_t best_epoch;       /* when it was found                                                    */
    double train_cost;       /* mean of those that were trained                                      */
    double valid_cost;       /* of the best ensemble so far                                          */
    double latest_cost;      /* of the one that this epoch's networks make                           */
    double best_member_cost; /* of the best member so far, by itself                                 */
    double seconds;          /* of training and of the choice                                        */
} epocl_ensemble_epoch;

/* Trains every member for an epoch that is not at its end, and chooses. EPOCL_STOPPED after epocl_ensemble_stop(): the
 * next call goes on. A member that diverges is left out from then on. Where the last ones do, the ensemble is at its
 * end, without a further epoch: `*result` is that of the last; EPOCL_ERROR_DIVERGED where no network has had a finite
 * cost. */
EPOCL_API epocl_status epocl_ensemble_run_epoch_sized(epocl_ensemble *ensemble, epocl_ensemble_epoch *result,
                                                      size_t result_bytes);
static inline epocl_status epocl_ensemble_run_epoch(epocl_ensemble *ensemble, epocl_ensemble_epoch *result) {
    return epocl_ensemble_run_epoch_sized(ensemble, result, sizeof *result);
}

/* The epochs finished so far, those before a resume included, and the result of one of them, counted from 0;
 * EPOCL_ERROR_ARGUMENT past the last. */
EPOCL_API size_t epocl_ensemble_epoch_count(const epocl_ensemble *ensemble);
EPOCL_API epocl_status epocl_ensemble_history_sized(const epocl_ensemble *ensemble, size_t index,
                                                    epocl_ensemble_epoch *result, size_t result_bytes);
static inline epocl_status epocl_ensemble_history(const epocl_ensemble *ensemble, size_t index,
                                                  epocl_ensemble_epoch *result) {
    return epocl_ensemble_history_sized(ensemble, index, result, sizeof *result);
}

/* Why training ends, of `epoch_count` epochs that are wanted: EPOCL_END_PATIENCE after 10 epochs without a better
 * ensemble, and when all members are at their end. */
EPOCL_API epocl_end epocl_ensemble_end(const epocl_ensemble *ensemble, size_t epoch_count);

/* Asks a running epoch to end after the mini-batches in progress. From any thread, not from a signal handler. */
EPOCL_API void epocl_ensemble_stop(epocl_ensemble *ensemble);

/* The best ensemble so far, as a network of its own; a single network where one is best alone. EPOCL_ERROR_ARGUMENT
 * before the first epoch, EPOCL_ERROR_DIVERGED where no network has had a finite validation cost. */
EPOCL_API epocl_status epocl_ensemble_read(const epocl_ensemble *ensemble, epocl_network **network);

/* Writes a checkpoint of the ensemble, a file of its own kind: all that its training goes on from, after an epoch or
 * within one that was stopped, whole or not at all and with a checksum. In host memory it is held whole meanwhile. */
EPOCL_API epocl_status epocl_ensemble_save(epocl_ensemble *ensemble, const char *path);

/* A checkpoint of an ensemble in host memory. EPOCL_ERROR_DATA when the file is damaged or another's. */
typedef struct epocl_ensemble_checkpoint epocl_ensemble_checkpoint;
EPOCL_API epocl_status epocl_ensemble_checkpoint_load(const char *path, epocl_ensemble_checkpoint **checkpoint);
EPOCL_API void epocl_ensemble_checkpoint_release(epocl_ensemble_checkpoint *checkpoint);

/* As epocl_ensemble_create, but goes on where the checkpoint's ensemble stood: with the same options, data, device and
 * driver it comes to the same ensemble as without a stop, byte for byte. Other data are EPOCL_ERROR_DATA, another
 * number of members and another value of an option that is a fact EPOCL_ERROR_ARGUMENT. */
EPOCL_API epocl_status epocl_ensemble_resume(epocl_device *device, const epocl_ensemble_checkpoint *checkpoint,
                                             const epocl_dataset *train, const epocl_dataset *valid,
                                             const epocl_options *const *options, size_t member_count,
                                             epocl_ensemble **ensemble);

/* How a trainer of a member works, as epocl_trainer_plan_name(). */
EPOCL_API const char *epocl_ensemble_plan_name(const epocl_ensemble *ensemble);

EPOCL_API void epocl_ensemble_release(epocl_ensemble *ensemble);

/* ---- 12. Other programs' models -------------------------------------------------------------- */

/* Writes a trained network as what other programs run: `format` is "onnx", "c" (a header and a source), "c-int8"
 * (likewise, weights rounded to 8 bits; the files say how far off that is), "safetensors" (the parameters of a PyTorch
 * Sequential; not of a network of tables); NULL: as the ending of `path` says. Each file is written whole or not at
 * all. `prefix` begins the names in C, and is NULL for other formats; NULL in C: the file's own name. */
EPOCL_API epocl_status epocl_network_export(const epocl_network *network, const char *format, const char *prefix,
                                            const char *path);

/* Makes a network of what another program trained: safetensors of a PyTorch Sequential of Linear modules, or an ONNX
 * file that is a fully connected network. `activation`, `cost` and `output` are texts as of the options activation,
 * cost and output-activation, or NULL. A safetensors file does not say what is computed with its parameters, so the
 * first two must be given; an ONNX file says it, and what contradicts it is EPOCL_ERROR_ARGUMENT. A file that is no
 * such network is EPOCL_ERROR_DATA: the sentence names the operator or tensor that does not belong to one. */
EPOCL_API epocl_status epocl_network_import(const char *path, const char *activation, const char *cost,
                                            const char *output, epocl_network **network);

/* ---- 13. Open folders, memory ---------------------------------------------------------------- */

/* epocl_network_save() and epocl_network_load() in an open folder, for programs that lock it: `folder` is its
 * descriptor, `name` that of a file right in it. The file is that folder's wherever its path leads by then, and a
 * symbolic link under that name is not followed: saving replaces it, loading is EPOCL_ERROR_NO_INPUT. With folder -1,
 * `name` is a path. */
EPOCL_API epocl_status epocl_network_save_at(const epocl_network *network, int folder, const char *name);
EPOCL_API epocl_status epocl_network_load_at(int folder, const char *name, epocl_network **network);

/* epocl_trainer_save() there. The checkpoint keeps the parameters after the best epoch, for the trainer that goes on
 * from it; `best` (NULL: they are read from the device), of the trainer's shape, is taken for them. */
EPOCL_API epocl_status epocl_trainer_save_at(epocl_trainer *trainer, const epocl_network *best, int folder,
                                             const char *name);
EPOCL_API epocl_status epocl_checkpoint_load_at(int folder, const char *name, epocl_checkpoint **checkpoint);

/* Checkpoints of ensembles, likewise. */
EPOCL_API epocl_status epocl_ensemble_save_at(epocl_ensemble *ensemble, int folder, const char *name);
EPOCL_API epocl_status epocl_ensemble_checkpoint_load_at(int folder, const char *name,
                                                         epocl_ensemble_checkpoint **checkpoint);

/* Files in memory: `*bytes` is the content of one, for epocl_memory_release(). */
EPOCL_API epocl_status epocl_network_save_memory(const epocl_network *network, void **bytes, size_t *byte_count);
EPOCL_API epocl_status epocl_network_load_memory(const void *bytes, size_t byte_count, epocl_network **network);
EPOCL_API epocl_status epocl_trainer_save_memory(epocl_trainer *trainer, void **bytes, size_t *byte_count);
EPOCL_API epocl_status epocl_checkpoint_load_memory(const void *bytes, size_t byte_count,
                                                    epocl_checkpoint **checkpoint);

/* Accepts NULL. */
EPOCL_API void epocl_memory_release(void *bytes);

/* ---- 14. Plans and profiles ------------------------------------------------------------------ */

/* What a training run allocates on the device and launches in a step, without doing either. */
typedef struct epocl_plan epocl_plan;

EPOCL_API epocl_status epocl_plan_create(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                                         const epocl_dataset *valid, const epocl_options *options, epocl_plan **plan);
EPOCL_API void epocl_plan_release(epocl_plan *plan);

typedef struct epocl_plan_info {
    char name[96]; /* as epocl_trainer_plan_name(); "auto" is described untimed, as layered */
    size_t buffer_count;
    size_t launch_count; /* of one training step */
    uint64_t total_bytes;
} epocl_plan_info;

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

EPOCL_API void epocl_plan_describe_sized(const epocl_plan *plan, epocl_plan_info *info, size_t info_bytes);
static inline void epocl_plan_describe(const epocl_plan *plan, epocl_plan_info *info) {
    epocl_plan_describe_sized(plan, info, sizeof *info);
}

/* One of its buffers, or of its launches in order, counted from 0; EPOCL_ERROR_ARGUMENT past the last. */
EPOCL_API epocl_status epocl_plan_buffer_at_sized(const epocl_plan *plan, size_t index, epocl_plan_buffer *buffer,
                                                  size_t buffer_bytes);
static inline epocl_status epocl_plan_buffer_at(const epocl_plan *plan, size_t index, epocl_plan_buffer *buffer) {
    return epocl_plan_buffer_at_sized(plan, index, buffer, sizeof *buffer);
}
EPOCL_API epocl_status epocl_plan_launch_at_sized(const epocl_plan *plan, size_t index, epocl_plan_launch *launch,
                                                  size_t launch_bytes);
static inline epocl_status epocl_plan_launch_at(const epocl_plan *plan, size_t index, epocl_plan_launch *launch) {
    return epocl_plan_launch_at_sized(plan, index, launch, sizeof *launch);
}

/* With a non-zero value, a trainer keeps the times of launches for epocl_trainer_profile(), and its plan. */
EPOCL_API void epocl_options_set_profile(epocl_options *options, int is_profiled);

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
    size_t epoch;          /* 0: none has begun                                       */
    size_t launch_count;   /* at most 100,000                                         */
    size_t left_out_count; /* later launches of the epoch, for which there was no room */
} epocl_profile;

/* The last epoch, whole or not, of a trainer created with epocl_options_set_profile(), and its launches in the order of
 * the queue, counted from 0. Such a trainer works on a queue of its own in the device's context, asks for times only
 * when a pass has ended, and keeps the plan that its creation chose. In a resident plan there is a launch for each
 * slice, whose FLOP and bytes are those of the steps that it did; what a step makes for itself alone counts no bytes.
 * Texts are the trainer's and hold until its next epoch or release. A driver that gives no times, or times that
 * contradict the order of the launches, is EPOCL_ERROR_OPENCL here and not in epocl_trainer_run_epoch(). */
EPOCL_API epocl_status epocl_trainer_profile_sized(const epocl_trainer *trainer, epocl_profile *profile,
                                                   size_t profile_bytes);
static inline epocl_status epocl_trainer_profile(const epocl_trainer *trainer, epocl_profile *profile) {
    return epocl_trainer_profile_sized(trainer, profile, sizeof *profile);
}
EPOCL_API epocl_status epocl_trainer_profile_launch_sized(const epocl_trainer *trainer, size_t index,
                                                          epocl_profile_launch *launch, size_t launch_bytes);
static inline epocl_status epocl_trainer_profile_launch(const epocl_trainer *trainer, size_t index,
                                                        epocl_profile_launch *launch) {
    return epocl_trainer_profile_launch_sized(trainer, index, launch, sizeof *launch);
}

#ifdef __cplusplus
}
#endif
#endif /* EPOCL_H */
