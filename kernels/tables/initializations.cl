/* initializations: what initial weights are made of, one entry each. For the host alone;
 * kernels/parameters/initialize.cl draws, host/model/orthogonal.c makes orthogonal matrices.
 *
 *     ENTRY(code, name, word, kind, square)
 *
 * kind is uniform, in [-limit, limit), normal, or orthogonal, a matrix of orthogonal rows or columns. square is that of
 * the limit, of the deviation or of a row's length, in n_in and n_out, the numbers of a layer's inputs and outputs, and
 * gain, the square of what makes up for a hidden layer's activation: 2 where auto takes He's, else 1. Code 0 is auto:
 * by the layer's activation.
 *
 * glorot: X. Glorot and Y. Bengio, 2010. he: K. He et al., 2015. lecun: Y. LeCun et al., 1998. uniform: 1 / sqrt(n_in),
 * as PyTorch's nn.Linear has it. orthogonal: A. Saxe et al., 2014. */

#define INITIALIZATIONS(ENTRY)                                                                                         \
    ENTRY(1, glorot_uniform, "glorot-uniform", uniform, 6.0 / (n_in + n_out))                                          \
    ENTRY(2, glorot_normal, "glorot-normal", normal, 2.0 / (n_in + n_out))                                             \
    ENTRY(3, he_uniform, "he-uniform", uniform, 6.0 / n_in)                                                            \
    ENTRY(4, he_normal, "he-normal", normal, 2.0 / n_in)                                                               \
    ENTRY(5, lecun_uniform, "lecun-uniform", uniform, 3.0 / n_in)                                                      \
    ENTRY(6, lecun_normal, "lecun-normal", normal, 1.0 / n_in)                                                         \
    ENTRY(7, uniform, "uniform", uniform, 1.0 / n_in)                                                                  \
    ENTRY(8, orthogonal, "orthogonal", orthogonal, gain)
