#include "command/system/streams.h"

#include "command/system/exit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool needs_no_reader;

void streams_begin(void) {
    /* The lowest free number is the one that is opened. Reading only, so that to write is the error that it was. */
    for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++)
        if (fcntl(number, F_GETFD) == -1 && open("/dev/null", O_RDONLY) != number) _exit(EXIT_RUN_TIME);
}

void streams_need_no_reader(void) {
    needs_no_reader = true;
    signal(SIGPIPE, SIG_IGN);
}

/* Whether standard output could not be written since its reader is gone: a closed pipe, an output that there never was,
 * a terminal that was closed. */
static bool reader_is_gone(int code) {
    struct stat state;
    const bool is_file = fstat(STDOUT_FILENO, &state) == 0 && S_ISREG(state.st_mode);
    return code == EPIPE || code == EBADF || (code == EIO && !is_file);
}

static bool print_to_nobody(void) {
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    const bool is_done = null >= 0 && dup2(null, STDOUT_FILENO) >= 0;
    if (null >= 0) close(null);
    if (is_done) clearerr(stdout);
    return is_done;
}

/* False when something is lost, with the reason, if it is known, in errno. */
static bool flush(void) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) return true;
    return needs_no_reader && reader_is_gone(errno) && print_to_nobody();
}

void streams_flush(void) {
    (void)flush();
}

epocl_status streams_end(void) {
    if (flush()) return EPOCL_OK;
    return fail(EPOCL_ERROR_WRITE, "standard output: cannot write%s%s", errno ? ": " : "",
                errno ? strerror(errno) : "");
}
