/* What a rank does that does not lead: it trains its members, and answers what the leader asks of them. */
#include "base/checked.h"
#include "command/mpi/ranks.h"
#include "command/mpi/own_members.h"
#include "command/system/signals.h"

#include <stdio.h>
#include <string.h>

static void send_answer(answer *a, epocl_status status, const memory_block *more) {
    a->status = status;
    a->byte_count = status == EPOCL_OK && more ? more->byte_count : 0;
    if (status != EPOCL_OK) snprintf(a->text, sizeof a->text, "%s", epocl_last_error());
    message_send(0, TAG_ANSWER, a, sizeof *a, status == EPOCL_OK ? more : NULL);
}

/* ---- Training ----------------------------------------------------------------------------------- */

/* An epoch that the leader has not heard of yet. */
typedef struct news {
    size_t number;
    epocl_epoch_result epoch;
} news;

/* Left by the thread that trains for the one that sends. */
typedef struct mailbox {
    pthread_mutex_t lock;
    news *list; /* owned */
    size_t count, capacity;
} mailbox;

/* Where memory is short, an epoch is not told: no result depends on it. */

static void leave_news(size_t number, const epocl_epoch_result *epoch, void *user) {
    mailbox *box = user;
    pthread_mutex_lock(&box->lock);
    if (box->count == box->capacity) {
        const size_t larger = 2 * box->capacity + 64;
        news *grown = realloc(box->list, larger * sizeof *grown);
        if (grown) {
            box->list = grown;
            box->capacity = larger;
        }
    }
    if (box->count < box->capacity) box->list[box->count++] = (news){number, *epoch};
    pthread_mutex_unlock(&box->lock);
}

/* Whether there were any. */
static bool send_news(mailbox *box) {
    pthread_mutex_lock(&box->lock);
    news *list = box->list;
    const size_t count = box->count;
    box->list = NULL;
    box->count = box->capacity = 0;
    pthread_mutex_unlock(&box->lock);
    for (size_t i = 0; i < count; i++) {
        answer a = {.kind = ANSWER_EPOCH, .number = list[i].number, .of.epoch = list[i].epoch};
        send_answer(&a, EPOCL_OK, NULL);
    }
    free(list);
    return count > 0;
}

/* Whether the leader wants a stop; a signal that this rank has got becomes one of its. */
static bool heed(sweep_workers *workers, bool *has_told) {
    order o;
    if (signals_stopped() && !*has_told) {
        answer a = {.kind = ANSWER_STOP};
        send_answer(&a, EPOCL_OK, NULL);
        *has_told = true;
    }
    if (message_take(0, TAG_ORDER, &o, sizeof o) < 0) return false;
    workers->ways->stop(workers); /* nothing else is asked meanwhile */
    return true;
}

static void run(sweep_workers *workers, size_t epoch_count) {
    own_members t;
    mailbox box = {.lock = PTHREAD_MUTEX_INITIALIZER};
    answer a = {.kind = ANSWER_DONE};
    bool has_told = false;
    unsigned turns = 0;
    own_members_begin(&t, workers, epoch_count, leave_news, &box);
    while (!own_members_is_done(&t)) {
        const bool is_new = send_news(&box), is_stop = heed(workers, &has_told);
        if (is_new || is_stop) turns = 0;
        message_rest(&turns);
    }
    const epocl_status status = own_members_end(&t);
    send_news(&box);
    send_answer(&a, status, NULL);
    pthread_mutex_destroy(&box.lock);
}

/* ---- Orders ------------------------------------------------------------------------------------- */

static epocl_status add(sweep_workers *w, const order *o) {
    memory_block checkpoint;
    epocl_status status = message_take_bytes(0, o->byte_count, &checkpoint);
    if (status == EPOCL_OK) status = w->ways->add(w, o->number, &checkpoint);
    free(checkpoint.bytes);
    return status;
}

static epocl_status best(sweep_workers *w, size_t number, memory_block *bytes) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    TRY(w->ways->best(w, number, &network));
    TRY(epocl_network_save_memory(network, &bytes->bytes, &bytes->byte_count));
cleanup:
    epocl_network_release(network);
    return status;
}

static void obey(sweep_workers *w, const order *o) {
    answer a = {.kind = ANSWER_DONE, .number = w->place_count};
    memory_block bytes = {0};
    epocl_status status = EPOCL_OK;
    switch (o->kind) {
    case ORDER_ADD: status = add(w, o); break;
    case ORDER_END_OF: status = w->ways->end_of(w, o->number); break;
    case ORDER_LOOK: status = w->ways->look(w, o->number, o->epoch_count, &a.of.result); break;
    case ORDER_SAVE: status = w->ways->save(w, o->number, &bytes); break;
    case ORDER_BEST: status = best(w, o->number, &bytes); break;
    case ORDER_DROP: status = w->ways->drop(w, o->number); break;
    case ORDER_DESCRIBE: status = w->ways->describe(w, o->number, &a.of.place); break;
    case ORDER_RUN:
    case ORDER_STOP:
    case ORDER_END: return; /* below */
    }
    send_answer(&a, status, &bytes);
    free(bytes.bytes);
}

/* The leader hears of a signal when it next trains. */
static void notice_signal(void *user) {
    (void)user;
}

epocl_status ranks_serve(sweep_here *here) {
    order o;
    signals_attach_any(notice_signal, NULL);
    for (;;) {
        message_await(0, TAG_ORDER, &o, sizeof o);
        if (o.kind == ORDER_END) return o.status == EPOCL_OK ? EPOCL_OK : fail(o.status, "the first rank has failed");
        if (o.kind == ORDER_RUN) run(&here->workers, o.epoch_count);
        obey(&here->workers, &o); /* a stop that comes late is none */
    }
}
