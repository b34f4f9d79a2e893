/* Measures the peak of fp32 multiplications and additions on all cores: independent fused multiply-adds in registers,
 * in the widest vectors of the machine it is compiled for. Prints a line of JSON; the best of several runs counts.
 *
 *     cc -std=c11 -O3 -march=native -ffp-contract=fast bench/peak.c -lpthread */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#if defined __AVX512F__
enum { VECTOR_BYTES = 64 };
#elif defined __AVX__
enum { VECTOR_BYTES = 32 };
#else
enum { VECTOR_BYTES = 16 };
#endif

/* Enough to cover two units of a latency of 5, few enough for 16 registers. */
enum { ACCUMULATORS = 12, LANES = VECTOR_BYTES / sizeof(float), ROUNDS = 1 << 22, RUNS = 8, MOST_THREADS = 1024 };

typedef float vector __attribute__((vector_size(VECTOR_BYTES)));

static volatile float factor_source = 0.5f, summand_source = 1.0f, sink;
static pthread_barrier_t barrier;
static int thread_count;
static double starts[MOST_THREADS], seconds[RUNS];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void multiply_and_add(void) {
    const vector factor = factor_source - (vector){0}, summand = summand_source - (vector){0};
    vector sums[ACCUMULATORS];
    for (int i = 0; i < ACCUMULATORS; i++) sums[i] = summand * (float)i;
    for (int round = 0; round < ROUNDS; round++) {
#pragma GCC unroll 12
        for (int i = 0; i < ACCUMULATORS; i++) sums[i] = sums[i] * factor + summand;
    }
    float total = 0;
    for (int i = 0; i < ACCUMULATORS; i++) total += sums[i][0];
    sink = total;
}

/* A run is timed from the start of the first thread until all are done. */
static void *run_thread(void *own_start) {
    for (int run = 0; run < RUNS; run++) {
        pthread_barrier_wait(&barrier);
        *(double *)own_start = now();
        multiply_and_add();
        pthread_barrier_wait(&barrier);
        if (own_start != starts) continue;
        const double end = now();
        double start = starts[0];
        for (int i = 1; i < thread_count; i++)
            if (starts[i] < start) start = starts[i];
        seconds[run] = end - start;
    }
    return NULL;
}

int main(void) {
    pthread_t threads[MOST_THREADS];
    double best = 0;
    const long core_count = sysconf(_SC_NPROCESSORS_ONLN);
    thread_count = core_count < 1 ? 1 : core_count > MOST_THREADS ? MOST_THREADS : (int)core_count;
    if (pthread_barrier_init(&barrier, NULL, (unsigned)thread_count) != 0) return EXIT_FAILURE;
    for (int i = 1; i < thread_count; i++)
        if (pthread_create(&threads[i], NULL, run_thread, &starts[i]) != 0) return EXIT_FAILURE;
    run_thread(starts);
    for (int i = 1; i < thread_count; i++) pthread_join(threads[i], NULL);

    const double flop = 2.0 * LANES * ACCUMULATORS * (double)ROUNDS * thread_count;
    for (int run = 0; run < RUNS; run++)
        if (1e-9 * flop / seconds[run] > best) best = 1e-9 * flop / seconds[run];
    printf("{\"gflops\": %.1f, \"threads\": %d, \"vector_bits\": %d}\n", best, thread_count, 8 * VECTOR_BYTES);
    return EXIT_SUCCESS;
}
