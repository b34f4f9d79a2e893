/* Learns XOR: four samples, two inputs, two classes.
 *
 *     cc xor.c $(pkg-config --cflags --libs epocl) -o xor && ./xor
 */
#include <epocl.h>
#include <stdio.h>
#include <stdlib.h>

/* The library returns; the program decides. */
static void check(epocl_status status) {
    if (status == EPOCL_OK) return;
    fprintf(stderr, "xor: %s\n", epocl_last_error());
    exit(1);
}

int main(void) {
    static const float inputs[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    static const uint32_t labels[4] = {0, 1, 1, 0};
    epocl_device *device;
    epocl_dataset *data;
    epocl_network *network;
    epocl_trainer *trainer;
    epocl_epoch_result result;
    float outputs[4][2];
    uint32_t classes[4];

    check(epocl_device_open("auto", &device));
    check(epocl_dataset_from_floats(&inputs[0][0], labels, 4, 2, 2, &data));

    epocl_options *options;
    check(epocl_options_create(&options));
    check(epocl_options_set(options, "recipe", "seed"));
    check(epocl_options_set(options, "hidden", "8"));
    check(epocl_options_set(options, "batch-size", "4"));
    check(epocl_options_set(options, "learning-rate", "2"));
    check(epocl_network_create(data, options, &network));
    check(epocl_trainer_create(device, network, data, NULL, options, &trainer));
    epocl_options_release(options);
    for (int epoch = 0; epoch < 2000; epoch++) check(epocl_trainer_run_epoch(trainer, &result));
    check(epocl_trainer_read(trainer, network));
    check(epocl_predict(device, network, data, &outputs[0][0]));
    check(epocl_predict_classes(device, network, data, classes));

    for (int i = 0; i < 4; i++)
        printf("%g xor %g: %u, output %.3f (%u)\n", (double)inputs[i][0], (double)inputs[i][1], classes[i],
               (double)outputs[i][1], labels[i]);
    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_dataset_release(data);
    epocl_device_release(device);
    return result.train_accuracy == 1.0 ? 0 : 1;
}
