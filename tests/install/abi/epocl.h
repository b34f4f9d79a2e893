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
EPOCL_API const char *epocl_version(void);
typedef enum epocl_status {
    EPOCL_OK = 0,
    EPOCL_ERROR_ARGUMENT,
    EPOCL_ERROR_NO_INPUT,
    EPOCL_ERROR_DATA,
    EPOCL_ERROR_DEVICE,
    EPOCL_ERROR_OPENCL,
    EPOCL_ERROR_MEMORY,
    EPOCL_ERROR_SELF_TEST,
    EPOCL_ERROR_CREATE,
    EPOCL_ERROR_WRITE,
    EPOCL_ERROR_DIVERGED,
    EPOCL_STOPPED,
    EPOCL_ERROR_TIMEOUT
} epocl_status;
EPOCL_API const char *epocl_status_name(epocl_status status);
EPOCL_API const char *epocl_cache_folder(void);
EPOCL_API const char *epocl_last_error(void);
typedef struct epocl_device epocl_device;
typedef enum epocl_device_type { EPOCL_DEVICE_CPU, EPOCL_DEVICE_GPU, EPOCL_DEVICE_OTHER } epocl_device_type;
typedef struct epocl_device_info {
    size_t index;
    size_t platform;
    size_t device;
    epocl_device_type type;
    char name[256];
    char vendor[256];
    char platform_name[256];
    char device_version[256];
    char driver_version[256];
    uint64_t global_memory_bytes;
    uint64_t max_allocation_bytes;
    uint64_t local_memory_bytes;
    size_t max_work_group_size;
    unsigned compute_units;
    unsigned native_vector_width;
    char self_test[16];
    char unusable[128];
} epocl_device_info;
typedef struct epocl_platform_info {
    char name[256];
    char vendor[256];
    char version[256];
    size_t device_count;
    char failure[128];
} epocl_platform_info;
EPOCL_API epocl_status epocl_platforms_list_sized(epocl_platform_info *infos, size_t capacity, size_t *count,
                                                  size_t infos_bytes);
EPOCL_API epocl_status epocl_devices_list_sized(epocl_device_info *infos, size_t capacity, size_t *count,
                                                size_t infos_bytes);
EPOCL_API epocl_status epocl_device_open(const char *selector, epocl_device **device);
struct _cl_context;
struct _cl_command_queue;
EPOCL_API epocl_status epocl_device_from_opencl(struct _cl_context *context, struct _cl_command_queue *queue,
                                                epocl_device **device);
EPOCL_API epocl_status epocl_device_set_timeout(epocl_device *device, double seconds);
EPOCL_API epocl_status epocl_device_set_message(epocl_device *device, void (*message)(const char *text, void *user),
                                                void *user);
EPOCL_API void epocl_device_describe_sized(const epocl_device *device, epocl_device_info *info, size_t info_bytes);
EPOCL_API void epocl_device_release(epocl_device *device);
EPOCL_API epocl_status epocl_device_self_test(epocl_device *device);
EPOCL_API epocl_status epocl_device_trust(epocl_device *device, int is_trusted);
typedef struct epocl_device_speed {
    double fma_flop_per_second;
    double copy_bytes_per_second;
    double launch_seconds;
} epocl_device_speed;
EPOCL_API epocl_status epocl_device_measure_sized(epocl_device *device, epocl_device_speed *speed, size_t speed_bytes);
typedef struct epocl_dataset epocl_dataset;
EPOCL_API epocl_status epocl_dataset_load(const char *inputs_path, const char *targets_path, epocl_dataset **dataset);
EPOCL_API epocl_status epocl_dataset_from_floats(const float *inputs, const uint32_t *labels, size_t sample_count,
                                                 size_t input_count, size_t class_count, epocl_dataset **dataset);
EPOCL_API epocl_status epocl_dataset_from_bytes(const uint8_t *inputs, const uint32_t *labels, size_t sample_count,
                                                size_t input_count, size_t class_count, epocl_dataset **dataset);
