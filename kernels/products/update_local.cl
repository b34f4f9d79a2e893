#include "local.cl"
/* update, local: W -= learning_rate / batch_count * sum of delta a^T (8), (29), and the biases (9), (30).
 * Contract as update_plain, with panels of PANEL_WIDTH; the gradient stays in registers. Group: a block of inputs x
 * outputs; the first of a column of blocks updates its biases too. The sum is short and the blocks are many: no parts.
 * kernels/products/local.cl says the rest. */
DEFINE_UPDATE_LOCAL(SHAPED(update_local), false)
