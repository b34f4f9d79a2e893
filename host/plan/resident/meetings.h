/* Meetings: where the groups of a resident kernel must meet, and where the items of each group wait for each other. */
#ifndef EPOCL_PLAN_RESIDENT_MEETINGS_H
#define EPOCL_PLAN_RESIDENT_MEETINGS_H

#include "plan/resident/shares.h"

/* meets[i]: groups meet before launch i of the step. waits[i]: so they do, or at least the items of each group wait for
 * each other there; those always wait between steps, since they all look at the state. Both come as false. */
void meetings_find(const shares *s, bool *meets, bool *waits);

#endif
