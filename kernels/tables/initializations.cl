/* initializations: what initial weights are drawn from, one entry each. For the host alone;
 * kernels/parameters/initialize.cl draws.
 *
 *     ENTRY(code, name, word, normal, square)
 *
 * normal = 0: uniform in [-limit, limit), normal = 1: normal. square is that of the limit, or of the deviation, in n_in
 * and n_out, the numbers of a layer's inputs and outputs. Code 0 is auto: by the layer's activation.
 *
 * glorot: X. Glorot and Y. Bengio, 2010. he: K. He et al., 2015. lecun: Y. LeCun et al., 1998. uniform: 1 / sqrt(n_in),
 * as PyTorch's nn.Linear has it. */

#define INITIALIZATIONS(ENTRY)                                                                                         \
    ENTRY(1, glorot_uniform, "glorot-uniform", 0, 6.0 / (n_in + n_out))                                                \
    ENTRY(2, glorot_normal, "glorot-normal", 1, 2.0 / (n_in + n_out))                                                  \
    ENTRY(3, he_uniform, "he-uniform", 0, 6.0 / n_in)                                                                  \
    ENTRY(4, he_normal, "he-normal", 1, 2.0 / n_in)                                                                    \
    ENTRY(5, lecun_uniform, "lecun-uniform", 0, 3.0 / n_in)                                                            \
    ENTRY(6, lecun_normal, "lecun-normal", 1, 1.0 / n_in)                                                              \
    ENTRY(7, uniform, "uniform", 0, 1.0 / n_in)
