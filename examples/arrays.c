/* Trains on arrays in memory: which ring around the origin does a point lie in? Three classes, two of the
 * three parts for training and one to validate, and the trained network saved to a file if one is named.
 *
 *     cc arrays.c $(pkg-config --cflags --libs epocl) -lm -o arrays && ./arrays rings.safetensors
 */
#include <epocl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { POINTS = 3000 };

static void check(epocl_status status) {
    if (status == EPOCL_OK) return;
    fprintf(stderr, "arrays: %s\n", epocl_last_error());
    exit(1);
}

int main(int argc, char **argv) {
    static float inputs[POINTS][2];
    static uint32_t labels[POINTS];
    for (int i = 0; i < POINTS; i++) {
        const double angle = 2.399963 * i, radius = 3.0 * (i % 1000) / 1000.0;
        inputs[i][0] = (float)(radius * cos(angle));
        inputs[i][1] = (float)(radius * sin(angle));
        labels[i] = (uint32_t)radius;
    }
    epocl_device *device;
    epocl_dataset *all, *train, *valid;
    epocl_network *network;
    epocl_trainer *trainer;
    epocl_epoch_result result;
    check(epocl_device_open("auto", &device));
    check(epocl_dataset_from_floats(&inputs[0][0], labels, POINTS, 2, 3, &all));
    check(epocl_dataset_split(all, 1.0 / 3.0, 1, &train, &valid));

    epocl_options *options;
    check(epocl_options_create(&options));
    check(epocl_options_set(options, "recipe", "seed"));
    check(epocl_options_set(options, "hidden", "32,32"));
    check(epocl_options_set(options, "batch-size", "20"));
    check(epocl_options_set(options, "learning-rate", "1"));
    check(epocl_network_create(train, options, &network));
    check(epocl_trainer_create(device, network, train, valid, options, &trainer));
    epocl_options_release(options);
    do {
        check(epocl_trainer_run_epoch(trainer, &result));
        if (result.epoch % 20 == 0) printf("epoch %zu: valid accuracy %.3f\n", result.epoch, result.valid_accuracy);
    } while (result.epoch < 200 && result.valid_accuracy < 0.97);
    check(epocl_trainer_read(trainer, network));
    if (argc > 1) check(epocl_network_save(network, argv[1]));

    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_dataset_release(all);
    epocl_dataset_release(train);
    epocl_dataset_release(valid);
    epocl_device_release(device);
    return result.valid_accuracy >= 0.97 ? 0 : 1;
}
