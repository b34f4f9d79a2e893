#include "command/signals.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sigset_t watched;
static epocl_trainer *attached; /* under `lock`, as the two below */
static bool has_trained;
static bool is_stopped;

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

static void *watch(void *unused) {
    (void)unused;
    for (;;) {
        int number = 0;
        if (sigwait(&watched, &number) != 0) continue;
        pthread_mutex_lock(&lock);
        const bool is_last = is_stopped || !has_trained;
        is_stopped = true;
        if (attached) epocl_trainer_stop(attached);
        pthread_mutex_unlock(&lock);
        if (is_last) end_process(number);
    }
    return NULL;
}

epocl_status signals_begin(void) {
    static const int numbers[] = {SIGINT, SIGTERM};
    sigemptyset(&watched);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction action;
        if (sigaction(numbers[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) sigaddset(&watched, numbers[i]);
    }
    if (!sigismember(&watched, SIGINT) && !sigismember(&watched, SIGTERM)) return EPOCL_OK;
    pthread_t thread;
    int code = pthread_sigmask(SIG_BLOCK, &watched, NULL);
    if (code == 0) code = pthread_create(&thread, NULL, watch, NULL);
    if (code == 0) code = pthread_detach(thread);
    return code == 0 ? EPOCL_OK : fail(EPOCL_ERROR_MEMORY, "cannot start the thread for signals: %s", strerror(code));
}

void signals_attach(epocl_trainer *trainer) {
    pthread_mutex_lock(&lock);
    attached = trainer;
    if (trainer) has_trained = true;
    pthread_mutex_unlock(&lock);
}

bool signals_stopped(void) {
    pthread_mutex_lock(&lock);
    const bool stopped = is_stopped;
    pthread_mutex_unlock(&lock);
    return stopped;
}