EPOCL_API epocl_status epocl_dataset_set_values(epocl_dataset *dataset, const float *values, size_t output_count);
EPOCL_API epocl_status epocl_dataset_set_weights(epocl_dataset *dataset, const float *weights);
EPOCL_API epocl_status epocl_dataset_load_weights(epocl_dataset *dataset, const char *path);
EPOCL_API epocl_status epocl_dataset_split(const epocl_dataset *dataset, double fraction, uint64_t seed,
                                           epocl_dataset **first, epocl_dataset **second);
EPOCL_API size_t epocl_dataset_sample_count(const epocl_dataset *dataset);
EPOCL_API size_t epocl_dataset_input_count(const epocl_dataset *dataset);
EPOCL_API size_t epocl_dataset_class_count(const epocl_dataset *dataset);
EPOCL_API size_t epocl_dataset_value_count(const epocl_dataset *dataset);
EPOCL_API epocl_status epocl_dataset_count_classes(const epocl_dataset *dataset, size_t *counts);
EPOCL_API void epocl_dataset_release(epocl_dataset *dataset);
typedef struct epocl_table epocl_table;
#define EPOCL_MISSING UINT32_MAX
EPOCL_API epocl_status epocl_table_create(size_t row_count, epocl_table **table);
EPOCL_API epocl_status epocl_table_read(const char *path, epocl_table **table);
EPOCL_API epocl_status epocl_table_add_numbers(epocl_table *table, const char *name, const float *numbers);
EPOCL_API epocl_status epocl_table_add_categories(epocl_table *table, const char *name, const uint32_t *codes,
                                                  const char *const *levels, size_t level_count);
EPOCL_API epocl_status epocl_table_set(epocl_table *table, const char *name, const char *value);
EPOCL_API size_t epocl_table_row_count(const epocl_table *table);
EPOCL_API size_t epocl_table_column_count(const epocl_table *table);
EPOCL_API const char *epocl_table_column_name(const epocl_table *table, size_t column);
EPOCL_API void epocl_table_release(epocl_table *table);
typedef struct epocl_options epocl_options;
EPOCL_API epocl_status epocl_options_create(epocl_options **options);
EPOCL_API epocl_status epocl_options_copy(const epocl_options *options, epocl_options **copy);
EPOCL_API void epocl_options_release(epocl_options *options);
EPOCL_API epocl_status epocl_options_set(epocl_options *options, const char *name, const char *text);
EPOCL_API epocl_status epocl_options_set_number(epocl_options *options, const char *name, double number);
EPOCL_API epocl_status epocl_options_set_list(epocl_options *options, const char *name, const size_t *values,
                                              size_t count);
EPOCL_API epocl_status epocl_options_get(const epocl_options *options, const char *name, char *text, size_t capacity);
EPOCL_API void epocl_options_set_message(epocl_options *options, void (*message)(const char *text, void *user),
                                         void *user);
EPOCL_API void epocl_options_set_progress(epocl_options *options,
                                          void (*progress)(size_t done, size_t total, void *user), void *user);
EPOCL_API void epocl_options_set_profile(epocl_options *options, int is_profiled);
typedef enum epocl_option_type {
    EPOCL_OPTION_FLAG,
    EPOCL_OPTION_CHOICE,
    EPOCL_OPTION_TEXT,
    EPOCL_OPTION_WHOLE,
    EPOCL_OPTION_REAL,
    EPOCL_OPTION_WHOLES,
    EPOCL_OPTION_REALS
} epocl_option_type;
typedef enum epocl_option_scope {
    EPOCL_OPTION_OF_NETWORK,
    EPOCL_OPTION_OF_TRAINING,
    EPOCL_OPTION_OF_DEVICE
} epocl_option_scope;
typedef struct epocl_option_info {
    const char *name;
    const char *also;
    epocl_option_type type;
    epocl_option_scope scope;
    const char *argument;
    const char *default_value;
    const char *const *choices;
    char range[96];
    const char *help;
    const char *group;
    int is_fact;
    int is_kept;
    int can_change;
} epocl_option_info;
EPOCL_API epocl_status epocl_options_list_sized(size_t index, epocl_option_info *info, size_t info_bytes);
typedef struct epocl_network epocl_network;
EPOCL_API epocl_status epocl_network_create(const epocl_dataset *dataset, const epocl_options *options,
                                            epocl_network **network);
EPOCL_API epocl_status epocl_network_create_from(const epocl_network *base, const epocl_dataset *dataset,
                                                 const epocl_options *options, epocl_network **network);
