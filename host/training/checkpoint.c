/* A trainer to a checkpoint, and back. */
#include "base/files/folder.h"
#include "base/result.h"
#include "choice/matmul.h"
#include "choice/self_test.h"
#include "data/dataset.h"
#include "device/wait.h"
#include "execution/parameters.h"
#include "model/network.h"
#include "steps/matmul_rule.h"
#include "training/class_weights.h"
#include "training/trainer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- facts ---- */

static void describe_dataset(const epocl_dataset *dataset, const device_dataset *lent, char fact[PRINTABLE_CAPACITY]) {
    if (!dataset)
        snprintf(fact, PRINTABLE_CAPACITY, "none");
    else if (lent && device_dataset_has_weights(lent, dataset))
        memcpy(fact, lent->fingerprint, PRINTABLE_CAPACITY);
    else
        dataset_fingerprint(dataset, fact, PRINTABLE_CAPACITY);
}

void facts_describe(run_facts facts, const epocl_dataset *train, const epocl_dataset *valid, const data_loan *loan) {
    memset(facts, 0, sizeof(run_facts));
    describe_dataset(train, loan ? loan->train : NULL, facts[FACT_TRAIN_DATA]);
    describe_dataset(valid, loan ? loan->valid : NULL, facts[FACT_VALID_DATA]);
}

epocl_options options_of_run(const training_options *options, const epocl_dataset *train) {
    epocl_options of_run;
    options_begin(&of_run);
    of_run.training = *options;
    of_run.training.batch_size = smaller(options->batch_size, train->sample_count);
    return of_run;
}

static void describe_device(run_facts facts, const epocl_device_info *info) {
    char driver[2 * PRINTABLE_CAPACITY];
    snprintf(driver, sizeof driver, "%.95s %.95s", info->platform_name, info->driver_version);
    printable(info->name, facts[FACT_DEVICE]);
    printable(driver, facts[FACT_DRIVER]);
    snprintf(facts[FACT_EPOCL], PRINTABLE_CAPACITY, "%s", epocl_version());
}

static epocl_status fail_other(epocl_status status, const char *what, const char *its, const char *given) {
    return fail(status, "the checkpoint is of a run with another %s: %s, not %s", what, its, given);
}

static epocl_status check_facts(const epocl_checkpoint *checkpoint, const epocl_dataset *train,
                                const epocl_dataset *valid, const epocl_options *options, const data_loan *loan) {
    static const struct {
        run_fact fact;
        const char *name;
    } checks[] = {{FACT_TRAIN_DATA, "training data"}, {FACT_VALID_DATA, "validation data"}};
    char its_text[OPTION_TEXT_CAPACITY], given_text[OPTION_TEXT_CAPACITY];
    char words[OPTION_WORDS_CAPACITY];
    run_facts wanted;
    for (size_t i = 0; i < registry_count; i++)
        if (registry[i].is_fact && !option_is_equal(&registry[i], &checkpoint->options, options))
            return fail_other(EPOCL_ERROR_ARGUMENT, option_words(&registry[i], words),
                              option_text(&registry[i], &checkpoint->options, its_text),
                              option_text(&registry[i], options, given_text));
    facts_describe(wanted, train, valid, loan);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        const char *its = checkpoint->facts[checks[i].fact], *given = wanted[checks[i].fact];
        if (strcmp(its, given) != 0) return fail_other(EPOCL_ERROR_DATA, checks[i].name, its, given);
    }
    return EPOCL_OK;
}

/* ---- save ---- */

epocl_status trainer_save(epocl_trainer *trainer, const epocl_network *best, file_place place) {
    epocl_status status = EPOCL_OK;
    epocl_checkpoint checkpoint = {0};
    epocl_network *read = NULL;
    if (!trainer || !place.name) return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_save: NULL argument");
    TRY(device_enter(trainer->device));
    if (best && !trainer_fits(trainer, best))
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_save_at: the network has another shape than the trainer");
    if (trainer->failure != EPOCL_OK)
        return fail(trainer->failure, "%s: not saved: an epoch failed, and there is nothing to go on from", place.name);
    if (!best && trainer->has_best) {
        TRY(network_clone_shape(trainer->run.network, &read));
        TRY(epocl_trainer_read_best(trainer, read));
    }
    const bool is_in_progress = position_is_of_epoch(&trainer->position, trainer->epoch);
    checkpoint = (epocl_checkpoint){.network = trainer->run.network,
                                    .kept = {[KEPT_BEST] = best ? (epocl_network *)best : read}, /* only read */
                                    .position = trainer->position,
                                    .seconds = is_in_progress ? trainer->seconds : 0,
                                    .learning_rate = trainer->planned.recipe.learning_rate,
                                    .history = trainer->history,
                                    .epoch_count = trainer->epoch,
                                    .options = trainer->options};
    memcpy(checkpoint.facts, trainer->facts, sizeof checkpoint.facts);
    describe_device(checkpoint.facts, &trainer->device->info);
    TRY(parameters_read(trainer->planned.parameters.layers, &trainer->run.executable, trainer->run.network));
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (!recipe_keeps(&trainer->planned.recipe, (parameter_slot)i)) continue;
        epocl_network **slot = &checkpoint.kept[KEPT_SLOTS + i];
        TRY(network_clone_shape(trainer->run.network, slot));
        TRY(parameters_read(trainer->planned.parameters.slots[i], &trainer->run.executable, *slot));
    }
    TRY(checkpoint_write(place, &checkpoint));
