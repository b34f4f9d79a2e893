/* Messages between the ranks of epocl-mpi. All ranks run the same program on machines of one kind, so structures go as
 * they are. Only the thread that began MPI sends and receives; who waits sleeps, since the cores have networks to
 * train. */
#ifndef EPOCL_COMMAND_MPI_MESSAGES_H
#define EPOCL_COMMAND_MPI_MESSAGES_H

#include "command/sweep/sweep_workers.h"

enum { MESSAGE_TEXT = 1024 };

/* What the leader, rank 0, wants of another. */
typedef enum order_kind {
    ORDER_ADD,
    ORDER_RUN,
    ORDER_STOP, /* has no answer */
    ORDER_END_OF,
    ORDER_LOOK,
    ORDER_SAVE,
    ORDER_BEST,
    ORDER_DROP,
    ORDER_DESCRIBE,
    ORDER_END /* likewise */
} order_kind;

typedef struct order {
    order_kind kind;
    epocl_status status;        /* to end with                                     */
    size_t number, epoch_count; /* of the member or place; as `sweep_workers_ways` has them */
    size_t byte_count;          /* that follow: a checkpoint, none where there is none */
} order;

/* What it answers: with ANSWER_DONE to each order; and, while it trains, with what happens. */
typedef enum answer_kind { ANSWER_DONE, ANSWER_EPOCH, ANSWER_STOP } answer_kind;

typedef struct answer {
    answer_kind kind;
    epocl_status status;
    char text[MESSAGE_TEXT]; /* of a failure                                                 */
    size_t number;           /* the member of an epoch; of a first answer, how many places there are */
    size_t byte_count;       /* that follow: a checkpoint or a network                       */
    union {
        member_result result;
        epocl_epoch_result epoch;
        sweep_place place;
    } of;
} answer;

/* What a rank has come to, and what all go by then. */
typedef struct verdict {
    epocl_status status;
    char text[MESSAGE_TEXT];
    char facts[512];
} verdict;

typedef enum message_tag { TAG_ORDER, TAG_ANSWER, TAG_VERDICT, TAG_BYTES } message_tag;

/* Sends a structure, and after it some bytes (NULL for none); waits until the memory is the caller's again. */
void message_send(int rank, message_tag tag, const void *message, size_t byte_count, const memory_block *more);

/* Takes one from a rank, or -1 for any, if there is one; returns whose it is, or -1. */
int message_take(int rank, message_tag tag, void *message, size_t byte_count);

/* The same, waiting for it. */
int message_await(int rank, message_tag tag, void *message, size_t byte_count);

/* The bytes that follow a message. EPOCL_ERROR_MEMORY, with nothing left over, where there is no memory for them. */
epocl_status message_take_bytes(int rank, size_t byte_count, memory_block *bytes);

/* Waits for something to happen, a little longer each time; `*turns` is 0 at first, and again once something has. */
void message_rest(unsigned *turns);

#endif
