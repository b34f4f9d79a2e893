/* Where a pass that met a cost which is not finite went wrong. */
#ifndef EPOCL_EXECUTION_DIVERGENCE_H
#define EPOCL_EXECUTION_DIVERGENCE_H

#include "execution/pass.h"

/* EPOCL_ERROR_DIVERGED with the formatted text, then, from what the pass's last mini-batch left on the device, the
 * first layer whose outputs are not finite, and advice. `state` has just been read from the pass. */
__attribute__((format(printf, 3, 4))) epocl_status fail_diverged(const pass *pass_, const epoch_state *state,
                                                                 const char *format, ...);

#endif
