#include "population/population.h"

#include "base/plural.h"
#include "base/result.h"
#include "device/wait.h"
#include "execution/pass.h"

#include <inttypes.h>
#include <string.h>

/* Workers for each compute unit of a CPU: while one waits for its launches, another has enqueued its own. Elsewhere a
 * compute unit has one: an H100 ran the kernels of 64 queues at once, as fast as that of one. */
enum { WORKERS_PER_CORE = 2, MOST_ELSEWHERE = 64, MOST_WORKERS = 256 };

/* Of the device's memory, where several members are on it: for predictors, the driver and other programs. */
enum { SHARE_OF_OTHERS = 8 };

static size_t default_workers(const epocl_device_info *info) {
    const size_t units = info->compute_units,
                 wanted = info->type == EPOCL_DEVICE_CPU ? WORKERS_PER_CORE * units : smaller(units, MOST_ELSEWHERE);
    return smaller(wanted ? wanted : 1, MOST_WORKERS);
}

epocl_status epocl_population_create(epocl_device *device, size_t worker_count, epocl_population **population) {
    epocl_status status = EPOCL_OK;
    epocl_population *p = NULL;
    if (population) *population = NULL;
    if (!device || !population) return fail(EPOCL_ERROR_ARGUMENT, "epocl_population_create: NULL argument");
    if (worker_count > MOST_WORKERS)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_population_create: at most %d members are trained at once, not %zu",
                    MOST_WORKERS, worker_count);
    TRY(device_enter(device));
    TRY(allocate(1, sizeof *p, "a population", &p));
    p->device = device_hold(device_main(device));
    p->worker_count = worker_count ? worker_count : default_workers(&device->info);
    pthread_mutex_init(&p->lock, NULL);
    *population = p;
cleanup:
    return status;
}

static void release_member(population_member *m) {
    epocl_trainer_release(m->trainer);
    free(m->failure_text);
    *m = (population_member){0};
}

void epocl_population_release(epocl_population *population) {
    if (!population) return;
    for (size_t i = 0; i < population->count; i++) release_member(&population->members[i]);
    for (size_t i = 0; i < population->data_count; i++) device_dataset_release(population->data[i]);
    free(population->members);
    free(population->data);
    pthread_mutex_destroy(&population->lock);
    epocl_device_release(population->device);
    free(population);
}

/* Room for one more in an array of `count` that has room for `*capacity`; what is new is zero. */
static epocl_status make_room(void *array, size_t count, size_t *capacity, size_t bytes, const char *what) {
    void *grown = NULL;
    if (count < *capacity) return EPOCL_OK;
    const size_t larger = *capacity ? 2 * *capacity : 16;
    const epocl_status status = allocate(larger, bytes, what, &grown);
    if (status != EPOCL_OK) return status;
    if (count > 0) memcpy(grown, *(void **)array, count * bytes);
    free(*(void **)array);
    *(void **)array = grown;
    *capacity = larger;
    return EPOCL_OK;
}

/* ---- data sets ---- */

static uint64_t data_bytes(const epocl_population *p) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < p->data_count; i++) bytes += device_dataset_bytes(p->data[i]);
    return bytes;
}

static uint64_t member_bytes(const epocl_population *p) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < p->count; i++) bytes += p->members[i].is_parked ? 0 : p->members[i].own_bytes;
    return bytes;
}

uint64_t population_taken_bytes(const epocl_population *p) {
    const uint64_t members = member_bytes(p),
                   others = members > 0 ? p->device->info.global_memory_bytes / SHARE_OF_OTHERS : 0;
    return data_bytes(p) + members + others;
}

/* Those that no member uses any more make room. */
static void drop_unused_data(epocl_population *p) {
    size_t kept = 0;
    for (size_t i = 0; i < p->data_count; i++) {
        if (atomic_load(&p->data[i]->holder_count) > 1)
            p->data[kept++] = p->data[i];
        else
            device_dataset_release(p->data[i]);
    }
    p->data_count = kept;
}

