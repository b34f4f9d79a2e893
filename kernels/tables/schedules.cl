/* schedules: how the learning rate goes through a run, one entry each. Kernels and host read this same table.
 *
 *     ENTRY(code, name, word, factor)
 *
 * The rate of a step is the run's learning rate times the factor, in x, which goes from 0 at the first step after the
 * warm-up to 1 at the end of the run, and f, the part of the rate that is left at the end. During the warm-up the
 * factor rises in a line from 1 / warm-up steps to 1.
 *
 * exponential: f^x. step: a tenth of the rate after each third. one-cycle: up to the rate in 3 tenths of the run, then
 * down, both along a cosine (L. N. Smith, 2018). coslog: four cycles along log2(1 + 15 x) (D. Holzmueller et al.,
 * 2024). plateau: the host lowers the rate itself, in hyper, after epochs without an improvement
 * (host/training/monitor.c). */
#define SCHEDULE_PI    3.14159265358979f
#define COSINE_DOWN(x) (0.5f + 0.5f * cos(SCHEDULE_PI * (x)))

#define SCHEDULES(ENTRY)                                                                                               \
    ENTRY(0, constant, "constant", 1.0f)                                                                               \
    ENTRY(1, linear, "linear", 1.0f - (1.0f - f) * x)                                                                  \
    ENTRY(2, cosine, "cosine", f + (1.0f - f) * COSINE_DOWN(x))                                                        \
    ENTRY(3, exponential, "exponential", exp(x *log(fmax(f, 1e-4f))))                                                  \
    ENTRY(4, step, "step", x < 1.0f / 3.0f ? 1.0f : x < 2.0f / 3.0f ? 0.1f : 0.01f)                                    \
    ENTRY(5, one_cycle, "one-cycle",                                                                                   \
          x < 0.3f ? 0.04f + 0.96f * (1.0f - COSINE_DOWN(x / 0.3f)) : f + (1.0f - f) * COSINE_DOWN((x - 0.3f) / 0.7f)) \
    ENTRY(6, coslog, "coslog", 0.5f - 0.5f * cos(2.0f * SCHEDULE_PI * log2(1.0f + 15.0f * x)))                         \
    ENTRY(7, plateau, "plateau", 1.0f)
