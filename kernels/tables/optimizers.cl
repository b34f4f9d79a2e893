/* optimizers: how a parameter follows from its gradient, one entry each. Kernels and host read this same table.
 *
 *     ENTRY(code, name, slots, statement)
 *
 * w is the parameter, which the statement changes; g its gradient (29), (30), averaged over the mini-batch; m and v are
 * what an optimiser keeps of it between steps, `slots` of them, which begin at 0. h holds the numbers of the run
 * (kernels/shared/hyper.cl), s those of the step (kernels/shared/state.cl). All of them float or a vector of floats.
 *
 * sgd: (8), (9). momentum, nesterov: B. T. Polyak, 1964; Y. Nesterov, 1983. adagrad: J. Duchi et al., 2011. rmsprop: T.
 * Tieleman and G. Hinton, 2012, with beta2 for its memory. adam: D. P. Kingma and J. Ba, 2015: of m / (1 - beta1^t) and
 * v / (1 - beta2^t), whose factors the step keeps as `first_rate` and `second`. adamw: I. Loshchilov and F. Hutter,
 * 2019: adam, with decay apart from the gradient. lion: X. Chen et al., 2023. nadam: T. Dozat, 2016, with his schedule
 * of momenta mu_t = beta1 (1 - 0.96^(0.004 t) / 2): the rates of m and g are the step's `first_rate` and
 * `gradient_rate`. */

#define ADAM                                                                                                           \
    m = h->beta1 * m + h->one_minus_beta1 * g;                                                                         \
    v = h->beta2 * v + h->one_minus_beta2 * g * g;                                                                     \
    w -= QUOTIENT(s->first_rate * m, sqrt(v) * s->second + h->epsilon);

#define OPTIMIZERS(ENTRY)                                                                                              \
    ENTRY(0, sgd, 0, w -= s->learning_rate * g;)                                                                       \
    ENTRY(1, momentum, 1, m = h->momentum * m + g; w -= s->learning_rate * m;)                                         \
    ENTRY(2, nesterov, 1, m = h->momentum * m + g; w -= s->learning_rate * (g + h->momentum * m);)                     \
    ENTRY(3, adagrad, 1, m += g * g; w -= QUOTIENT(s->learning_rate * g, sqrt(m) + h->epsilon);)                       \
    ENTRY(4, rmsprop, 1, m = h->beta2 * m + h->one_minus_beta2 * g * g;                                                \
          w -= QUOTIENT(s->learning_rate * g, sqrt(m) + h->epsilon);)                                                  \
    ENTRY(5, adam, 2, ADAM)                                                                                            \
    ENTRY(6, adamw, 2, ADAM)                                                                                           \
    ENTRY(7, lion, 1,                                                                                                  \
          w -= s->learning_rate * (IS_POSITIVE(h->beta1 * m + h->one_minus_beta1 * g) -                                \
                                   IS_POSITIVE(-(h->beta1 * m + h->one_minus_beta1 * g)));                             \
          m = h->beta2 * m + h->one_minus_beta2 * g;)                                                                  \
    ENTRY(8, nadam, 2, m = h->beta1 * m + h->one_minus_beta1 * g; v = h->beta2 * v + h->one_minus_beta2 * g * g;       \
          w -= QUOTIENT(s->gradient_rate * g + s->first_rate * m, sqrt(v) * s->second + h->epsilon);)