EPOCL_API epocl_status epocl_network_save(const epocl_network *network, const char *path);
EPOCL_API epocl_status epocl_network_load(const char *path, epocl_network **network);
EPOCL_API epocl_status epocl_network_save_at(const epocl_network *network, int folder, const char *name);
EPOCL_API epocl_status epocl_network_load_at(int folder, const char *name, epocl_network **network);
EPOCL_API epocl_status epocl_network_save_memory(const epocl_network *network, void **bytes, size_t *byte_count);
EPOCL_API epocl_status epocl_network_load_memory(const void *bytes, size_t byte_count, epocl_network **network);
EPOCL_API void epocl_memory_release(void *bytes);
EPOCL_API epocl_status epocl_network_export(const epocl_network *network, const char *format, const char *prefix,
                                            const char *path);
EPOCL_API epocl_status epocl_network_import(const char *path, const char *activation, const char *cost,
                                            const char *output, epocl_network **network);
EPOCL_API size_t epocl_network_layer_count(const epocl_network *network);
EPOCL_API size_t epocl_network_input_count(const epocl_network *network);
EPOCL_API size_t epocl_network_output_count(const epocl_network *network, size_t layer);
EPOCL_API size_t epocl_network_parameter_count(const epocl_network *network);
EPOCL_API const char *epocl_network_activation(const epocl_network *network);
EPOCL_API const char *epocl_network_cost(const epocl_network *network);
EPOCL_API const char *epocl_network_output(const epocl_network *network);
EPOCL_API const char *epocl_network_normalization(const epocl_network *network);
EPOCL_API const char *epocl_network_targets(const epocl_network *network);
EPOCL_API epocl_status epocl_network_check(const epocl_network *network, const epocl_dataset *dataset);
EPOCL_API const float *epocl_network_weights(const epocl_network *network, size_t layer);
EPOCL_API const float *epocl_network_biases(const epocl_network *network, size_t layer);
EPOCL_API epocl_status epocl_table_split(const epocl_table *table, const char *target, const epocl_options *options,
                                         double valid_fraction, epocl_dataset **train, epocl_dataset **valid);
EPOCL_API epocl_status epocl_table_encode(const epocl_table *table, const epocl_network *network, int with_targets,
                                          epocl_dataset **dataset);
EPOCL_API const char *epocl_network_class_name(const epocl_network *network, size_t index);
typedef struct epocl_network_column {
    const char *name;
    int is_target;
    const char *const *levels;
    size_t level_count;
} epocl_network_column;
EPOCL_API epocl_status epocl_network_column_at_sized(const epocl_network *network, size_t index,
                                                     epocl_network_column *column, size_t column_bytes);
EPOCL_API size_t epocl_network_member_count(const epocl_network *network);
EPOCL_API const epocl_network *epocl_network_member(const epocl_network *network, size_t index);
EPOCL_API double epocl_network_member_share(const epocl_network *network, size_t index);
EPOCL_API epocl_status epocl_network_create_ensemble(const epocl_network *const *members, const uint32_t *weights,
                                                     size_t count, epocl_network **ensemble);
EPOCL_API void epocl_network_release(epocl_network *network);
typedef struct epocl_trainer epocl_trainer;
typedef struct epocl_epoch_result {
    size_t epoch;
    size_t sample_count;
    double train_cost;
    double train_accuracy;
    double valid_cost;
    double valid_accuracy;
    double seconds;
    double train_rmse;
    double valid_rmse;
    double valid_figure;
} epocl_epoch_result;
EPOCL_API epocl_status epocl_trainer_create(epocl_device *device, const epocl_network *network,
                                            const epocl_dataset *train, const epocl_dataset *valid,
                                            const epocl_options *options, epocl_trainer **trainer);
EPOCL_API epocl_status epocl_trainer_run_epoch_sized(epocl_trainer *trainer, epocl_epoch_result *result,
                                                     size_t result_bytes);
