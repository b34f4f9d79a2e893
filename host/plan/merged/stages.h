/* Stages: which launches of a step need not wait for each other. The units of a stage (plan/units.h) conflict with none
 * of their own stage, and only with earlier and later ones. */
#ifndef EPOCL_PLAN_MERGED_STAGES_H
#define EPOCL_PLAN_MERGED_STAGES_H

#include "plan/launch.h"

typedef struct stages {
    size_t *stage_of; /* of each unit */
    size_t unit_count, stage_count;
} stages;

/* Also sets the unit of each launch. There are as few stages as the conflicts allow, and each unit is in the last that
 * it may be in. */
epocl_status stages_find(stages *s, launch *launches, size_t count);
void stages_release(stages *s);

#endif
