#include "command/checkpointing.h"

#include "command/describe.h"
#include "command/signals.h"

#include <math.h>

/* History is written whole, so that a run of many short epochs must not do it after each. */
static const double history_seconds = 1;

static void consider_best(checkpointing *c, const epocl_epoch_result *epoch) {
    if (!isfinite(epoch->valid_cost) || (c->best_epoch && !(epoch->valid_cost < c->best_cost))) return;
    c->best_epoch = epoch->epoch;
    c->best_cost = epoch->valid_cost;
    c->has_new_best = true;
}

checkpointing checkpointing_begin(run_folder *folder, epocl_trainer *trainer, epocl_network *network, interval every) {
    checkpointing c = {
        .folder = folder, .trainer = trainer, .network = network, .every = every, .history_second = -INFINITY};
    const epocl_epoch_result *history = epocl_trainer_history(trainer, &c.saved_epochs);
    for (size_t i = 0; i < c.saved_epochs; i++) consider_best(&c, &history[i]);
    c.has_new_best = false;
    return c;
}

static epocl_status write_history(checkpointing *c) {
    size_t count = 0;
    const epocl_epoch_result *history = epocl_trainer_history(c->trainer, &count);
    c->history_second = clock_seconds();
    return run_folder_write_history(c->folder, history, count);
}

void checkpointing_step(checkpointing *c) {
    c->has_new_steps = true;
}

epocl_status checkpointing_epoch(checkpointing *c, const epocl_epoch_result *epoch) {
    epocl_status status = EPOCL_OK;
    const size_t best_before = c->best_epoch;
    checkpointing_step(c);
    consider_best(c, epoch);
    if (c->best_epoch != best_before) TRY(epocl_trainer_read(c->trainer, c->network));
    if (clock_seconds() >= c->history_second + history_seconds) TRY(write_history(c));
cleanup:
    return status;
}

bool checkpointing_due(const checkpointing *c) {
    size_t count = 0;
    epocl_trainer_history(c->trainer, &count);
    return signals_want_save() || (c->every.epochs && count >= c->saved_epochs + c->every.epochs);
}

epocl_status checkpointing_save_results(checkpointing *c) {
    epocl_status status = EPOCL_OK;
    TRY(write_history(c));
    if (c->has_new_best) TRY(run_folder_save_best(c->folder, c->network));
    c->has_new_best = false;
cleanup:
    return status;
}

epocl_status checkpointing_save(checkpointing *c) {
    epocl_status status = EPOCL_OK;
    signals_saved();
    TRY(checkpointing_save_results(c));
    if (!c->has_new_steps) return EPOCL_OK;
    TRY(run_folder_save_checkpoint(c->folder, c->trainer));
    c->has_new_steps = false;
    epocl_trainer_history(c->trainer, &c->saved_epochs);
cleanup:
    return status;
}
