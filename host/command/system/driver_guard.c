#include "command/system/driver_guard.h"

#include "command/system/exit.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static const int numbers[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL};
enum { NUMBER_COUNT = sizeof numbers / sizeof *numbers };
static struct sigaction before[NUMBER_COUNT];
static volatile sig_atomic_t is_guarding;

static _Noreturn void end_process(int number) {
    static const char text[] =
        "epocl: an OpenCL driver crashed when devices were looked for; epocl devices says which\n";
    (void)number;
    /* Nothing more can be done about a sentence that cannot be written. */
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0) _exit(EXIT_DEVICE);
    _exit(EXIT_DEVICE);
}

/* Takes the place of the C library's for drivers, too: LLVM, and with it PoCL, sets a handler of SIGABRT of its own,
 * which ends the process without calling those before it. */
__attribute__((visibility("default"))) _Noreturn void abort(void) {
    if (is_guarding) end_process(SIGABRT);
    raise(SIGABRT);
    /* cppcheck-suppress unreachableCode ; raise() returns from a handler that does */
    signal(SIGABRT, SIG_DFL);
    raise(SIGABRT);
    /* cppcheck-suppress unreachableCode ; nor does process 1 end by signals */
    _exit(128 + SIGABRT);
}

void driver_guard_begin(void) {
    is_guarding = true;
    struct sigaction action = {.sa_handler = end_process};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < NUMBER_COUNT; i++) sigaction(numbers[i], &action, &before[i]);
}

void driver_guard_end(void) {
    is_guarding = false;
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        struct sigaction now;
        if (sigaction(numbers[i], NULL, &now) == 0 && now.sa_handler == end_process)
            sigaction(numbers[i], &before[i], NULL);
    }
}
