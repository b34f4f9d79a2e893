/* An executable: a plan made real on a device. Its tensors are buffers, its launches kernels with
 * their arguments bound once. */
#ifndef EPOCL_DEVICE_PROGRAMS_EXECUTABLE_H
#define EPOCL_DEVICE_PROGRAMS_EXECUTABLE_H

#include "device/device.h"
#include "device/programs/program.h"
#include "device/programs/recorder.h"
#include "plan/plan.h"

/* Buffers that somebody else made and fills, for tensors of a plan: an executable keeps them alive, and no more. */
enum { LENT_MOST = 8 };
typedef struct lent_buffers {
    tensor_id tensors[LENT_MOST];
    cl_mem buffers[LENT_MOST]; /* each at least as large as its tensor                   */
    size_t count;
    uint64_t taken_bytes; /* of the device's memory, by whoever lends and borrows elsewhere */
} lent_buffers;

typedef struct executable {
    epocl_device *device;
    const plan *plan;
    cl_program programs[PROGRAM_PARTS]; /* NULL: no launch of that part has been bound */
    struct {
        program_source files[PROGRAM_MOST_SOURCES];
        size_t count;
    } sources[PROGRAM_PARTS]; /* kernel files, of all sequences */
    cl_mem *buffers;          /* one for each of the plan's tensors                */
    char *host_arena;         /* their memory, on a CPU device; else NULL          */
    recorder *recorder;       /* of all launches enqueued; NULL, unless its owner set it  */
    double compile_seconds;   /* of those programs */
    lent_buffers lent;
    char *parked; /* while its own tensors are in host memory: they, one after another; else NULL, owned */
} executable;

/* A launch whose kernel exists and holds its arguments. */
typedef struct bound_launch {
    cl_kernel kernel; /* NULL for a library's product                                     */
    size_t local[2];  /* the launch's, or smaller where the kernel's own limit demands it */
} bound_launch;

typedef struct bound_sequence {
    executable *owner;
    const sequence *sequence;
    cl_program program;     /* of a written sequence, else NULL     */
    double compile_seconds; /* of that program                      */
    bound_launch *launches; /* one for each launch of the sequence */
} bound_sequence;

/* Accounts for the memory and allocates every tensor but those that are lent (`lent` may be NULL), filled with zeros.
 * The sequences are all that will be bound, but written ones; they say what is compiled together, when the first of
 * them is bound. The plan must outlive the executable; the device must as well. */
epocl_status executable_create(executable *e, epocl_device *device, const plan *p, const sequence *const *sequences,
                               size_t sequence_count, const lent_buffers *lent);
void executable_release(executable *e);

/* Whether a tensor's buffer is somebody else's. */
bool executable_borrows(const executable *e, tensor_id id);

/* Bytes of its own buffers. */
uint64_t executable_own_bytes(const executable *e);

/* Takes its own tensors to host memory, where they can be read and written as before, and gives back their buffers; no
 * kernel may have them as arguments any more, and nothing may use them. */
epocl_status executable_park(executable *e);

/* Brings them back, as they are by now, to a device of which others have `taken_bytes`. After a failure they stay where
 * they were: EPOCL_ERROR_MEMORY where there is no room for them. */
epocl_status executable_unpark(executable *e, uint64_t taken_bytes);

/* Creates the kernels of `s`, which must outlive the result, as must `e`; first the programs that they are of, unless
 * they are there: the executable's, or a written sequence's own. */
epocl_status bound_sequence_create(bound_sequence *bound, executable *e, const sequence *s);
void bound_sequence_release(bound_sequence *bound);

/* Releases the kernels alone, which hold buffers, and creates them again; of a sequence that was never bound, nothing.
 */
void bound_sequence_unbind(bound_sequence *bound);
epocl_status bound_sequence_bind(bound_sequence *bound);

/* Has the launches of a sequence use another buffer in the place of a tensor's; NULL: its own again. Whoever gives one
 * keeps it until then. What is enqueued already keeps what it had. */
epocl_status bound_sequence_replace(const bound_sequence *bound, tensor_id id, cl_mem buffer);

/* Enqueues every launch in order and returns before they end. Sets no argument and creates nothing. `batch_count`:
 * samples of the mini-batch, or of the plan's where only the device knows; kernels read it from the state. */
epocl_status bound_sequence_enqueue(const bound_sequence *bound, size_t batch_count);

/* Fills a tensor with zeros. Does not wait. */
epocl_status executable_clear(const executable *e, tensor_id id);

/* Copies a tensor to another of its size. Does not wait. */
epocl_status executable_copy(const executable *e, tensor_id from, tensor_id to);

/* Copies between host memory and the beginning of a tensor; both wait for the copy. */
epocl_status executable_write(const executable *e, tensor_id id, const void *values, size_t bytes);
epocl_status executable_read(const executable *e, tensor_id id, void *values, size_t bytes);

/* The same without waiting, the write to `offset` bytes after the beginning: see device_read_later(). */
epocl_status executable_write_later(const executable *e, tensor_id id, size_t offset, const void *values, size_t bytes);
epocl_status executable_read_later(const executable *e, tensor_id id, void *values, size_t bytes);

/* The same for a dense row-major host matrix of the tensor's transpose: the network's weights, [n_out, n_in], are
 * kept on the device as inputs x outputs. */
epocl_status executable_write_transposed(const executable *e, tensor_id id, const float *matrix);
epocl_status executable_read_transposed(const executable *e, tensor_id id, float *matrix);

#endif
