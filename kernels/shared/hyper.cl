/* hyper: the numbers of a run that its steps go by. They live on the device, beside the state, so that another learning
 * rate is four bytes to write and no argument to set. The host compiles this same text (host/plan/state.h); every field
 * is 32 bits wide. */

typedef struct {
    float learning_rate;
    float momentum;
    float beta1, one_minus_beta1, log_beta1; /* logarithms for 1 - beta^t without cancellation */
    float beta2, one_minus_beta2, log_beta2;
    float epsilon;
    float coupled_decay;                             /* times w, added to the gradient        */
    float decoupled_decay;                           /* times w and the rate, taken from w    */
    float clip_value;                                /* a gradient's largest value            */
    float clip_norm;                                 /* the largest norm of all gradients     */
    float average_share;                             /* of the new in a moving average        */
    float final_factor;                              /* of the rate, at the end of the run    */
    uint group_batches;                              /* mini-batches that a step is taken for */
    uint steps_per_epoch, warmup_steps, total_steps; /* of the optimiser: groups of mini-batches */
} hyper_values;
