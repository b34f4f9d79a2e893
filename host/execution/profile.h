/* A profile: the launches of an epoch with their times, FLOP and bytes. The functions accept NULL, for a trainer
 * without a profile, except profile_create() and profile_get(). */
#ifndef EPOCL_EXECUTION_PROFILE_H
#define EPOCL_EXECUTION_PROFILE_H

#include "execution/pass.h"

typedef struct epoch_profile epoch_profile;

enum { PROFILE_LAUNCHES = 100000 }; /* the most that are kept of an epoch */

/* Records the launches of `e`, which must outlive the profile, from now on. */
epocl_status profile_create(executable *e, epoch_profile **created);
void profile_release(epoch_profile *p);

/* An epoch begins: forgets the last one. */
void profile_begin(epoch_profile *p, size_t epoch);

/* Takes the times of the launches since the last call, all of `pass_` and all ended, and lets go of their events.
 * `done` is the number of samples that the pass has finished. */
void profile_collect(epoch_profile *p, const pass *pass_, const char *pass_name, size_t done);

/* The epoch has ended, however: no event stays. */
void profile_end(epoch_profile *p);

/* What was collected; or the failure that prevented it. */
epocl_status profile_get(const epoch_profile *p, epocl_profile *got);

/* One of its launches; NULL past the last. */
const epocl_profile_launch *profile_launch(const epoch_profile *p, size_t index);

#endif
