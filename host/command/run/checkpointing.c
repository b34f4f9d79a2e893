#include "command/run/checkpointing.h"

#include "base/checked.h"
#include "base/clock.h"
#include "command/system/signals.h"

#include <math.h>
#include <string.h>

/* A run of many short epochs must not write history after each, and a slow disk must not stop training: seconds between
 * two writes, and how many times what the last one took. */
static const double history_seconds = 1, history_share = 50;

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

/* Whether the trainer has had a new best epoch. */
static void heed_best(checkpointing *c) {
    epocl_progress so_far;
    if (epocl_trainer_progress(c->trainer, 0, &so_far) != EPOCL_OK || so_far.best_epoch == c->best_epoch) return;
    c->best_epoch = so_far.best_epoch;
    c->best_is_new = true;
}

checkpointing checkpointing_begin(run_folder *folder, epocl_trainer *trainer, epocl_network *network,
                                  const epocl_checkpoint *resumed, interval every) {
    checkpointing c = {
        .folder = folder, .trainer = trainer, .network = network, .every = every, .history_due = -INFINITY};
    c.saved_epochs = epocl_trainer_epoch_count(trainer);
    if (!resumed) return c;
    heed_best(&c);
    c.best_is_new = false;
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

/* The trainer's best parameters in host memory; they are read when they are to be written, not after each epoch. */
static epocl_status fetch_best(checkpointing *c) {
    if (!c->best_is_new) return EPOCL_OK;
    c->best = NULL; /* should this fail there is none */
    const epocl_status status = epocl_trainer_read_best(c->trainer, c->network);
    if (status != EPOCL_OK) return status;
    c->best = c->network;
    c->best_is_new = false;
    c->best_is_due = true;
    return EPOCL_OK;
}

void checkpointing_step(checkpointing *c) {
    c->has_new_steps = true;
}

epocl_status checkpointing_epoch(checkpointing *c) {
    checkpointing_step(c);
    heed_best(c);
    return seconds_now() >= c->history_due ? write_history(c, false) : EPOCL_OK;
}

bool checkpointing_due(const checkpointing *c) {
    const size_t count = epocl_trainer_epoch_count(c->trainer);
    return signals_want_save() || (c->every.epochs && count >= c->saved_epochs + c->every.epochs);
}

epocl_status checkpointing_save_results(checkpointing *c) {
    epocl_status status = EPOCL_OK;
    TRY(write_history(c, true));
    TRY(fetch_best(c));
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
