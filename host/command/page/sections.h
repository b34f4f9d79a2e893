/* The sections of a run's page. */
#ifndef EPOCL_COMMAND_PAGE_SECTIONS_H
#define EPOCL_COMMAND_PAGE_SECTIONS_H

#include "command/page/evaluation.h"
#include "command/run/record.h"
#include "command/table/table_importance.h"

#include <stdio.h>

/* The figures at a glance. */
void section_figures(FILE *out, const run_record *record);

/* Learning curves; EPOCL_ERROR_MEMORY. */
epocl_status section_curves(FILE *out, const run_record *record);

/* What the model says of data: metrics, classes, confusions, calibration, residuals. `on` names the data. */
void section_evaluation(FILE *out, const evaluation *made, const char *on);
void section_calibration(FILE *out, const evaluation *made);
epocl_status section_residuals(FILE *out, const evaluation *made);

/* How much it goes by each column of its table. */
void section_importance(FILE *out, const importance *found, const encoder *e);

/* How the run was made: network, device, times, settings, and the command line that makes it again ("" where it is not
 * known). */
void section_run(FILE *out, const run_record *record);
void section_reproduce(FILE *out, const run_record *record, const char *words);
void section_epochs(FILE *out, const run_record *record);

#endif
