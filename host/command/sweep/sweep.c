#include "command/sweep/sweep.h"

#include "base/checked.h"
#include "base/clock.h"
#include "command/run/files/settings_file.h"
#include "command/show/print_line.h"
#include "command/system/signals.h"
#include "command/table/table_result.h"
#include "options/monitors.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const halving_words[] = {"off", "2", "3", "4", NULL};

/* Of those words: one of so many settings goes on. */
static size_t halving_of(int place) {
    return (size_t)place + 1;
}

static int monitor_of(const sweep *s) {
    return s->given->library.training.monitor;
}

/* ---- Settings --------------------------------------------------------------------------------- */

static epocl_status count_settings(sweep *s) {
    const settings *given = s->given;
    const size_t most = SWEEP_MOST_MEMBERS / (size_t)given->seeds;
    s->seed_count = (size_t)given->seeds;
    s->setting_count = s->searched->count > 0 ? (size_t)given->count : 1;
    if (given->grid) return search_product(s->searched, most, &s->setting_count);
    if (s->setting_count <= most) return EPOCL_OK;
    return fail(EPOCL_ERROR_ARGUMENT, "--count %zu with --seeds %zu makes more than %d members", s->setting_count,
                s->seed_count, SWEEP_MOST_MEMBERS);
}

/* What the whole sweep is given, with what is drawn in it. */
static epocl_status set_options(const sweep *s, size_t number, epocl_options *options) {
    epocl_status status = EPOCL_OK;
    const size_t setting = number / s->seed_count, seed = number % s->seed_count;
    *options = s->given->library;
    if (s->given->grid)
        TRY(search_place(s->searched, setting, options));
    else
        TRY(search_draw(s->searched, s->given->library.training.seed, setting, options));
    epocl_options_set_message(options, NULL, NULL); /* one of many: the caller says what is true of all */
    options->training.seed += seed;
    options_settle(options, s->given->epochs);
cleanup:
    return status;
}

epocl_status sweep_create(sweep *s) {
    epocl_status status = EPOCL_OK;
    TRY(count_settings(s));
    TRY(allocate(sweep_member_count(s), sizeof *s->members, "the members of a sweep", &s->members));
    TRY(allocate(s->setting_count, sizeof *s->ranks, "the settings of a sweep", &s->ranks));
    for (size_t i = 0; i < sweep_member_count(s); i++) TRY(set_options(s, i, &s->members[i].options));
    s->rung_count = rungs_plan(s->setting_count, (size_t)s->given->epochs, halving_of(s->given->halving), s->rungs);
    sweep_rank(s);
cleanup:
    return status;
}

void sweep_release(sweep *s) {
    free(s->members);
    free(s->ranks);
    s->members = NULL;
    s->ranks = NULL;
}

void sweep_rank(sweep *s) {
    for (size_t i = 0; i < s->setting_count; i++) {
        member_result results[SWEEP_MOST_SEEDS];
        const sweep_member *first = &s->members[i * s->seed_count];
        for (size_t seed = 0; seed < s->seed_count; seed++) results[seed] = first[seed].result;
        s->ranks[i] = setting_result_of(results, s->seed_count, monitor_of(s), i, first->rung);
    }
    settings_sort(s->ranks, s->setting_count, monitor_of(s));
}

/* Why a member is trained no more; of one that was not dropped. */
static epocl_status end_of(const sweep *s, size_t number) {
    return s->workers->ways->end_of(s->workers, number);
}

/* ---- Members ---------------------------------------------------------------------------------- */

/* What a stopped sweep has left of a member, of no bytes without; where that is damaged, it begins anew, to the same
 * end. */
static epocl_status find_checkpoint(const sweep *s, size_t number, memory_block *checkpoint) {
    if (!s->given->resume) return EPOCL_OK;
    const epocl_status status = run_folder_load_member(s->folder, number, checkpoint);
    if (status != EPOCL_ERROR_DATA) return status;
    print_line(stderr, "epocl: %s; member %zu is trained anew", epocl_last_error(), number);
    return EPOCL_OK;
}

static epocl_status add_member(sweep *s, size_t number) {
    memory_block checkpoint = {0};
    epocl_status status = find_checkpoint(s, number, &checkpoint);
    if (status == EPOCL_OK) status = s->workers->ways->add(s->workers, number, &checkpoint);
    free(checkpoint.bytes);
    return status;
}