EPOCL_API void epocl_trainer_stop(epocl_trainer *trainer);
EPOCL_API epocl_status epocl_trainer_read(epocl_trainer *trainer, epocl_network *network);
typedef enum epocl_end {
    EPOCL_END_NONE,
    EPOCL_END_EPOCHS,
    EPOCL_END_PATIENCE,
    EPOCL_END_SECONDS
} epocl_end;
typedef struct epocl_progress {
    epocl_end end;
    size_t epoch_count;
    size_t best_epoch;
    double best_figure;
    size_t waited;
    double train_seconds;
    double rate_factor;
} epocl_progress;
EPOCL_API epocl_status epocl_trainer_progress_sized(const epocl_trainer *trainer, size_t epoch_count,
                                                    epocl_progress *so_far, size_t so_far_bytes);
EPOCL_API epocl_status epocl_trainer_fit_sized(epocl_trainer *trainer, size_t epoch_count,
                                               void (*each)(const epocl_epoch_result *result, void *user), void *user,
                                               epocl_progress *so_far, size_t so_far_bytes);
EPOCL_API epocl_status epocl_trainer_read_best(epocl_trainer *trainer, epocl_network *network);
EPOCL_API size_t epocl_trainer_epoch_count(const epocl_trainer *trainer);
EPOCL_API epocl_status epocl_trainer_history_sized(const epocl_trainer *trainer, size_t index,
                                                   epocl_epoch_result *result, size_t result_bytes);
EPOCL_API epocl_status epocl_trainer_save(epocl_trainer *trainer, const char *path);
EPOCL_API epocl_status epocl_trainer_save_at(epocl_trainer *trainer, const epocl_network *best, int folder,
                                             const char *name);
EPOCL_API epocl_status epocl_trainer_save_memory(epocl_trainer *trainer, void **bytes, size_t *byte_count);
typedef struct epocl_checkpoint epocl_checkpoint;
EPOCL_API epocl_status epocl_checkpoint_load(const char *path, epocl_checkpoint **checkpoint);
EPOCL_API epocl_status epocl_checkpoint_load_at(int folder, const char *name, epocl_checkpoint **checkpoint);
EPOCL_API epocl_status epocl_checkpoint_load_memory(const void *bytes, size_t byte_count,
                                                    epocl_checkpoint **checkpoint);
EPOCL_API const epocl_network *epocl_checkpoint_best(const epocl_checkpoint *checkpoint);
EPOCL_API void epocl_checkpoint_release(epocl_checkpoint *checkpoint);
typedef struct epocl_checkpoint_info {
    size_t epoch_count;
    float learning_rate;
    const char *train_data, *valid_data;
    const char *matmul;
    const char *device, *driver, *epocl;
} epocl_checkpoint_info;
EPOCL_API void epocl_checkpoint_describe_sized(const epocl_checkpoint *checkpoint, epocl_checkpoint_info *info,
                                               size_t info_bytes);
EPOCL_API epocl_status epocl_checkpoint_option(const epocl_checkpoint *checkpoint, const char *name, char *text,
                                               size_t capacity);
EPOCL_API epocl_status epocl_trainer_resume(epocl_device *device, const epocl_checkpoint *checkpoint,
                                            const epocl_dataset *train, const epocl_dataset *valid,
                                            const epocl_options *options, epocl_trainer **trainer);
EPOCL_API const char *epocl_trainer_plan_name(const epocl_trainer *trainer);
typedef struct epocl_profile_launch {
    const char *kernel;
    const char *detail;
    const char *pass;
    double queued, start, end;
    double flop;
    double bytes;
} epocl_profile_launch;
typedef struct epocl_profile {
    size_t epoch;
    size_t launch_count;
    size_t left_out_count;
} epocl_profile;
EPOCL_API epocl_status epocl_trainer_profile_sized(const epocl_trainer *trainer, epocl_profile *profile,
                                                   size_t profile_bytes);
EPOCL_API epocl_status epocl_trainer_profile_launch_sized(const epocl_trainer *trainer, size_t index,
                                                          epocl_profile_launch *launch, size_t launch_bytes);
typedef struct epocl_trainer_info {
    double choice_seconds;
    double compile_seconds;
    double upload_seconds;
    size_t launch_count;
} epocl_trainer_info;
EPOCL_API void epocl_trainer_describe_sized(const epocl_trainer *trainer, epocl_trainer_info *info, size_t info_bytes);
EPOCL_API void epocl_trainer_release(epocl_trainer *trainer);
typedef struct epocl_population epocl_population;
EPOCL_API epocl_status epocl_population_create(epocl_device *device, size_t worker_count,
                                               epocl_population **population);
