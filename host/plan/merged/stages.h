/* Stages: which launches of a step need not wait for each other. Launches are taken together to units; the units of a
 * stage conflict with none of their own stage, and only with earlier and later ones. */
#ifndef EPOCL_PLAN_MERGED_STAGES_H
#define EPOCL_PLAN_MERGED_STAGES_H

#include "plan/launch.h"

typedef struct stages {
    size_t *unit_of;  /* of each launch: its unit. Units are in an order in which they may be done */
    size_t *stage_of; /* of each unit                                                              */
    size_t unit_count, stage_count;
} stages;

/* Launches whose items are of one sample, and that have little to do for each, make a unit with those before them: a
 * *chain*, which a work-group may go through for a sample without waiting for another. Any other is a unit by itself.
 * There are as few stages as the conflicts allow, and each unit is in the last that it may be in. */
epocl_status stages_find(stages *s, const launch *launches, size_t count);
void stages_release(stages *s);

#endif