epocl_status sweep_begin(sweep *s) {
    epocl_status status = EPOCL_OK;
    for (size_t i = 0; i < sweep_member_count(s); i++) {
        if (signals_stopped()) return fail(EPOCL_STOPPED, "stopped before the first epoch");
        TRY(add_member(s, i));
    }
    TRY(s->workers->ways->settle(s->workers));
    for (size_t i = 0; i < sweep_member_count(s) && s->given->resume; i++)
        TRY(s->workers->ways->look(s->workers, i, SIZE_MAX, &s->members[i].result));
cleanup:
    return status;
}

static epocl_status save_member(sweep *s, size_t number) {
    memory_block checkpoint = {0};
    epocl_status status = s->workers->ways->save(s->workers, number, &checkpoint);
    if (status == EPOCL_OK) status = run_folder_save_member(s->folder, &checkpoint, number);
    free(checkpoint.bytes);
    return status;
}

static epocl_status save_members(sweep *s) {
    epocl_status status = EPOCL_OK;
    signals_saving();
    for (size_t i = 0; i < sweep_member_count(s); i++) {
        if (s->members[i].is_dropped || end_of(s, i) != EPOCL_OK) continue;
        status = save_member(s, i);
        if (status == EPOCL_ERROR_DIVERGED) continue; /* its next epoch will say so */
        TRY(status);
    }
    signals_saved();
    status = EPOCL_OK;
cleanup:
    return status;
}

/* What the members of the rung have come to in its epochs. */
static epocl_status read_results(sweep *s) {
    epocl_status status = EPOCL_OK;
    for (size_t i = 0; i < sweep_member_count(s); i++) {
        sweep_member *m = &s->members[i];
        if (m->is_dropped) continue;
        TRY(s->workers->ways->look(s->workers, i, s->rungs[s->rung].epoch_count, &m->result));
        const epocl_status ended = end_of(s, i);
        if (ended != EPOCL_OK && ended != EPOCL_ERROR_DIVERGED) return ended;
        m->result.has_diverged = ended == EPOCL_ERROR_DIVERGED;
        m->rung = s->rung;
    }
cleanup:
    return status;
}

/* The best settings go on; the others' memory is free for them. */
static epocl_status climb(sweep *s) {
    epocl_status status = EPOCL_OK;
    for (size_t rank = s->rungs[s->rung + 1].setting_count; rank < s->setting_count; rank++) {
        const size_t first = s->ranks[rank].number * s->seed_count;
        for (size_t i = first; i < first + s->seed_count; i++) {
            if (s->members[i].is_dropped) continue;
            TRY(s->workers->ways->drop(s->workers, i));
            s->members[i].is_dropped = true;
        }
    }
    s->rung++;
    for (size_t i = 0; i < sweep_member_count(s); i++)
        if (!s->members[i].is_dropped) s->members[i].rung = s->rung;
cleanup:
    return status;
}

/* ---- Training --------------------------------------------------------------------------------- */

/* What hears of epochs: the first failure to tell of one, which ends the run. */
typedef struct listener {
    sweep *sweep;
    size_t heard; /* epochs */
    epocl_status failure;
    char text[1024];
} listener;

static void hear(size_t number, const epocl_epoch_result *epoch, void *user) {
    listener *l = user;
    sweep *s = l->sweep;
    l->heard++;
    if (l->failure != EPOCL_OK) return;
    member_result_add(&s->members[number].result, monitor_of(s), epoch);
    s->trained_count += epoch->sample_count;
    l->failure = sweep_tell_epoch(s, number, epoch);
    if (l->failure == EPOCL_OK) return;
    snprintf(l->text, sizeof l->text, "%s", epocl_last_error());
    s->workers->ways->stop(s->workers);
}

static void stop_workers(void *user) {
    sweep_workers *workers = user;
    workers->ways->stop(workers);
}

/* Up to how many epochs the members are trained before they are saved again. */
static size_t next_epochs(const sweep *s, size_t done) {
    const size_t every = (size_t)s->given->checkpoint_every.epochs, most = s->rungs[s->rung].epoch_count;
    return every ? smaller((done / every + 1) * every, most) : most;
}

/* The failure of a run, of the member that it came from by the sweep's number; each device counts its own. */
static epocl_status say_failure(const sweep *s, epocl_status failure) {
    char text[1024];
    snprintf(text, sizeof text, "%s", epocl_last_error());
    for (size_t i = 0; i < sweep_member_count(s); i++) {
        const epocl_status ended = s->members[i].is_dropped ? EPOCL_OK : end_of(s, i);
        if (ended != EPOCL_OK && ended != EPOCL_ERROR_DIVERGED) return fail_prefix(ended, "member %zu: ", i);
    }
    return fail(failure, "%s", text);
}

