/* The leader's view of the ranks: workers, of which its own are here and the others' do what messages say. */
#include "base/checked.h"
#include "command/mpi/ranks.h"
#include "command/mpi/own_members.h"
#include "command/system/signals.h"

#include <mpi.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* Another rank. */
typedef struct server {
    int rank;
    size_t place_count;      /* of devices                                    */
    bool is_adding;          /* what it was told to add has no answer yet     */
    bool is_running;         /* it trains, and has not said that it has ended */
    bool is_told;            /* to stop                                       */
    MPI_Request stop_sent;   /* of that message                               */
    epocl_status status;     /* of its run                                    */
    char text[MESSAGE_TEXT]; /* likewise                                      */
} server;

typedef struct crew {
    sweep_workers workers; /* the first */
    sweep_here *here;
    server *servers; /* of ranks 1, 2, ...; owned */
    size_t server_count;
    atomic_bool stop_requested;
    pthread_mutex_t lock; /* of hear() */
    sweep_hear *hear;
    void *user;
} crew;

static crew ours; /* a process has one */

/* ---- Questions ---------------------------------------------------------------------------------- */

/* NULL: the member is here. */
static server *server_of(size_t number) {
    const size_t rank = number % (ours.server_count + 1);
    return rank ? &ours.servers[rank - 1] : NULL;
}

static epocl_status status_of(const server *s, epocl_status status, const char *text) {
    return status == EPOCL_OK ? EPOCL_OK : fail(status, "rank %d: %s", s->rank, text);
}

static void send_order(const server *s, const order *o, const memory_block *more) {
    message_send(s->rank, TAG_ORDER, o, sizeof *o, more);
}

static epocl_status take_answer(const server *s, answer *a) {
    message_await(s->rank, TAG_ANSWER, a, sizeof *a);
    return status_of(s, a->status, a->text);
}

static epocl_status ask(const server *s, order o, answer *a) {
    send_order(s, &o, NULL);
    return take_answer(s, a);
}

/* Of an answer that is followed by bytes, whatever its status. */
static epocl_status ask_for_bytes(const server *s, order o, memory_block *bytes) {
    answer a;
    const epocl_status status = ask(s, o, &a);
    return status == EPOCL_OK ? message_take_bytes(s->rank, a.byte_count, bytes) : status;
}

/* ---- Ways --------------------------------------------------------------------------------------- */

/* The answer to what a rank was told to add before. */
static epocl_status await_added(server *s) {
    answer a;
    if (!s->is_adding) return EPOCL_OK;
    s->is_adding = false;
    return take_answer(s, &a);
}

/* All ranks add at the same time, each one member after another. */
static epocl_status add(sweep_workers *w, size_t number, const memory_block *checkpoint) {
    server *s = server_of(number);
    (void)w;
    if (!s) return ours.here->workers.ways->add(&ours.here->workers, number, checkpoint);
    const epocl_status status = await_added(s);
    if (status != EPOCL_OK) return status;
    send_order(s, &(order){.kind = ORDER_ADD, .number = number, .byte_count = checkpoint->byte_count}, checkpoint);
    s->is_adding = true;
    return EPOCL_OK;
}

static epocl_status settle(sweep_workers *w) {
    epocl_status status = EPOCL_OK;
    (void)w;
    for (size_t i = 0; i < ours.server_count; i++) TRY(await_added(&ours.servers[i]));
cleanup:
    return status;
}

static epocl_status end_of(sweep_workers *w, size_t number) {
    const server *s = server_of(number);
    answer a;
    (void)w;
    return s ? ask(s, (order){.kind = ORDER_END_OF, .number = number}, &a)
             : ours.here->workers.ways->end_of(&ours.here->workers, number);
}

