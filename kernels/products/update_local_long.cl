#include "local.cl"
/* update, local, for mini-batches of more than one section: as update_local, with three times the registers. A file of
 * its own, so that a program has local memory for one of them. */
DEFINE_UPDATE_LOCAL(SHAPED(update_local_long), true)
