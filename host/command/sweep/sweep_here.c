#include "command/sweep/sweep_here.h"

#include "command/run/run_data.h"
#include "command/sweep/sweep.h"

static sweep_here *here_of(sweep_workers *w) {
    return (sweep_here *)w;
}

/* ---- Where a member is ------------------------------------------------------------------------ */

/* Its number among the members that are here. */
static size_t own_number(const sweep_here *h, size_t number) {
    return (number - h->first) / h->step;
}

static epocl_population *population_of(const sweep_here *h, size_t number) {
    return sweep_devices_population(&h->devices, own_number(h, number));
}

static size_t place_of(const sweep_here *h, size_t number) {
    return sweep_devices_place(&h->devices, own_number(h, number));
}

static epocl_trainer *trainer_of(const sweep_here *h, size_t number) {
    return epocl_population_member(population_of(h, number), place_of(h, number));
}

/* ---- Ways ------------------------------------------------------------------------------------- */

static epocl_status add(sweep_workers *w, size_t number, const memory_block *checkpoint) {
    epocl_status status = EPOCL_OK;
    epocl_checkpoint *from = NULL;
    epocl_network *network = NULL;
    size_t place;
    const sweep_here *h = here_of(w);
    const sweep *s = h->sweep;
    const epocl_options *options = &s->members[number].options;
    epocl_population *population = population_of(h, number);
    if (checkpoint->byte_count > 0) {
        TRY(epocl_checkpoint_load_memory(checkpoint->bytes, checkpoint->byte_count, &from));
        TRY(epocl_population_resume(population, from, s->data, s->valid, options, &place));
    } else {
        TRY(run_data_create_network(s->given, s->data, options, &network));
        TRY(epocl_population_add(population, network, s->data, s->valid, options, &place));
    }
cleanup:
    if (status != EPOCL_OK) fail_prefix(status, "member %zu: ", number);
    epocl_network_release(network);
    epocl_checkpoint_release(from);
    return status;
}

static epocl_status settle(sweep_workers *w) {
    (void)w;
    return EPOCL_OK;
}

/* Who hears of an epoch of the sweep's member, of which the devices know its number here. */
typedef struct listener {
    const sweep_here *here;
    sweep_hear *hear;
    void *user;
} listener;

static void hear_own(size_t own, const epocl_epoch_result *result, void *user) {
    const listener *l = user;
    l->hear(l->here->first + own * l->here->step, result, l->user);
}

static epocl_status run(sweep_workers *w, size_t epoch_count, sweep_hear *hear, void *user) {
    listener l = {here_of(w), hear, user};
    return sweep_devices_run(&here_of(w)->devices, epoch_count, hear_own, &l);
}

static void stop(sweep_workers *w) {
    sweep_devices_stop(&here_of(w)->devices);
}

static epocl_status end_of(sweep_workers *w, size_t number) {
    return epocl_population_status(population_of(here_of(w), number), place_of(here_of(w), number));
}

static epocl_status look(sweep_workers *w, size_t number, size_t epoch_count, member_result *result) {
    const sweep_here *h = here_of(w);
    return member_result_read(trainer_of(h, number), h->sweep->given->library.training.monitor, epoch_count, result);
}

static epocl_status save(sweep_workers *w, size_t number, memory_block *checkpoint) {
    return epocl_trainer_save_memory(trainer_of(here_of(w), number), &checkpoint->bytes, &checkpoint->byte_count);
}

static epocl_status best(sweep_workers *w, size_t number, epocl_network **network) {
    const sweep_here *h = here_of(w);
    const sweep *s = h->sweep;
    const epocl_status status = run_data_create_network(s->given, s->data, &s->members[number].options, network);
    return status == EPOCL_OK ? epocl_trainer_read_best(trainer_of(h, number), *network) : status;
}

static epocl_status drop(sweep_workers *w, size_t number) {
    return epocl_population_drop(population_of(here_of(w), number), place_of(here_of(w), number));
}

static epocl_status describe(sweep_workers *w, size_t place, sweep_place *described) {
    const sweep_here *h = here_of(w);
    *described = (sweep_place){.where = ""};
    epocl_device_describe(h->devices.devices[place], &described->device);
    epocl_population_describe(h->devices.populations[place], &described->population);
    return EPOCL_OK;
}

static const sweep_workers_ways ways = {.add = add,
                                        .settle = settle,
                                        .run = run,
                                        .stop = stop,
                                        .end_of = end_of,
                                        .look = look,
                                        .save = save,
                                        .best = best,
                                        .drop = drop,
                                        .describe = describe};

/* ---- Creation --------------------------------------------------------------------------------- */

epocl_status sweep_here_open(const sweep *of, size_t first, size_t step, device_share share, sweep_here *here) {
    epocl_status status = EPOCL_OK;
    *here = (sweep_here){.workers = {.ways = &ways}, .sweep = of, .first = first, .step = step};
    TRY(sweep_devices_open(of->given, share, &here->devices));
    TRY(sweep_devices_populate(&here->devices, (size_t)of->given->workers));
    here->workers.place_count = here->devices.count;
cleanup:
    return status;
}

void sweep_here_release(sweep_here *here) {
    sweep_devices_release(&here->devices);
}
