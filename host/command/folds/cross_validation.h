/* Cross-validation of a table: each fold is held out in turn, a model is trained on the others and measured on it. */
#ifndef EPOCL_COMMAND_FOLDS_CROSS_VALIDATION_H
#define EPOCL_COMMAND_FOLDS_CROSS_VALIDATION_H

#include "command/options/options.h"
#include "command/show/report.h"

/* Prints the metrics of each fold, their means and deviations, and writes folds.csv to --output, where it is given; no
 * model is kept. EPOCL_STOPPED after a signal. */
epocl_status cross_validate(const command *used, const settings *given, report *told);

#endif
