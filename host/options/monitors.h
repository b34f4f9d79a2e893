/* monitors: figures of the validation data that a run can go by, one entry each. Options, trainer and command read this
 * same table.
 *
 *     ENTRY(code, word, field, is_better, text)
 *
 * `field` is that of an epocl_epoch_result; is_better(x, y) whether x is a better figure than y; `text` what people
 * call the figure. */
#ifndef EPOCL_OPTIONS_MONITORS_H
#define EPOCL_OPTIONS_MONITORS_H

#define IS_LOWER(x, y)  ((x) < (y))
#define IS_HIGHER(x, y) ((x) > (y))

#define MONITORS(ENTRY)                                                                                                \
    ENTRY(0, cost, valid_cost, IS_LOWER, "validation cost")                                                            \
    ENTRY(1, accuracy, valid_accuracy, IS_HIGHER, "validation accuracy")

#define MONITOR_CODE(code, word, ...) MONITOR_##word = code,
enum { MONITORS(MONITOR_CODE) MONITOR_COUNT };
#undef MONITOR_CODE

#endif
