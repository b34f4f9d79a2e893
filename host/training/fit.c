/* A trainer's epochs up to their end, and what they say of it. */
#include "base/checked.h"
#include "base/result.h"
#include "training/trainer.h"

epocl_status epocl_trainer_progress_sized(const epocl_trainer *trainer, size_t epoch_count, epocl_progress *so_far,
                                          size_t so_far_bytes) {
    if (!trainer || !so_far) return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_progress: NULL argument");
    const monitor *m = &trainer->monitor;
    const epocl_progress made = {.end = monitor_end(m, &trainer->options.training, trainer->epoch, epoch_count),
                                 .epoch_count = trainer->epoch,
                                 .best_epoch = m->best_epoch,
                                 .best_figure = m->best,
                                 .waited = m->waited,
                                 .train_seconds = m->seconds,
                                 .rate_factor = m->rate};
    result_write(so_far, so_far_bytes, &made, sizeof made);
    return EPOCL_OK;
}

epocl_status epocl_trainer_fit_sized(epocl_trainer *trainer, size_t epoch_count,
                                     void (*each)(const epocl_epoch_result *result, void *user), void *user,
                                     epocl_progress *so_far, size_t so_far_bytes) {
    epocl_status status = EPOCL_OK;
    epocl_progress made = {0};
    epocl_epoch_result result;
    if (!trainer) return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_fit: trainer is NULL");
    for (;;) {
        TRY(epocl_trainer_progress(trainer, epoch_count, &made));
        if (made.end != EPOCL_END_NONE) break;
        TRY(epocl_trainer_run_epoch(trainer, &result));
        if (each) each(&result, user);
    }
cleanup:
    if (so_far) result_write(so_far, so_far_bytes, &made, sizeof made);
    return status;
}
