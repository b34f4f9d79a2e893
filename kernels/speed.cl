/* speed: what a device can do at most. These kernels do nothing useful; host/device/programs/speed.c times them. */
#define SPEED_JOIN_(a, b) a##b
#define SPEED_JOIN(a, b)  SPEED_JOIN_(a, b)
#if VECTOR_WIDTH == 1
#define speed_vector float
#else
#define speed_vector SPEED_JOIN(float, VECTOR_WIDTH)
#endif

/* Independent sums: enough to cover two units of a latency of 5, few enough for 16 registers. In separate variables,
 * since not every compiler keeps an array in registers. */
#define SPEED_FOR_EACH_SUM(DO, f)                                                                                      \
    DO(0, f) DO(1, f) DO(2, f) DO(3, f) DO(4, f) DO(5, f) DO(6, f) DO(7, f) DO(8, f) DO(9, f) DO(10, f) DO(11, f)
#define SPEED_BEGIN(i, f) speed_vector sum_##i = first + (float)i;
#define SPEED_ADD(i, f)   sum_##i = f(sum_##i, factor, summand);
#define SPEED_TOTAL(i, f) +sum_##i
#define SPEED_ROUND(f)    SPEED_FOR_EACH_SUM(SPEED_ADD, f)
#define SPEED_8_ROUNDS(f)                                                                                              \
    SPEED_ROUND(f)                                                                                                     \
    SPEED_ROUND(f) SPEED_ROUND(f) SPEED_ROUND(f) SPEED_ROUND(f) SPEED_ROUND(f) SPEED_ROUND(f) SPEED_ROUND(f)

/* 8 x `rounds` of a multiplication and an addition for each lane of 12 vectors, which never leave the registers.
 * sums: one vector a work-item. With factor 0.5 and summand 1 each of its lanes ends at 24. Some compilers end a loop
 * after 65,535 rounds. */
#define SPEED_KERNEL(name, f)                                                                                          \
    __kernel void name(const uint rounds, const float first, const float factor_value, const float summand_value,      \
                       __global speed_vector *restrict sums) {                                                         \
        const speed_vector factor = factor_value, summand = summand_value;                                             \
        SPEED_FOR_EACH_SUM(SPEED_BEGIN, f)                                                                             \
        for (uint round = 0; round < rounds; round++) {                                                                \
            SPEED_8_ROUNDS(f)                                                                                          \
        }                                                                                                              \
        sums[get_global_id(0)] = 0.0f SPEED_FOR_EACH_SUM(SPEED_TOTAL, f);                                              \
    }

/* mad() may be two instructions; fma() may be a function of many. */
SPEED_KERNEL(speed_mad, mad)
SPEED_KERNEL(speed_fma, fma)

/* Work-item: a float. */
__kernel void speed_fill(const float value, __global float *restrict to) {
    to[get_global_id(0)] = value;
}

/* `steps` vectors a work-item. Each group has a stretch of its own, in which neighbours take neighbours. */
__kernel void speed_copy(const uint steps, __global const float4 *restrict from, __global float4 *restrict to) {
    size_t i = get_group_id(0) * get_local_size(0) * steps + get_local_id(0);
    for (uint step = 0; step < steps; step++, i += get_local_size(0)) to[i] = from[i];
}

__kernel void speed_nothing(void) {}
