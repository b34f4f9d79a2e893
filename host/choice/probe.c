#include "choice/probe.h"
#include "base/clock.h"
#include "base/random.h"
#include "choice/plan_choice.h"
#include "data/dataset.h"
#include "execution/parameters.h"
#include "model/network.h"

#include <math.h>

/* A step of a small probe costs about the first; an epoch of a whole one about the second. */
static const double small_flop = 20e6, epoch_flop = 10e9;
enum { SMALL_STEPS = 4, LEAST_STEPS = 4, BRIEF_STEPS = 48, MOST_STEPS = 2000, RUNS = 4 };

static size_t scale_count(size_t count, double factor) {
    const double scaled = (double)count * factor;
    return scaled < 2.0 ? smaller(count, 2) : (size_t)scaled;
}

/* Noise, in as many classes as there are outputs. */
static epocl_status create_data(probe *p, size_t input_count, size_t class_count, size_t sample_count) {
    epocl_status status = EPOCL_OK;
    uint8_t *inputs = NULL;
    uint32_t *labels = NULL;
    TRY(allocate(sample_count * input_count, sizeof *inputs, "probe inputs", &inputs));
    TRY(allocate(sample_count, sizeof *labels, "probe labels", &labels));
    for (size_t i = 0; i < sample_count * input_count; i++)
        inputs[i] = (uint8_t)random_word(1, 0, RANDOM_SPLIT, 1, (uint32_t)i, 0);
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): no layer is empty, as network_allocate() has checked. */
    for (size_t i = 0; i < sample_count; i++) labels[i] = (uint32_t)(i % class_count);
    TRY(epocl_dataset_from_bytes(inputs, labels, sample_count, input_count, class_count, &p->data));
cleanup:
    free(inputs);
    free(labels);
    return status;
}

/* A network of that shape; hidden layers, inputs and the mini-batch are scaled by `factor`. */
static epocl_status create(probe *p, const epocl_network *network, size_t batch_size, double factor, size_t steps) {
    epocl_status status = EPOCL_OK;
    size_t counts[NETWORK_MAX_LAYERS + 1];
    *p = (probe){0};
    counts[0] = scale_count(network->layers[0].input_count, factor);
    for (size_t l = 0; l < network->layer_count; l++) {
        const size_t count = network->layers[l].output_count;
        counts[l + 1] = l + 1 == network->layer_count ? count : scale_count(count, factor);
    }
    p->options = training_of_seed();
    p->options.batch_size = scale_count(batch_size, factor);
    TRY(network_allocate(counts, network->layer_count, &p->network));
    TRY(network_take_functions(network, p->network));
    for (size_t i = 0; i < counts[0]; i++) p->network->input_scale[i] = 1.0f / 255.0f;
    TRY(create_data(p, counts[0], counts[network->layer_count], p->options.batch_size * steps));
cleanup:
    if (status != EPOCL_OK) probe_release(p);
    return status;
}

epocl_status probe_create_small(probe *p, const epocl_network *network, size_t batch_size) {
    const double factor = fmin(1.0, cbrt(small_flop / step_flop(network, batch_size)));
    const epocl_status status = create(p, network, batch_size, factor, SMALL_STEPS);
    p->options.plan = (plan_request){.is_auto = false}; /* layered */
    return status;
}

epocl_status probe_create_whole(probe *p, const epocl_network *network, size_t batch_size, tune_level level) {
    const double fitting = epoch_flop / step_flop(network, batch_size);
    const double steps = fmin(fmax(fitting, LEAST_STEPS), level == TUNE_FULL ? MOST_STEPS : BRIEF_STEPS);
    const epocl_status status = create(p, network, batch_size, 1.0, (size_t)steps);
    p->options.tune = (int)level;
    p->options.learning_rate = 0.0; /* as long as any other, and nothing diverges while it is timed */
    return status;
}

void probe_release(probe *p) {
    epocl_network_release(p->network);
    epocl_dataset_release(p->data);
    *p = (probe){0};
}

/* Trains for an epoch; what groups that do not come together leave of it is launched by itself. One with a cost that is
 * not finite ends early: then its time is infinite, like its cost. */
static epocl_status train_epoch(training_run *run, plan_choice *plan_, double *step_seconds, double *cost) {
    epocl_status status = EPOCL_OK;
    pass *train = &run->train;
    epoch_state state;
    *step_seconds = *cost = INFINITY;
    if (train->rests) TRY(pass_resume(train));
    const double begin = seconds_now();
    TRY(pass_enqueue_begin(train));
    TRY(pass_enqueue_steps(train, 0, NULL, NULL));
    TRY(pass_read_state(train, &state));
    if (pass_gave_up(train, &state)) {
        pass_rest(train);
        TRY(pass_enqueue_steps(train, state.first, NULL, NULL));
        TRY(pass_read_state(train, &state));
    }
    if (state.nonfinite_step) return EPOCL_OK;
    *step_seconds = (seconds_now() - begin) / (double)steps_of_epoch(train->plan);
    *cost = (double)state.cost + (double)state.cost_compensation;
    TRY(plan_reconsider(plan_, *step_seconds));
cleanup:
    return status;
}

epocl_status probe_run(probe *p, epocl_device *device, const matmul_choice *choice, double *step_seconds) {
    epocl_status status = EPOCL_OK;
    run_plan planned = {0};
    training_run run = {0};
    plan_choice plan_;
    epoch_state position;
    double seconds;
    *step_seconds = INFINITY;
    p->network->has_parameters = false;
    TRY(run_plan_create(&planned, &device->info, p->network, p->data, NULL, &p->options, choice, false));
    TRY(training_run_create(&run, device, &planned, p->network, p->data, NULL, NULL));
    TRY(plan_choose(&plan_, &run, p->network, &p->options));
    TRY(training_run_begin(&run, p->network, &position));
    TRY(train_epoch(&run, &plan_, &seconds, &p->first_cost));
    TRY(parameters_read(parameters_result(&planned.parameters), &run.executable, p->network));
    for (int epoch = 1; epoch < RUNS; epoch++) {
        TRY(train_epoch(&run, &plan_, &seconds, &p->last_cost));
        *step_seconds = fmin(*step_seconds, seconds);
    }
cleanup:
    training_run_release(&run);
    run_plan_release(&planned);
    return status;
}

double probe_difference(const probe *a, const probe *b) {
    double difference = 0.0, magnitude = 0.0;
    for (size_t l = 0; l < a->network->layer_count; l++) {
        const layer *one = &a->network->layers[l], *other = &b->network->layers[l];
        for (size_t i = 0; i < one->input_count * one->output_count; i++) {
            const double d = fabs((double)one->weights[i] - (double)other->weights[i]);
            if (!(d <= difference)) difference = isfinite(d) ? d : INFINITY;
            magnitude = fmax(magnitude, fabs((double)other->weights[i]));
        }
    }
    return difference / magnitude;
}