/* The data set on the device, from now on if it was not there yet; NULL for none. The population holds it. */
static epocl_status find_data(epocl_population *p, const epocl_dataset *dataset, device_dataset **found) {
    epocl_status status = EPOCL_OK;
    *found = NULL;
    if (!dataset) return EPOCL_OK;
    for (size_t i = 0; i < p->data_count; i++)
        if (p->data[i]->identity == dataset->identity) *found = p->data[i];
    if (*found) return EPOCL_OK;
    TRY(make_room(&p->data, p->data_count, &p->data_capacity, sizeof *p->data, "the data sets of a population"));
    TRY(device_dataset_create(p->device, dataset, population_taken_bytes(p), found));
    p->data[p->data_count++] = *found;
cleanup:
    return status;
}

/* ---- members ---- */

static epocl_status check_idle(epocl_population *p, const char *caller) {
    pthread_mutex_lock(&p->lock);
    const bool is_running = p->is_running;
    pthread_mutex_unlock(&p->lock);
    return is_running ? fail(EPOCL_ERROR_ARGUMENT, "%s: the population is being trained", caller) : EPOCL_OK;
}

/* Launches what begins an epoch of the pass, and its step without a mini-batch, for which no kernel does anything,
 * unless it is resident; then the pass is where it was. */
static epocl_status launch_idle(pass *idle) {
    enum { TIMES = 2 };
    epocl_status status = EPOCL_OK;
    epoch_state before, none;
    TRY(pass_read_state(idle, &before));
    for (int i = 0; i < TIMES; i++) TRY(pass_begin_again(idle, &before));
    none = before;
    none.batch_count = 0;
    TRY(pass_write_state(idle, &none));
    if (shape_is_layered(idle->shape)) TRY(pass_bind_step(idle));
    const bound_sequence *step = shape_is_layered(idle->shape) ? &idle->bound_step : &idle->bound_written;
    for (int i = 0; i < TIMES && idle->shape.group_count == 0; i++)
        TRY(bound_sequence_enqueue(step, idle->plan->batch.batch_size));
    TRY(pass_write_state(idle, &before));
cleanup:
    return status;
}

/* PoCL (3.1 at least) tells apart what runs at the same time by kernel and work-group, and ends the program where a
 * kernel runs in a range that is larger than any before while another member's smaller one ends. After two launches of
 * each range it does not. So a new member launches its own before others run, and its first ones have ended. */
static epocl_status launch_first(epocl_device *lane, training_run *run, bool has_valid) {
    epocl_status status = EPOCL_OK;
    if (strcmp(lane->info.platform_name, "Portable Computing Language") == 0) {
        TRY(launch_idle(&run->train));
        if (has_valid) TRY(launch_idle(&run->valid));
    }
    TRY(device_finish(lane, lane->queue, "a new member"));
cleanup:
    return status;
}

/* A further member: of a network, or where a checkpoint stands; one of them is NULL. */
static epocl_status try_to_add(epocl_population *p, const epocl_network *network, const epocl_checkpoint *checkpoint,
                               const epocl_dataset *train, const epocl_dataset *valid, const epocl_options *options,
                               size_t *index) {
    epocl_status status = EPOCL_OK;
    epocl_device *lane = NULL;
    data_loan loan = {0};
    population_member made = {0};
    TRY(make_room(&p->members, p->count, &p->capacity, sizeof *p->members, "the members of a population"));
    TRY(find_data(p, train, &loan.train));
    TRY(find_data(p, valid, &loan.valid));
    loan.taken_bytes = population_taken_bytes(p);
    TRY(device_open_lane(p->device, false, &lane));
    if (checkpoint)
        TRY(trainer_resume(lane, checkpoint, train, valid, &options->training, &loan, &made.trainer));
    else
        TRY(trainer_create(lane, network, train, valid, &options->training, &loan, &made.trainer));
    TRY(launch_first(lane, &made.trainer->run, valid != NULL));
    made.own_bytes = executable_own_bytes(&made.trainer->run.executable);
    *index = p->count;
    p->members[p->count++] = made;
    made.trainer = NULL;
cleanup:
    epocl_trainer_release(made.trainer);
    epocl_device_release(lane); /* the trainer holds it */
    drop_unused_data(p);
    return status;
}

size_t population_waiting_count(const epocl_population *p) {
    size_t count = 0;
    for (size_t i = 0; i < p->count; i++) count += p->members[i].is_parked;
    return count;
}

void population_say_waves(const epocl_population *p, const epocl_options *options) {
    size_t count = 0;
    const training_options heard = training_heard_by(device_main(p->device), &options->training);
    for (size_t i = 0; i < p->count; i++) count += p->members[i].trainer && !p->members[i].is_parked;
    options_say(&heard,
                "the device's memory has room for %zu network%s at once: the others wait in host memory for their turn",
                count, plural_s(count));
}

