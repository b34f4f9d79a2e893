#include "command/system/signals.h"

#include "base/clock.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sigset_t watched;
static double interval_seconds; /* 0 without */
/* Under `lock`: */
static void (*attached)(void *user); /* stops what trains; NULL without */
static void *attached_user;
static bool has_trained, is_stopped, was_asked, wants_save;
static double due; /* when the clock asks for the next save, by seconds_now() */
static void (*last_act)(const void *user);
static const void *last_user;

/* As if the signal had never been caught, so that a shell sees which one it was. */
static void end_process(int number) {
    sigset_t one;
    signal(number, SIG_DFL);
    sigemptyset(&one);
    sigaddset(&one, number);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    raise(number);
    /* cppcheck-suppress unreachableCode ; raise() returns in process 1, which signals do not end */
    _exit(128 + number);
}

/* Waits for one of the signals, at most until a save is due; 0 when none came. */
static int wait_for_signal(void) {
    /* Never longer than an interval, so that a time that was set meanwhile is not missed. */
    pthread_mutex_lock(&lock);
    const double remaining = fmin(due - seconds_now(), interval_seconds);
    pthread_mutex_unlock(&lock);
    int number = 0;
    if (interval_seconds <= 0) return sigwait(&watched, &number) == 0 ? number : 0;
    const double whole = floor(fmax(remaining, 0));
    const struct timespec time = {.tv_sec = (time_t)whole, .tv_nsec = (long)((fmax(remaining, 0) - whole) * 1e9)};
    number = sigtimedwait(&watched, NULL, &time);
    return number > 0 ? number : 0;
}

static void *watch(void *unused) {
    (void)unused;
    for (;;) {
        const int number = wait_for_signal();
        pthread_mutex_lock(&lock);
        /* A terminal that closes says so more than once, and who sends SIGTERM may add a SIGHUP. */
        const bool asks = number == SIGINT || number == SIGTERM, ends = asks || number == SIGHUP;
        const bool is_last = (asks && was_asked) || (ends && !has_trained);
        const bool is_due = interval_seconds > 0 && attached && seconds_now() >= due;
        if (is_due) due = INFINITY; /* until signals_saved() */
        if (ends) is_stopped = true;
        if (asks) was_asked = true;
        if (number == SIGUSR1 || is_due) wants_save = true;
        if (is_last && last_act) last_act(last_user);
        if (attached && (ends || number == SIGUSR1 || is_due)) attached(attached_user);
        pthread_mutex_unlock(&lock);
        if (is_last) end_process(number);
    }
    return NULL;
}

static bool is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) != 0 || action.sa_handler == SIG_IGN;
}

void signals_keep_ignored(void) {
    static const int numbers[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
    sigset_t ignored;
    sigemptyset(&ignored);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (is_ignored(numbers[i])) sigaddset(&ignored, numbers[i]);
    pthread_sigmask(SIG_BLOCK, &ignored, NULL);
}

epocl_status signals_begin(double save_seconds) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    bool is_any = save_seconds > 0;
    interval_seconds = save_seconds;
    due = INFINITY;
    sigemptyset(&watched);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (is_ignored(numbers[i])) continue;
        sigaddset(&watched, numbers[i]);
        is_any = true;
    }
    if (!is_any) return EPOCL_OK;
    pthread_t thread;
    int code = pthread_sigmask(SIG_BLOCK, &watched, NULL);
    if (code == 0) code = pthread_create(&thread, NULL, watch, NULL);
    if (code == 0) code = pthread_detach(thread);
    return code == 0 ? EPOCL_OK : fail(EPOCL_ERROR_MEMORY, "cannot start the thread for signals: %s", strerror(code));
}

void signals_attach_any(void (*stop)(void *user), void *user) {
    pthread_mutex_lock(&lock);
    attached = stop;
    attached_user = user;
    if (stop) {
        has_trained = true;
        due = seconds_now() + interval_seconds;
        if (wants_save) stop(user);
    }
    pthread_mutex_unlock(&lock);
}

static void stop_trainer(void *trainer) {
    epocl_trainer_stop(trainer);
}

void signals_attach(epocl_trainer *trainer) {
    signals_attach_any(trainer ? stop_trainer : NULL, trainer);
}

bool signals_stopped(void) {
    pthread_mutex_lock(&lock);
    const bool stopped = is_stopped;
    pthread_mutex_unlock(&lock);
    return stopped;
}

void signals_ask_to_stop(void) {
    pthread_mutex_lock(&lock);
    is_stopped = true;
    if (attached) attached(attached_user);
    pthread_mutex_unlock(&lock);
}

bool signals_want_save(void) {
    pthread_mutex_lock(&lock);
    const bool wanted = wants_save;
    pthread_mutex_unlock(&lock);
    return wanted;
}

void signals_saving(void) {
    pthread_mutex_lock(&lock);
    wants_save = false;
    due = INFINITY;
    pthread_mutex_unlock(&lock);
}

void signals_set_last_act(void (*act)(const void *user), const void *user) {
    pthread_mutex_lock(&lock);
    last_act = act;
    last_user = user;
    pthread_mutex_unlock(&lock);
}

void signals_saved(void) {
    pthread_mutex_lock(&lock);
    due = seconds_now() + interval_seconds;
    pthread_mutex_unlock(&lock);
}
