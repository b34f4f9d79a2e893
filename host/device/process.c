#include "device/process.h"

#include <stdatomic.h>
#include <unistd.h>

/* 0 as long as none does. */
static _Atomic(pid_t) user;

bool process_is_forked(void) {
    const pid_t known = atomic_load(&user);
    return known != 0 && known != getpid();
}

epocl_status process_check(void) {
    pid_t none = 0;
    atomic_compare_exchange_strong(&user, &none, getpid());
    if (!process_is_forked()) return EPOCL_OK;
    return fail(EPOCL_ERROR_DEVICE,
                "OpenCL cannot be used in this process, which was forked from one that had begun to "
                "use it; fork() before the first call that concerns a device");
}