EPOCL_API epocl_status epocl_population_add(epocl_population *population, const epocl_network *network,
                                            const epocl_dataset *train, const epocl_dataset *valid,
                                            const epocl_options *options, size_t *member);
EPOCL_API epocl_status epocl_population_resume(epocl_population *population, const epocl_checkpoint *checkpoint,
                                               const epocl_dataset *train, const epocl_dataset *valid,
                                               const epocl_options *options, size_t *member);
EPOCL_API epocl_status epocl_population_run(epocl_population *population, size_t epoch_count,
                                            void (*each)(size_t member, const epocl_epoch_result *result, void *user),
                                            void *user);
EPOCL_API void epocl_population_stop(epocl_population *population);
EPOCL_API size_t epocl_population_member_count(const epocl_population *population);
EPOCL_API epocl_trainer *epocl_population_member(const epocl_population *population, size_t member);
EPOCL_API epocl_status epocl_population_status(const epocl_population *population, size_t member);
EPOCL_API epocl_status epocl_population_drop(epocl_population *population, size_t member);
typedef struct epocl_population_info {
    size_t member_count, dropped_count;
    size_t worker_count;
    size_t data_set_count;
    uint64_t data_set_bytes;
    uint64_t member_bytes;
} epocl_population_info;
EPOCL_API void epocl_population_describe_sized(const epocl_population *population, epocl_population_info *info,
                                               size_t info_bytes);
EPOCL_API void epocl_population_release(epocl_population *population);
typedef struct epocl_ensemble epocl_ensemble;
EPOCL_API epocl_status epocl_options_draw(const epocl_options *options, const char *names, size_t member,
                                          epocl_options **drawn);
EPOCL_API epocl_status epocl_ensemble_create(epocl_device *device, const epocl_dataset *train,
                                             const epocl_dataset *valid, const epocl_options *const *options,
                                             size_t member_count, epocl_ensemble **ensemble);
typedef struct epocl_ensemble_epoch {
    size_t epoch;
    size_t sample_count;
    size_t trained_count;
    size_t best_member;
    size_t network_count;
    size_t best_epoch;
    double train_cost;
    double valid_cost;
    double latest_cost;
    double best_member_cost;
    double seconds;
} epocl_ensemble_epoch;
EPOCL_API epocl_status epocl_ensemble_run_epoch_sized(epocl_ensemble *ensemble, epocl_ensemble_epoch *result,
                                                      size_t result_bytes);
EPOCL_API size_t epocl_ensemble_epoch_count(const epocl_ensemble *ensemble);
EPOCL_API epocl_status epocl_ensemble_history_sized(const epocl_ensemble *ensemble, size_t index,
                                                    epocl_ensemble_epoch *result, size_t result_bytes);
EPOCL_API epocl_end epocl_ensemble_end(const epocl_ensemble *ensemble, size_t epoch_count);
EPOCL_API void epocl_ensemble_stop(epocl_ensemble *ensemble);
EPOCL_API epocl_status epocl_ensemble_read(const epocl_ensemble *ensemble, epocl_network **network);
EPOCL_API epocl_status epocl_ensemble_save(epocl_ensemble *ensemble, const char *path);
EPOCL_API epocl_status epocl_ensemble_save_at(epocl_ensemble *ensemble, int folder, const char *name);
typedef struct epocl_ensemble_checkpoint epocl_ensemble_checkpoint;
EPOCL_API epocl_status epocl_ensemble_checkpoint_load(const char *path, epocl_ensemble_checkpoint **checkpoint);
EPOCL_API epocl_status epocl_ensemble_checkpoint_load_at(int folder, const char *name,
                                                         epocl_ensemble_checkpoint **checkpoint);
EPOCL_API void epocl_ensemble_checkpoint_release(epocl_ensemble_checkpoint *checkpoint);
EPOCL_API epocl_status epocl_ensemble_resume(epocl_device *device, const epocl_ensemble_checkpoint *checkpoint,
                                             const epocl_dataset *train, const epocl_dataset *valid,
                                             const epocl_options *const *options, size_t member_count,
                                             epocl_ensemble **ensemble);