/* Members that are there make room, one after another, as long as there are some; the first time, that is said. */
static epocl_status add(epocl_population *p, const epocl_network *network, const epocl_checkpoint *checkpoint,
                        const epocl_dataset *train, const epocl_dataset *valid, const epocl_options *options,
                        size_t *index) {
    epocl_status status = EPOCL_OK;
    TRY(check_idle(p, "epocl_population_add"));
    TRY(device_enter(p->device));
    const bool was_whole = population_waiting_count(p) == 0;
    for (bool has_made_room = true; has_made_room;) {
        epocl_status parked = EPOCL_OK;
        status = try_to_add(p, network, checkpoint, train, valid, options, index);
        if (status != EPOCL_ERROR_MEMORY) break;
        pthread_mutex_lock(&p->lock);
        has_made_room = population_park_one(p, 0, &parked);
        pthread_mutex_unlock(&p->lock);
        if (parked != EPOCL_OK) return parked;
    }
    if (status == EPOCL_OK && was_whole && population_waiting_count(p) > 0) population_say_waves(p, options);
cleanup:
    return status;
}

epocl_status epocl_population_add(epocl_population *population, const epocl_network *network,
                                  const epocl_dataset *train, const epocl_dataset *valid, const epocl_options *options,
                                  size_t *member) {
    if (!population || !network || !train || !options || !member)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_population_add: NULL argument");
    return add(population, network, NULL, train, valid, options, member);
}

epocl_status epocl_population_resume(epocl_population *population, const epocl_checkpoint *checkpoint,
                                     const epocl_dataset *train, const epocl_dataset *valid,
                                     const epocl_options *options, size_t *member) {
    if (!population || !checkpoint || !train || !options || !member)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_population_resume: NULL argument");
    return add(population, NULL, checkpoint, train, valid, options, member);
}

/* The member, unless there is none of that number or it is dropped: EPOCL_ERROR_ARGUMENT, naming the caller. */
static epocl_status member_at(const epocl_population *p, size_t index, const char *caller, population_member **found) {
    *found = NULL;
    if (index >= p->count)
        return fail(EPOCL_ERROR_ARGUMENT, "%s: there is no member %zu in a population of %zu", caller, index, p->count);
    if (!p->members[index].trainer) return fail(EPOCL_ERROR_ARGUMENT, "%s: member %zu is dropped", caller, index);
    *found = &p->members[index];
    return EPOCL_OK;
}

size_t epocl_population_member_count(const epocl_population *population) {
    return population ? population->count : 0;
}

epocl_trainer *epocl_population_member(const epocl_population *population, size_t index) {
    return population && index < population->count ? population->members[index].trainer : NULL;
}

epocl_status epocl_population_status(const epocl_population *population, size_t index) {
    population_member *m = NULL;
    if (!population) return fail(EPOCL_ERROR_ARGUMENT, "epocl_population_status: NULL argument");
    const epocl_status status = member_at(population, index, "epocl_population_status", &m);
    if (status != EPOCL_OK || m->failure == EPOCL_OK) return status;
    return fail(m->failure, "%s", m->failure_text ? m->failure_text : epocl_status_name(m->failure));
}

epocl_status epocl_population_drop(epocl_population *population, size_t index) {
    epocl_status status = EPOCL_OK;
    population_member *m = NULL;
    if (!population) return fail(EPOCL_ERROR_ARGUMENT, "epocl_population_drop: NULL argument");
    TRY(check_idle(population, "epocl_population_drop"));
    TRY(member_at(population, index, "epocl_population_drop", &m));
    release_member(m);
    drop_unused_data(population);
cleanup:
    return status;
}

void epocl_population_describe_sized(const epocl_population *population, epocl_population_info *info,
                                     size_t info_bytes) {
    epocl_population_info made = {.member_count = population->count,
                                  .worker_count = population->worker_count,
                                  .data_set_count = population->data_count,
                                  .data_set_bytes = data_bytes(population),
                                  .member_bytes = member_bytes(population)};
    made.waiting_count = population_waiting_count(population);
    for (size_t i = 0; i < population->count; i++) made.dropped_count += !population->members[i].trainer;
    result_write(info, info_bytes, &made, sizeof made);
}