static epocl_status look(sweep_workers *w, size_t number, size_t epoch_count, member_result *result) {
    const server *s = server_of(number);
    answer a;
    (void)w;
    if (!s) return ours.here->workers.ways->look(&ours.here->workers, number, epoch_count, result);
    const epocl_status status = ask(s, (order){.kind = ORDER_LOOK, .number = number, .epoch_count = epoch_count}, &a);
    if (status == EPOCL_OK) *result = a.of.result;
    return status;
}

static epocl_status save(sweep_workers *w, size_t number, memory_block *checkpoint) {
    const server *s = server_of(number);
    (void)w;
    return s ? ask_for_bytes(s, (order){.kind = ORDER_SAVE, .number = number}, checkpoint)
             : ours.here->workers.ways->save(&ours.here->workers, number, checkpoint);
}

static epocl_status best(sweep_workers *w, size_t number, epocl_network **network) {
    epocl_status status = EPOCL_OK;
    memory_block bytes = {0};
    const server *s = server_of(number);
    (void)w;
    if (!s) return ours.here->workers.ways->best(&ours.here->workers, number, network);
    TRY(ask_for_bytes(s, (order){.kind = ORDER_BEST, .number = number}, &bytes));
    TRY(epocl_network_load_memory(bytes.bytes, bytes.byte_count, network));
cleanup:
    free(bytes.bytes);
    return status;
}

static epocl_status drop(sweep_workers *w, size_t number) {
    const server *s = server_of(number);
    answer a;
    (void)w;
    return s ? ask(s, (order){.kind = ORDER_DROP, .number = number}, &a)
             : ours.here->workers.ways->drop(&ours.here->workers, number);
}

static epocl_status describe(sweep_workers *w, size_t place, sweep_place *described) {
    answer a;
    size_t left = place;
    (void)w;
    if (left < ours.here->workers.place_count)
        return ours.here->workers.ways->describe(&ours.here->workers, left, described);
    left -= ours.here->workers.place_count;
    const server *s = ours.servers;
    for (; left >= s->place_count; s++) left -= s->place_count;
    const epocl_status status = ask(s, (order){.kind = ORDER_DESCRIBE, .number = left}, &a);
    if (status != EPOCL_OK) return status;
    *described = a.of.place;
    snprintf(described->where, sizeof described->where, "rank %d: ", s->rank);
    return EPOCL_OK;
}

/* ---- Training ----------------------------------------------------------------------------------- */

static void stop(sweep_workers *w) {
    (void)w;
    atomic_store(&ours.stop_requested, true);
    ours.here->workers.ways->stop(&ours.here->workers);
}

/* From the thread that trains here, or the one that hears of other ranks. */
static void hear_one(size_t number, const epocl_epoch_result *epoch, void *user) {
    (void)user;
    pthread_mutex_lock(&ours.lock);
    ours.hear(number, epoch, ours.user);
    pthread_mutex_unlock(&ours.lock);
}

/* Whether there was any news from another rank. */
static bool take_news(size_t *running) {
    answer a;
    const int rank = message_take(-1, TAG_ANSWER, &a, sizeof a);
    if (rank < 0) return false;
    server *s = &ours.servers[rank - 1];
    if (a.kind == ANSWER_EPOCH) hear_one(a.number, &a.of.epoch, NULL);
    if (a.kind == ANSWER_STOP) signals_ask_to_stop();
    if (a.kind != ANSWER_DONE) return true;
    s->is_running = false;
    s->status = a.status;
    memcpy(s->text, a.text, sizeof s->text);
    (*running)--;
    if (a.status != EPOCL_OK && a.status != EPOCL_STOPPED) stop(&ours.workers);
    return true;
}

/* Neither waits for the other: a rank may be about to tell of an epoch. */
static void send_stops(void) {
    static const order halt = {.kind = ORDER_STOP};
    for (size_t i = 0; i < ours.server_count; i++) {
        server *s = &ours.servers[i];
        if (!s->is_running || s->is_told) continue;
        s->is_told = true;
        MPI_Isend(&halt, (int)sizeof halt, MPI_BYTE, s->rank, TAG_ORDER, MPI_COMM_WORLD, &s->stop_sent);
    }
}