/* What a stopped sweep has come to before is not trained again, nor saved. */
static epocl_status train_rung(sweep *s, listener *l) {
    epocl_status status = EPOCL_OK;
    for (size_t done = s->rung ? s->rungs[s->rung - 1].epoch_count : 0; done < s->rungs[s->rung].epoch_count;) {
        const size_t wanted = next_epochs(s, done), heard = l->heard;
        const double begin = seconds_now();
        if (signals_stopped()) TRY(fail(EPOCL_STOPPED, "stopped; all members are saved"));
        status = s->workers->ways->run(s->workers, wanted, hear, l);
        s->train_seconds += seconds_now() - begin;
        if (l->failure != EPOCL_OK) TRY(fail(l->failure, "%s", l->text));
        if (status != EPOCL_OK && status != EPOCL_STOPPED) TRY(say_failure(s, status));
        const bool is_whole = status == EPOCL_OK;
        if (is_whole) done = wanted;
        if (!is_whole || l->heard > heard || signals_want_save()) TRY(save_members(s));
    }
cleanup:
    return status;
}

epocl_status sweep_train(sweep *s) {
    epocl_status status = EPOCL_OK;
    listener l = {.sweep = s};
    signals_attach_any(stop_workers, s->workers);
    for (;;) {
        TRY(train_rung(s, &l));
        TRY(read_results(s));
        sweep_rank(s);
        TRY(sweep_tell_rung(s));
        if (s->rung + 1 == s->rung_count) break;
        TRY(climb(s));
    }
cleanup:
    signals_attach_any(NULL, NULL);
    return status;
}

/* ---- The model -------------------------------------------------------------------------------- */

/* Of the best setting, the member with the best figure. */
static size_t best_member(const sweep *s) {
    const size_t first = s->ranks[0].number * s->seed_count;
    size_t best = first;
    for (size_t i = first + 1; i < first + s->seed_count; i++)
        if (figure_is_better(monitor_of(s), figure_of(monitor_of(s), &s->members[i].result.best),
                             figure_of(monitor_of(s), &s->members[best].result.best)))
            best = i;
    return best;
}

static epocl_status save_network(sweep *s, size_t number, const epocl_network *network) {
    const epocl_status status = run_folder_save_model(s->folder, network);
    if (status == EPOCL_OK) table_tell_result(network, &s->members[number].result.best, s->shown);
    return status;
}

static epocl_status save_trained(sweep *s, size_t number) {
    epocl_network *network = NULL;
    epocl_status status = s->workers->ways->best(s->workers, number, &network);
    if (status == EPOCL_OK) status = save_network(s, number, network);
    epocl_network_release(network);
    return status;
}

/* Of one that the workers have no more, since others went on and diverged: as it was saved at its rung. */
static epocl_status save_dropped(sweep *s, size_t number) {
    epocl_status status = EPOCL_OK;
    memory_block bytes = {0};
    epocl_checkpoint *checkpoint = NULL;
    TRY(run_folder_load_member(s->folder, number, &bytes));
    if (bytes.byte_count == 0) TRY(fail(EPOCL_ERROR_NO_INPUT, "the checkpoint of member %zu is gone", number));
    TRY(epocl_checkpoint_load_memory(bytes.bytes, bytes.byte_count, &checkpoint));
    const epocl_network *network = epocl_checkpoint_best(checkpoint);
    if (!network) TRY(fail(EPOCL_ERROR_DATA, "the checkpoint of member %zu has no best network", number));
    progress_line(s->shown, "all settings that went on have diverged: the model is of one that was dropped before");
    TRY(save_network(s, number, network));
cleanup:
    epocl_checkpoint_release(checkpoint);
    free(bytes.bytes);
    return status;
}

epocl_status sweep_save(sweep *s) {
    epocl_status status = EPOCL_OK;
    char *text = NULL;
    size_t length = 0;
    const size_t best = best_member(s);
    TRY(sweep_file_text(s, &text, &length));
    TRY(run_folder_write_sweep(s->folder, text, length));
    if (!isfinite(s->ranks[0].figure))
        TRY(fail(EPOCL_ERROR_DIVERGED, "all settings have diverged; search lower learning rates"));
    TRY(s->members[best].is_dropped ? save_dropped(s, best) : save_trained(s, best));
    TRY(run_folder_remove_members(s->folder));
cleanup:
    free(text);
    return status;
}
