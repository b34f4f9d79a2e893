/* Units: which launches of a step belong together. Launches whose items are of one sample, and that have little to do
 * for each, make a unit with those before them: a *chain*, which a work-group may go through for a sample without
 * waiting for another group. Any other launch is a unit by itself. */
#ifndef EPOCL_PLAN_UNITS_H
#define EPOCL_PLAN_UNITS_H

#include "plan/launch.h"

/* Sets `unit` of each launch; units are numbered in an order in which they may be done. In a chain an operation has at
 * most `sample_flop` to do for a sample. Returns how many units there are. */
size_t units_find(launch *launches, size_t count, double sample_flop);

/* Whether one of two launches has to be done before the other. */
bool launches_conflict(const launch *a, const launch *b);

#endif
