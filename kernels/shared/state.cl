/* state: where an epoch stands. It lives on the device, so that replaying a plan changes no argument.
 * The host compiles this same text (host/plan/state.h); every field is 32 bits wide. */

typedef struct {
    uint seed_low, seed_high;
    uint epoch;              /* 1 in the first epoch; counted by metrics_begin         */
    uint step;               /* mini-batches finished in this epoch                    */
    uint first;              /* samples finished in this epoch: where the batch begins */
    uint batch_count;        /* samples of the present mini-batch; 0 when none is left */
    uint sample_count;       /* of the data set                                        */
    uint correct;            /* samples whose class, or all of whose answers, were right */
    float cost;              /* sum over the finished samples ...                      */
    float cost_compensation; /* ... and what rounding took from it                     */
    uint nonfinite_step;     /* the first step (from 1) whose cost was not finite, or 0 */
    uint stopped;            /* 1 when a stop ended the epoch early                    */
    /* Of the present mini-batch, in training; they follow from the rest (kernels/epoch/rates.cl). */
    float weight;        /* of its samples, and those before it in its group: their number, if they have none */
    float learning_rate; /* by the schedule                                              */
    float sum_rate;      /* learning_rate / weight: of a sum over the samples            */
    float mean;          /* 1 / weight, but 1 where that is 0: makes a mean of a sum     */
    float first_rate;    /* learning_rate / (1 - beta1^t), t counting steps from 1       */
    float second;        /* 1 / sqrt(1 - beta2^t)                                        */
    uint ends_group;     /* 1 when a step of the optimiser follows it, 0 when its gradient is kept for the next */
    float clip;          /* factor that keeps the gradient's norm within its bound: kernels/parameters/clip.cl      */
    float average_share; /* of the new parameters in their moving average                        */
    float gradient_rate; /* of nadam: of the gradient itself, where first_rate is of its average */
} epoch_state;