cleanup:
    for (size_t i = KEPT_SLOTS; i < KEPT_COUNT; i++) epocl_network_release(checkpoint.kept[i]);
    epocl_network_release(read);
    return status;
}

epocl_status epocl_trainer_save_at(epocl_trainer *trainer, const epocl_network *best, int folder, const char *name) {
    return trainer_save(trainer, best, file_at(folder, name));
}

epocl_status epocl_trainer_save(epocl_trainer *trainer, const char *path) {
    return trainer_save(trainer, NULL, file_at(NO_FOLDER, path));
}

epocl_status epocl_trainer_save_memory(epocl_trainer *trainer, void **bytes, size_t *byte_count) {
    memory_block made = {0};
    if (bytes) *bytes = NULL;
    if (!bytes || !byte_count) return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_save_memory: NULL argument");
    const epocl_status status = trainer_save(trainer, NULL, file_in_memory(&made));
    *bytes = made.bytes;
    *byte_count = made.byte_count;
    return status;
}

size_t epocl_trainer_epoch_count(const epocl_trainer *trainer) {
    return trainer->epoch;
}

epocl_status epocl_trainer_history_sized(const epocl_trainer *trainer, size_t index, epocl_epoch_result *result,
                                         size_t result_bytes) {
    if (!trainer || !result) return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_history: NULL argument");
    if (index >= trainer->epoch)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_history: %zu epochs are finished", trainer->epoch);
    result_write(result, result_bytes, &trainer->history[index], sizeof *trainer->history);
    return EPOCL_OK;
}

/* ---- resume ---- */

/* Whether a matmul such as "tile:8x2x16" is the one that was asked for, which may leave the shape open. */
static bool is_asked_for(const char *matmul, const char *asked) {
    const size_t length = strlen(asked);
    return strncmp(matmul, asked, length) == 0 && (matmul[length] == ':' || matmul[length] == '\0');
}

/* The checkpoint's matmul on its device, else what the options say. */
static epocl_status choose_matmul(epocl_device *device, const epocl_checkpoint *checkpoint, const epocl_dataset *train,
                                  const training_options *options, matmul_choice *choice) {
    epocl_status status = EPOCL_OK;
    const char *matmul = checkpoint->facts[FACT_MATMUL];
    training_options pinned = *options;
    run_facts here = {0};
    bool is_same = true;
    describe_device(here, &device->info);
    for (run_fact fact = FACT_DEVICE; fact < FACT_COUNT; fact++)
        if (strcmp(checkpoint->facts[fact], here[fact]) != 0) is_same = false;
    *choice = matmul_default(&device->info, checkpoint->network);
    if (is_same && !matmul_choice_parse(matmul, choice))
        return fail(EPOCL_ERROR_DATA, "the checkpoint's matmul is '%s', which this epocl has never written", matmul);
    if (is_same && !options->matmul.is_auto && !is_asked_for(matmul, options->matmul.text))
        return fail(EPOCL_ERROR_ARGUMENT, "the checkpoint's run uses matmul %s, not %s; leave the choice to it", matmul,
                    options->matmul.text);
    if (is_same)
        matmul_request_set(&pinned.matmul, matmul);
    else
        options_say(
            options,
            "the checkpoint is from %s (%s, epocl %s), matmul %s: the run goes on, but its last bits may differ",
            checkpoint->facts[FACT_DEVICE], checkpoint->facts[FACT_DRIVER], checkpoint->facts[FACT_EPOCL], matmul);
    TRY(plan_ask_device(device, &pinned));
    TRY(matmul_choose(device, checkpoint->network, &pinned, smaller(options->batch_size, train->sample_count), choice));
    TRY(self_test_or_plain(device, choice, checkpoint->network, train->values != NULL, &pinned));
cleanup:
    return status;
}