EPOCL_API const char *epocl_ensemble_plan_name(const epocl_ensemble *ensemble);
EPOCL_API void epocl_ensemble_release(epocl_ensemble *ensemble);
typedef struct epocl_evaluation {
    double cost;
    double accuracy;
    size_t sample_count;
} epocl_evaluation;
EPOCL_API epocl_status epocl_evaluate_sized(epocl_device *device, const epocl_network *network,
                                            const epocl_dataset *dataset, epocl_evaluation *evaluation,
                                            size_t evaluation_bytes);
EPOCL_API epocl_status epocl_predict(epocl_device *device, const epocl_network *network, const epocl_dataset *dataset,
                                     float *outputs);
EPOCL_API epocl_status epocl_predict_classes(epocl_device *device, const epocl_network *network,
                                             const epocl_dataset *dataset, uint32_t *classes);
typedef struct epocl_predictor epocl_predictor;
EPOCL_API epocl_status epocl_predictor_create(epocl_device *device, const epocl_network *network,
                                              epocl_predictor **predictor);
EPOCL_API epocl_status epocl_predictor_run(epocl_predictor *predictor, const epocl_dataset *dataset, float *outputs,
                                           uint32_t *classes);
EPOCL_API epocl_status epocl_predictor_run_member(epocl_predictor *predictor, size_t member,
                                                  const epocl_dataset *dataset, float *outputs, uint32_t *classes);
EPOCL_API epocl_status epocl_predictor_evaluate_sized(epocl_predictor *predictor, const epocl_dataset *dataset,
                                                      epocl_evaluation *evaluation, size_t evaluation_bytes);
EPOCL_API void epocl_predictor_release(epocl_predictor *predictor);
typedef struct epocl_metrics epocl_metrics;
EPOCL_API epocl_status epocl_evaluate_metrics(epocl_device *device, const epocl_network *network,
                                              const epocl_dataset *dataset, epocl_metrics **metrics);
EPOCL_API epocl_status epocl_predictor_metrics(epocl_predictor *predictor, const epocl_dataset *dataset,
                                               epocl_metrics **metrics);
typedef enum epocl_metric_kind {
    EPOCL_METRIC_OVERALL,
    EPOCL_METRIC_AVERAGE,
    EPOCL_METRIC_EACH,
    EPOCL_METRIC_PAIRS
} epocl_metric_kind;
typedef struct epocl_metric {
    const char *name;
    const char *label;
    epocl_metric_kind kind;
    size_t rows, columns;
    const double *values;
} epocl_metric;
EPOCL_API epocl_status epocl_metrics_at_sized(const epocl_metrics *metrics, size_t index, epocl_metric *metric,
                                              size_t metric_bytes);
EPOCL_API epocl_status epocl_metrics_find_sized(const epocl_metrics *metrics, const char *name, epocl_metric *metric,
                                                size_t metric_bytes);
EPOCL_API void epocl_metrics_release(epocl_metrics *metrics);
typedef struct epocl_plan epocl_plan;
EPOCL_API epocl_status epocl_plan_create(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                                         const epocl_dataset *valid, const epocl_options *options, epocl_plan **plan);
EPOCL_API void epocl_plan_release(epocl_plan *plan);
typedef struct epocl_plan_info {
    char name[96];
    size_t buffer_count;
    size_t launch_count;
    uint64_t total_bytes;
} epocl_plan_info;
typedef struct epocl_plan_buffer {
    char name[48];
    char purpose[24];
    size_t rows, columns;
    uint64_t bytes;
} epocl_plan_buffer;
typedef struct epocl_plan_launch {
    char kernel[48];
    char detail[64];
    double flop;
} epocl_plan_launch;
EPOCL_API void epocl_plan_describe_sized(const epocl_plan *plan, epocl_plan_info *info, size_t info_bytes);
EPOCL_API epocl_status epocl_plan_buffer_at_sized(const epocl_plan *plan, size_t index, epocl_plan_buffer *buffer,
                                                  size_t buffer_bytes);
EPOCL_API epocl_status epocl_plan_launch_at_sized(const epocl_plan *plan, size_t index, epocl_plan_launch *launch,
                                                  size_t launch_bytes);
#ifdef __cplusplus
}
#endif
#endif
