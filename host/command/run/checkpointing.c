#include "command/run/checkpointing.h"

#include "base/checked.h"
#include "base/clock.h"
#include "command/system/signals.h"

#include <math.h>
#include <string.h>

/* A run of many short epochs must not write history after each, and a slow disk must not stop training: seconds between
 * two writes, and how many times what the last one took. */
static const double history_seconds = 1, history_share = 50;

static bool consider_best(checkpointing *c, const epocl_epoch_result *epoch) {
    if (!isfinite(epoch->valid_cost) || (c->best_epoch && !(epoch->valid_cost < c->best_cost))) return false;
    c->best_epoch = epoch->epoch;
    c->best_cost = epoch->valid_cost;
    return true;
}

/* Networks of one shape. */
static bool has_same_parameters(const epocl_network *one, const epocl_network *other) {
    size_t input_count = epocl_network_input_count(one);
    for (size_t l = 0; l < epocl_network_layer_count(one); l++) {
        const size_t output_count = epocl_network_output_count(one, l);
        const size_t weight_bytes = input_count * output_count * sizeof(float);
        if (memcmp(epocl_network_weights(one, l), epocl_network_weights(other, l), weight_bytes) != 0 ||
            memcmp(epocl_network_biases(one, l), epocl_network_biases(other, l), output_count * sizeof(float)) != 0)
            return false;
        input_count = output_count;
    }
    return true;
}

static bool has_same_shape(const epocl_network *one, const epocl_network *other) {
    const size_t layer_count = epocl_network_layer_count(one);
    bool same = layer_count == epocl_network_layer_count(other) &&
                epocl_network_input_count(one) == epocl_network_input_count(other);
    for (size_t l = 0; same && l < layer_count; l++)
        same = epocl_network_output_count(one, l) == epocl_network_output_count(other, l);
    return same;
}

/* Whether best.safetensors is what it was, or should have been, at the checkpoint. A checkpoint of an
 * earlier epocl does not have the best model: the file then stays. */
static bool best_fits(const checkpointing *c) {
    epocl_network *found = NULL;
    if (!c->best) return c->best_epoch > 0 || !run_folder_best_path(c->folder);
    const bool fits = run_folder_load_best(c->folder, &found) == EPOCL_OK && has_same_shape(c->best, found) &&
                      has_same_parameters(c->best, found);
    epocl_network_release(found);
    return fits;
}

checkpointing checkpointing_begin(run_folder *folder, epocl_trainer *trainer, epocl_network *network,
                                  const epocl_checkpoint *resumed, interval every) {
    checkpointing c = {
        .folder = folder, .trainer = trainer, .network = network, .every = every, .history_due = -INFINITY};
    epocl_epoch_result epoch;
    c.saved_epochs = epocl_trainer_epoch_count(trainer);
    for (size_t i = 0; i < c.saved_epochs; i++)
        if (epocl_trainer_history(trainer, i, &epoch) == EPOCL_OK) consider_best(&c, &epoch);
    if (!resumed) return c;
    c.best = epocl_checkpoint_best(resumed);
    c.best_is_due = !best_fits(&c);
    return c;
}

static epocl_status write_history(checkpointing *c, bool is_synced) {
    epocl_status status = EPOCL_OK;
    epocl_epoch_result *epochs = NULL;
    const size_t count = epocl_trainer_epoch_count(c->trainer);
    const double begin = seconds_now();
    TRY(allocate(count, sizeof *epochs, "the history of a run", &epochs));
    for (size_t i = 0; i < count; i++) TRY(epocl_trainer_history(c->trainer, i, &epochs[i]));
    TRY(run_folder_write_history(c->folder, epochs, count, is_synced));
cleanup:
    free(epochs);
    const double end = seconds_now();
    c->history_due = end + fmax(history_seconds, history_share * (end - begin));
    return status;
}

/* Keeps the parameters of an epoch that has just ended. */
static epocl_status keep_best(checkpointing *c) {
    c->best = NULL; /* should this fail there is none */
    c->best_is_due = false;
    const epocl_status status = epocl_trainer_read(c->trainer, c->network);
    if (status != EPOCL_OK) return status;
    c->best = c->network;
    c->best_is_due = true;
    return EPOCL_OK;
}

void checkpointing_step(checkpointing *c) {
    c->has_new_steps = true;
}

epocl_status checkpointing_epoch(checkpointing *c, const epocl_epoch_result *epoch) {
    epocl_status status = EPOCL_OK;
    checkpointing_step(c);
    if (consider_best(c, epoch)) TRY(keep_best(c));
    if (seconds_now() >= c->history_due) TRY(write_history(c, false));
cleanup:
    return status;
}

bool checkpointing_due(const checkpointing *c) {
    const size_t count = epocl_trainer_epoch_count(c->trainer);
    return signals_want_save() || (c->every.epochs && count >= c->saved_epochs + c->every.epochs);
}

epocl_status checkpointing_save_results(checkpointing *c) {
    epocl_status status = EPOCL_OK;
    TRY(write_history(c, true));
    if (c->best_is_due) TRY(c->best ? run_folder_save_best(c->folder, c->best) : run_folder_remove_best(c->folder));
    c->best_is_due = false;
cleanup:
    return status;
}

epocl_status checkpointing_save(checkpointing *c) {
    epocl_status status = EPOCL_OK;
    signals_saving();
    TRY(checkpointing_save_results(c));
    if (c->has_new_steps) TRY(run_folder_save_checkpoint(c->folder, c->trainer, c->best));
    c->has_new_steps = false;
    c->saved_epochs = epocl_trainer_epoch_count(c->trainer);
cleanup:
    signals_saved();
    return status;
}
