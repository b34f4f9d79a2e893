/* A program that was built against an older header: its results lack the last field of the present ones. What the
 * library writes beyond them is seen behind each. Trains on exclusive or for an epoch. */
#include <epocl.h>

#include <stdio.h>
#include <string.h>

#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        if ((call) != EPOCL_OK) {                                                                                      \
            fprintf(stderr, "%s\n", epocl_last_error());                                                               \
            return 1;                                                                                                  \
        }                                                                                                              \
    } while (0)

/* Two results in a row, and what must stay as it is. */
#define GUARDED(type)                                                                                                  \
    struct {                                                                                                           \
        type results[2];                                                                                               \
        unsigned char guard[256];                                                                                      \
    }

static int is_touched(const unsigned char guard[256]) {
    for (int i = 0; i < 256; i++)
        if (guard[i] != 0xAA) return 1;
    return 0;
}

int main(void) {
    static const float inputs[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    static const uint32_t labels[4] = {0, 1, 1, 0};
    GUARDED(epocl_device_info) infos;
    GUARDED(epocl_epoch_result) epochs;
    GUARDED(epocl_evaluation) evaluations;
    GUARDED(epocl_option_info) options_there;
    epocl_device *device;
    epocl_dataset *data;
    epocl_options *options;
    epocl_network *network;
    epocl_trainer *trainer;
    size_t count = 0;
    memset(&infos, 0xAA, sizeof infos);
    memset(&epochs, 0xAA, sizeof epochs);
    memset(&evaluations, 0xAA, sizeof evaluations);
    memset(&options_there, 0xAA, sizeof options_there);
    TRY(epocl_devices_list(infos.results, 2, &count));
    TRY(epocl_device_open("auto", &device));
    TRY(epocl_dataset_from_floats(&inputs[0][0], labels, 4, 2, 2, &data));
    TRY(epocl_options_create(&options));
    TRY(epocl_options_list(0, &options_there.results[1]));
    TRY(epocl_options_set(options, "hidden", "4"));
    TRY(epocl_network_create(data, options, &network));
    TRY(epocl_trainer_create(device, network, data, NULL, options, &trainer));
    TRY(epocl_trainer_run_epoch(trainer, &epochs.results[0]));
    TRY(epocl_trainer_history(trainer, 0, &epochs.results[1]));
    TRY(epocl_trainer_read(trainer, network));
    TRY(epocl_evaluate(device, network, data, &evaluations.results[1]));
    if (is_touched(infos.guard) || is_touched(epochs.guard) || is_touched(evaluations.guard) ||
        is_touched(options_there.guard)) {
        fprintf(stderr, "the library wrote beyond a result\n");
        return 1;
    }
    if (epochs.results[0].train_cost != epochs.results[1].train_cost || epochs.results[1].epoch != 1) return 1;
    if (count > 1 && infos.results[1].index != 1) return 1;
    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_options_release(options);
    epocl_dataset_release(data);
    epocl_device_release(device);
    return 0;
}
