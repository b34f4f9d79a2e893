#include "command/system/in_child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void be_child(child_function *function, const char *argument, unsigned seconds, int out) {
    char text[2048] = "";
    signal(SIGALRM, SIG_DFL);
    alarm(seconds);
    const bool is_true = function(argument, text, sizeof text);
    /* A text that cannot be written is a failure without words. */
    const ssize_t written = write(out, text, strlen(text));
    _exit(is_true && written >= 0 ? 0 : 1);
}

static void read_all(int in, char *text, size_t capacity) {
    size_t length = 0;
    while (length + 1 < capacity) {
        const ssize_t count = read(in, text + length, capacity - 1 - length);
        if (count == 0 || (count < 0 && errno != EINTR)) break;
        if (count > 0) length += (size_t)count;
    }
    text[length] = '\0';
}

bool in_child(child_function *function, const char *argument, unsigned seconds, char *text, size_t capacity) {
    int ends[2], state = 0;
    *text = '\0';
    fflush(NULL);
    if (pipe(ends) != 0) {
        snprintf(text, capacity, "cannot be tried: %s", strerror(errno));
        return false;
    }
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        be_child(function, argument, seconds, ends[1]);
    }
    close(ends[1]);
    if (child > 0) read_all(ends[0], text, capacity);
    close(ends[0]);
    if (child < 0) {
        snprintf(text, capacity, "cannot be tried: %s", strerror(errno));
        return false;
    }
    while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(state)) return WEXITSTATUS(state) == 0;
    if (WTERMSIG(state) == SIGALRM)
        snprintf(text, capacity, "does not end within %u s", seconds);
    else
        snprintf(text, capacity, "crashes: %s", strsignal(WTERMSIG(state)));
    return false;
}
