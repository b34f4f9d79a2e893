#include "command/mpi/messages.h"

#include "base/checked.h"

#include <mpi.h>
#include <sched.h>
#include <time.h>

/* Bytes of a message are an int in MPI. */
enum { CHUNK_BYTES = 1 << 28 };

/* At first it only lets others run, then it sleeps for 20 microseconds more each time, at most a millisecond. */
enum { EAGER_TURNS = 64, LONGER_TURNS = 50, LONGER_NANOSECONDS = 20000 };

void message_rest(unsigned *turns) {
    if (*turns < EAGER_TURNS + LONGER_TURNS) (*turns)++;
    if (*turns <= EAGER_TURNS)
        sched_yield();
    else
        nanosleep(&(struct timespec){.tv_nsec = (long)(*turns - EAGER_TURNS) * LONGER_NANOSECONDS}, NULL);
}

/* Before MPI_Wait(), which would keep a core busy. */
static void await(MPI_Request request) {
    unsigned turns = 0;
    for (int is_done = 0;;) {
        MPI_Request_get_status(request, &is_done, MPI_STATUS_IGNORE);
        if (is_done) return;
        message_rest(&turns);
    }
}

static void send_chunk(int rank, message_tag tag, const void *bytes, size_t byte_count) {
    MPI_Request request;
    MPI_Isend(bytes, (int)byte_count, MPI_BYTE, rank, (int)tag, MPI_COMM_WORLD, &request);
    await(request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
}

void message_send(int rank, message_tag tag, const void *message, size_t byte_count, const memory_block *more) {
    send_chunk(rank, tag, message, byte_count);
    for (size_t first = 0; more && first < more->byte_count; first += CHUNK_BYTES)
        send_chunk(rank, TAG_BYTES, (const char *)more->bytes + first, smaller(more->byte_count - first, CHUNK_BYTES));
}

int message_take(int rank, message_tag tag, void *message, size_t byte_count) {
    int is_there = 0;
    MPI_Status found;
    MPI_Iprobe(rank < 0 ? MPI_ANY_SOURCE : rank, (int)tag, MPI_COMM_WORLD, &is_there, &found);
    if (!is_there) return -1;
    MPI_Recv(message, (int)byte_count, MPI_BYTE, found.MPI_SOURCE, (int)tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    return found.MPI_SOURCE;
}

int message_await(int rank, message_tag tag, void *message, size_t byte_count) {
    unsigned turns = 0;
    for (int from = -1;;) {
        from = message_take(rank, tag, message, byte_count);
        if (from >= 0) return from;
        message_rest(&turns);
    }
}

static void take_chunk(int rank, void *bytes, size_t byte_count) {
    MPI_Request request;
    MPI_Irecv(bytes, (int)byte_count, MPI_BYTE, rank, TAG_BYTES, MPI_COMM_WORLD, &request);
    await(request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
}

/* Without memory they are taken all the same: who sends them waits for that. */
static void take_in_vain(int rank, size_t byte_count) {
    for (size_t first = 0; first < byte_count; first += CHUNK_BYTES) {
        const size_t count = smaller(byte_count - first, CHUNK_BYTES);
        void *chunk = malloc(count);
        if (!chunk) MPI_Abort(MPI_COMM_WORLD, 1);
        take_chunk(rank, chunk, count);
        free(chunk);
    }
}

epocl_status message_take_bytes(int rank, size_t byte_count, memory_block *bytes) {
    *bytes = (memory_block){0};
    if (byte_count == 0) return EPOCL_OK;
    const epocl_status status = allocate(byte_count, 1, "a network of another rank", &bytes->bytes);
    if (status != EPOCL_OK) {
        take_in_vain(rank, byte_count);
        return status;
    }
    bytes->byte_count = byte_count;
    for (size_t first = 0; first < byte_count; first += CHUNK_BYTES)
        take_chunk(rank, (char *)bytes->bytes + first, smaller(byte_count - first, CHUNK_BYTES));
    return EPOCL_OK;
}
