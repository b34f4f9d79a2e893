/* Predicts the same rows again and again, by a predictor of the library, and prints for each count of rows its seconds:
 * the least and the median. Writes the outputs of the last count.
 * Usage: predict MODEL ROWS.f32 INPUTS OUTPUTS OUTPUT.f32 SECONDS COUNT... */
#include <epocl.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_RUNS = 10000, LEAST_RUNS = 10, WARM_RUNS = 3 };

static void check(epocl_status status) {
    if (status == EPOCL_OK) return;
    fprintf(stderr, "%s\n", epocl_last_error());
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* `count` floats of a file that begins with them, or zeros. */
static float *floats(const char *path, size_t count) {
    float *values = calloc(count, sizeof *values);
    FILE *file = path ? fopen(path, "rb") : NULL;
    if (!values || (path && !(file && fread(values, sizeof *values, count, file) == count))) exit(1);
    if (file) fclose(file);
    return values;
}

int main(int argument_count, char **arguments) {
    static double seconds[MOST_RUNS];
    if (argument_count < 8) return 64;
    const size_t inputs = strtoul(arguments[3], NULL, 10), outputs = strtoul(arguments[4], NULL, 10);
    const double most_seconds = strtod(arguments[6], NULL);
    epocl_device *device;
    epocl_network *network;
    epocl_predictor *predictor;
    check(epocl_device_open("cpu", &device));
    check(epocl_network_load(arguments[1], &network));
    check(epocl_predictor_create(device, network, &predictor));
    for (int i = 7; i < argument_count; i++) {
        const size_t rows = strtoul(arguments[i], NULL, 10);
        float *values = floats(arguments[2], rows * inputs), *predicted = floats(NULL, rows * outputs);
        epocl_dataset *dataset;
        int runs = 0;
        check(epocl_dataset_from_floats(values, NULL, rows, inputs, 0, &dataset));
        for (int warm = 0; warm < WARM_RUNS; warm++) check(epocl_predictor_run(predictor, dataset, predicted, NULL));
        for (double end = now() + most_seconds; runs < MOST_RUNS && (runs < LEAST_RUNS || now() < end); runs++) {
            const double start = now();
            check(epocl_predictor_run(predictor, dataset, predicted, NULL));
            seconds[runs] = now() - start;
        }
        qsort(seconds, (size_t)runs, sizeof *seconds, compare);
        printf("%zu %.9f %.9f\n", rows, seconds[0], seconds[runs / 2]);
        if (i == argument_count - 1) {
            FILE *file = fopen(arguments[5], "wb");
            if (!file || fwrite(predicted, sizeof *predicted, rows * outputs, file) != rows * outputs) return 1;
            fclose(file);
        }
        epocl_dataset_release(dataset);
        free(predicted);
        free(values);
    }
    epocl_predictor_release(predictor);
    epocl_network_release(network);
    epocl_device_release(device);
    return 0;
}