/* A failure comes before a stop, which may have followed from it. */
static epocl_status worst_of(epocl_status here) {
    char text[MESSAGE_TEXT];
    epocl_status worst = here;
    snprintf(text, sizeof text, "%s", epocl_last_error());
    for (size_t i = 0; i < ours.server_count; i++) {
        const server *s = &ours.servers[i];
        if (s->status == EPOCL_OK || (worst != EPOCL_OK && (worst != EPOCL_STOPPED || s->status == EPOCL_STOPPED)))
            continue;
        worst = status_of(s, s->status, s->text);
        snprintf(text, sizeof text, "%s", epocl_last_error());
    }
    return worst == EPOCL_OK ? EPOCL_OK : fail(worst, "%s", text);
}

static epocl_status run(sweep_workers *w, size_t epoch_count, sweep_hear *hear, void *user) {
    own_members own;
    size_t running = ours.server_count;
    unsigned turns = 0;
    (void)w;
    ours.hear = hear;
    ours.user = user;
    for (size_t i = 0; i < ours.server_count; i++) {
        server *s = &ours.servers[i];
        send_order(s, &(order){.kind = ORDER_RUN, .epoch_count = epoch_count}, NULL);
        s->is_running = true;
        s->is_told = false;
    }
    own_members_begin(&own, &ours.here->workers, epoch_count, hear_one, NULL);
    while (running > 0 || !own_members_is_done(&own)) {
        if (take_news(&running)) {
            turns = 0;
            continue;
        }
        if (own_members_is_done(&own) && own.status != EPOCL_OK)
            atomic_store(&ours.stop_requested, true); /* of others */
        if (atomic_load(&ours.stop_requested)) send_stops();
        message_rest(&turns);
    }
    const epocl_status here = own_members_end(&own);
    for (size_t i = 0; i < ours.server_count; i++)
        if (ours.servers[i].is_told) MPI_Wait(&ours.servers[i].stop_sent, MPI_STATUS_IGNORE);
    atomic_store(&ours.stop_requested, false);
    return worst_of(here);
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

/* ---- Beginning and end -------------------------------------------------------------------------- */

epocl_status ranks_lead(sweep_here *here, sweep_workers **all) {
    epocl_status status = EPOCL_OK;
    const size_t count = here->step - 1; /* members are dealt out to all ranks */
    ours = (crew){.workers = {.ways = &ways, .place_count = here->workers.place_count}, .here = here};
    pthread_mutex_init(&ours.lock, NULL);
    TRY(allocate(count, sizeof *ours.servers, "the ranks of a sweep", &ours.servers));
    ours.server_count = count;
    for (size_t i = 0; i < count; i++) {
        server *s = &ours.servers[i];
        answer a;
        s->rank = (int)i + 1;
        TRY(ask(s, (order){.kind = ORDER_DESCRIBE}, &a));
        s->place_count = a.number;
        ours.workers.place_count += a.number;
    }
    *all = &ours.workers;
cleanup:
    return status;
}

/* Also of a sweep that was never led. */
void ranks_end(epocl_status status) {
    int count = 0;
    MPI_Comm_size(MPI_COMM_WORLD, &count);
    for (size_t i = 0; i < ours.server_count; i++) {
        answer a; /* of a member that was on its way when another failed */
        if (ours.servers[i].is_adding) message_await(ours.servers[i].rank, TAG_ANSWER, &a, sizeof a);
    }
    for (int rank = 1; rank < count; rank++)
        message_send(rank, TAG_ORDER, &(order){.kind = ORDER_END, .status = status}, sizeof(order), NULL);
    if (ours.here) pthread_mutex_destroy(&ours.lock);
    free(ours.servers);
    ours = (crew){.server_count = 0};
}
