#include "execution/pass.h"
#include "device/wait.h"

/* Launches of a step, or slices, that go to the device together, and how many such flights may be on the way: a driver
 * keeps something of every launch. */
enum { FLUSH_STEPS = 100, FLIGHTS = 10 };

epocl_status pass_bind(pass *pass_, const pass_plan *planned, executable *e) {
    epocl_status status = EPOCL_OK;
    *pass_ = (pass){.plan = planned, .executable = e};
    TRY(bound_sequence_create(&pass_->bound_begin, e, &planned->begin));
    if (planned->rates.count) TRY(bound_sequence_create(&pass_->bound_rates, e, &planned->rates));
cleanup:
    return status;
}

epocl_status pass_bind_step(pass *pass_) {
    if (pass_->bound_step.owner) return EPOCL_OK;
    return bound_sequence_create(&pass_->bound_step, pass_->executable, &pass_->plan->step);
}

void pass_release(pass *pass_) {
    bound_sequence_release(&pass_->bound_begin);
    bound_sequence_release(&pass_->bound_rates);
    bound_sequence_release(&pass_->bound_step);
    pass_use_layered(pass_);
    *pass_ = (pass){0};
}

void pass_park(pass *pass_) {
    bound_sequence *const bound[] = {&pass_->bound_begin, &pass_->bound_rates, &pass_->bound_step,
                                     &pass_->bound_written};
    for (size_t i = 0; i < sizeof bound / sizeof *bound; i++) bound_sequence_unbind(bound[i]);
}

epocl_status pass_unpark(pass *pass_) {
    epocl_status status = EPOCL_OK;
    TRY(bound_sequence_bind(&pass_->bound_begin));
    TRY(bound_sequence_bind(&pass_->bound_rates));
    TRY(bound_sequence_bind(&pass_->bound_step));
    TRY(bound_sequence_bind(&pass_->bound_written));
cleanup:
    if (status != EPOCL_OK) pass_park(pass_);
    return status;
}

epocl_status pass_write_hyper(const pass *pass_, const hyper_values *hyper) {
    return executable_write(pass_->executable, pass_->plan->batch.hyper, hyper, sizeof *hyper);
}

epocl_status pass_use_shape(pass *pass_, plan_shape shape, size_t slice_steps) {
    epocl_status status = EPOCL_OK;
    pass_use_layered(pass_);
    pass_->shape = shape;
    pass_->slice_steps = slice_steps;
    TRY(pass_plan_write(pass_->plan, pass_->executable->plan, shape, slice_steps, &pass_->written));
    TRY(bound_sequence_create(&pass_->bound_written, pass_->executable, &pass_->written));
cleanup:
    if (status != EPOCL_OK) pass_use_layered(pass_);
    return status;
}

void pass_use_layered(pass *pass_) {
    bound_sequence_release(&pass_->bound_written);
    sequence_release(&pass_->written);
    pass_->shape = (plan_shape){0};
    pass_->slice_steps = 0;
    pass_->rests = false;
}

void pass_rest(pass *pass_) {
    pass_->rests = true;
}

bool pass_gave_up(const pass *pass_, const epoch_state *state) {
    return pass_->slice_steps > 0 && !pass_->rests && state->batch_count > 0 && !state->stopped;
}

epocl_status pass_resume(pass *pass_) {
    pass_->rests = false;
    return executable_clear(pass_->executable, pass_->plan->resident_tensors.meeting);
}

epocl_status pass_write_state(const pass *pass_, const epoch_state *state) {
    return executable_write(pass_->executable, pass_->plan->batch.state, state, sizeof *state);
}

epocl_status pass_begin_again(const pass *pass_, const epoch_state *state) {
    epoch_state before = *state;
    before.epoch--; /* beginning an epoch counts it */
    const epocl_status status = pass_write_state(pass_, &before);
    return status == EPOCL_OK ? pass_enqueue_begin(pass_) : status;
}

epocl_status pass_go_on(const pass *pass_, const epoch_state *state) {
    epoch_state next = *state;
    next.batch_count = (uint32_t)smaller(pass_->plan->batch.batch_size, pass_->plan->batch.sample_count - state->first);
    next.stopped = 0;
    const epocl_status status = pass_write_state(pass_, &next);
    if (status != EPOCL_OK || !pass_->plan->rates.count) return status;
    return bound_sequence_enqueue(&pass_->bound_rates, pass_->plan->batch.batch_size);
}

epocl_status pass_enqueue_begin(const pass *pass_) {
    recorder_samples(pass_->executable->recorder, 0, 0);
    return bound_sequence_enqueue(&pass_->bound_begin, pass_->plan->batch.batch_size);
}

/* Sends a flight off, when the one that left FLIGHTS before it has arrived. */
static epocl_status send_flight(epocl_device *device, cl_event marks[FLIGHTS], size_t number) {
    epocl_status status = EPOCL_OK;
    cl_event *mark = &marks[number % FLIGHTS];
    TRY(device_await(device, mark, "steps of an epoch"));
    TRY(device_mark(device, mark));
    CL_TRY(clFlush(device->queue));
cleanup:
    return status;
}

epocl_status pass_enqueue_steps(pass *pass_, size_t first, const atomic_bool *stop, progress_watch *watch) {
    epocl_status status = EPOCL_OK;
    cl_event marks[FLIGHTS] = {NULL};
    const batch_tensors *b = &pass_->plan->batch;
    const bool is_written = pass_->slice_steps > 0 && !pass_->rests;
    const bound_sequence *launches = is_written ? &pass_->bound_written : &pass_->bound_step;
    const size_t stride = is_written ? pass_->slice_steps * b->batch_size : b->batch_size;
    epocl_device *device = pass_->executable->device;
    if (!is_written) TRY(pass_bind_step(pass_));
    for (size_t count = 1; first < b->sample_count; first += stride, count++) {
        if (stop && atomic_load_explicit(stop, memory_order_relaxed)) break;
        recorder_samples(pass_->executable->recorder, first, smaller(stride, b->sample_count - first));
        TRY(bound_sequence_enqueue(launches, smaller(b->batch_size, b->sample_count - first)));
        if (count % FLUSH_STEPS == 0) TRY(send_flight(device, marks, count / FLUSH_STEPS));
        TRY(watch_step(watch, device, smaller(first + stride, b->sample_count)));
    }
    CL_TRY(clFlush(device->queue));
cleanup:
    for (size_t i = 0; i < FLIGHTS; i++) device_drop(device, marks[i]);
    return status;
}

epocl_status pass_read_state(const pass *pass_, epoch_state *state) {
    return executable_read(pass_->executable, pass_->plan->batch.state, state, sizeof *state);
}
