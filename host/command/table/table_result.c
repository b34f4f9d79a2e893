#include "command/table/table_result.h"

#include "data/encoder/encoder.h"
#include "model/network.h"

#include <math.h>

/* The cost of one standardised number is its error, or half its square. */
void table_tell_result(const epocl_network *network, const epocl_epoch_result *epoch, progress *shown) {
    const encoder *e = network->encoder;
    if (!e || !epoch || !isfinite(epoch->valid_cost)) return;
    if (e->class_count)
        progress_line(shown, "on the validation data: accuracy %.4f, %s %.5g", epoch->valid_accuracy,
                      epocl_network_cost(network), epoch->valid_cost);
    else if (e->target_count == 1 && network->head.code == HEAD_absolute)
        progress_line(shown, "on the validation data: mean absolute error of %s %.6g", e->targets[0].name,
                      epoch->valid_cost * (double)e->targets[0].scale);
    else if (e->target_count == 1 && network->head.code == HEAD_squared)
        progress_line(shown, "on the validation data: rmse of %s %.6g", e->targets[0].name,
                      sqrt(2.0 * epoch->valid_cost) * (double)e->targets[0].scale);
}
