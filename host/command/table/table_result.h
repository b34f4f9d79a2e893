/* How good a model of a table has become. */
#ifndef EPOCL_COMMAND_TABLE_TABLE_RESULT_H
#define EPOCL_COMMAND_TABLE_TABLE_RESULT_H

#include "command/show/progress.h"
#include "epocl.h"

/* Says what an epoch's validation found, numbers in the unit of the target; nothing for a network of no table. `epoch`
 * may be NULL. */
void table_tell_result(const epocl_network *network, const epocl_epoch_result *epoch, progress *shown);

#endif