/* Position and batches must be those of the data at hand: the device takes them as they are. */
static epocl_status check_position(const epocl_checkpoint *checkpoint, const epocl_trainer *t, uint64_t seed) {
    const epoch_state *p = &checkpoint->position;
    const bool awaits_validation = position_is_of_epoch(p, checkpoint->epoch_count) && !position_is_within(p);
    const size_t batch_size = t->planned.train.batch.batch_size, sample_count = t->planned.train.batch.sample_count;
    const bool is_before_first = p->epoch == 0 && p->sample_count == 0;
    const bool fits =
        p->seed_low == (uint32_t)seed && p->seed_high == (uint32_t)(seed >> 32) &&
        (is_before_first || p->sample_count == sample_count) && (t->planned.has_valid || !awaits_validation) &&
        p->first == smaller(p->step * batch_size, p->sample_count) && p->step == divide_up(p->first, batch_size);
    return fits ? EPOCL_OK : fail(EPOCL_ERROR_DATA, "the checkpoint's position does not fit its data");
}

/* A checkpoint of an earlier epocl may not have the best parameters: then they are not known until there are better
 * ones. */
static epocl_status set_best(epocl_trainer *t, const epocl_network *best) {
    if (!best || !t->planned.has_valid || !t->monitor.best_epoch) return EPOCL_OK;
    if (!trainer_fits(t, best)) return fail(EPOCL_ERROR_DATA, "the checkpoint's best network has another shape");
    const epocl_status status = parameters_write(t->planned.parameters.best, &t->run.executable, best);
    t->has_best = status == EPOCL_OK;
    return status;
}

static epocl_status set_position(epocl_trainer *t, const epocl_checkpoint *checkpoint) {
    epocl_status status = EPOCL_OK;
    const size_t count = checkpoint->epoch_count;
    TRY(allocate(count, sizeof *t->history, "the history of a run", &t->history));
    memcpy(t->history, checkpoint->history, count * sizeof *t->history);
    t->history_capacity = count;
    t->epoch = count;
    t->position = checkpoint->position;
    t->seconds = checkpoint->seconds;
    for (size_t i = 0; i < count; i++) {
        trainer_add_errors(t, &t->history[i]);
        monitor_add(&t->monitor, &t->history[i]);
    }
    if (t->monitor.rate < 1.0) TRY(trainer_write_rate(t));
    TRY(set_best(t, checkpoint->kept[KEPT_BEST]));
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        const epocl_network *slot = checkpoint->kept[KEPT_SLOTS + i];
        if (!recipe_keeps(&t->planned.recipe, (parameter_slot)i)) continue;
        if (!slot)
            TRY(fail(EPOCL_ERROR_DATA,
                     "the checkpoint is of a run with another recipe: it has not what this one keeps"));
        TRY(parameters_write(t->planned.parameters.slots[i], &t->run.executable, slot));
    }
    if (position_is_within(&t->position))
        TRY(pass_begin_again(&t->run.train, &t->position));
    else
        TRY(pass_write_state(&t->run.train, &t->position));
cleanup:
    return status;
}

epocl_status trainer_resume(epocl_device *device, const epocl_checkpoint *checkpoint, const epocl_dataset *train,
                            const epocl_dataset *valid, const training_options *options, const data_loan *loan,
                            epocl_trainer **trainer) {
    epocl_status status = EPOCL_OK;
    epocl_trainer *t = NULL;
    matmul_choice matmul;
    weighed_data weighed = {0};
    const training_options heard = training_heard_by(device_main(device), options), *training = &heard;
    TRY(training_check(checkpoint->network, train, valid));
    TRY(class_weights_apply(&training->class_weights, train, network_output_count(checkpoint->network), &weighed));
    train = &weighed.data;
    TRY(device_enter(device));
    const epocl_options of_run = options_of_run(training, train);
    TRY(check_facts(checkpoint, train, valid, &of_run, loan));
    const double rate = training_rate(training);
    if (checkpoint->learning_rate != (float)rate)
        options_say(training, "the learning rate is %g from now on; it was %g", rate,
                    (double)checkpoint->learning_rate);
    TRY(choose_matmul(device, checkpoint, train, training, &matmul));
    options_say(training, "compiling the kernels and uploading the data");
    TRY(trainer_create_with(device, checkpoint->network, train, valid, training, &matmul, loan, &t));
    TRY(check_position(checkpoint, t, training->seed));
    TRY(set_position(t, checkpoint));
    *trainer = t;
    t = NULL;
cleanup:
    weighed_data_release(&weighed);
    epocl_trainer_release(t);
    return status;
}

epocl_status epocl_trainer_resume(epocl_device *device, const epocl_checkpoint *checkpoint, const epocl_dataset *train,
                                  const epocl_dataset *valid, const epocl_options *options, epocl_trainer **trainer) {
    if (trainer) *trainer = NULL;
    if (!device || !checkpoint || !options || !trainer)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_resume: NULL argument");
    return trainer_resume(device, checkpoint, train, valid, &options->training, NULL, trainer);
}
