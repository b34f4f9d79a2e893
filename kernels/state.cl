/* state: where an epoch stands. It lives on the device, so that replaying a plan changes no argument.
 * The host compiles this same text (host/plan/state.h); every field is 32 bits wide. */

typedef struct {
    uint seed_low, seed_high;
    uint epoch;              /* 1 in the first epoch; counted by metrics_begin         */
    uint step;               /* mini-batches finished in this epoch                    */
    uint first;              /* samples finished in this epoch: where the batch begins */
    uint batch_count;        /* samples of the present mini-batch; 0 when none is left */
    uint sample_count;       /* of the data set                                        */
    uint correct;            /* samples whose largest output was their label           */
    float cost;              /* sum over the finished samples ...                      */
    float cost_compensation; /* ... and what rounding took from it                     */
    uint nonfinite_step;     /* the first step (from 1) whose cost was not finite, or 0 */
    uint stopped;            /* 1 when a stop ended the epoch early                    */
} epoch_state;
