/* ONNX files, whatever they hold. */
#include "model/network.h"

#include "fuzz/support/scratch_file.h"
#include "fuzz/support/target.h"
#include "fuzz/support/trial.h"

#include <string.h>

/* A byte of the file may be half an operator, whose value takes some hundred bytes; a tensor may be the weights of all
 * 64 layers, in double precision while it is read. */
enum { READER_BYTES = 16 << 10, FILE_RATIO = 1024 };

/* What a network that was imported promises, also when it is exported and imported again. */
static void expect_sound(const epocl_network *network) {
    epocl_network *again = NULL;
    const size_t layer_count = epocl_network_layer_count(network);
    EXPECT(layer_count >= 1 && layer_count <= NETWORK_MAX_LAYERS);
    for (size_t i = 0; i < layer_count; i++) {
        const layer *one = &network->layers[i];
        EXPECT(one->input_count >= 1 && one->output_count >= 1);
        EXPECT(i == 0 || one->input_count == network->layers[i - 1].output_count);
        EXPECT(epocl_network_weights(network, i) && epocl_network_biases(network, i));
    }
    EXPECT(epocl_network_export(network, "onnx", NULL, scratch_file_path()) == EPOCL_OK);
    EXPECT(epocl_network_import(scratch_file_path(), NULL, NULL, NULL, &again) == EPOCL_OK);
    EXPECT(strcmp(epocl_network_activation(network), epocl_network_activation(again)) == 0);
    EXPECT(strcmp(epocl_network_output(network), epocl_network_output(again)) == 0);
    for (size_t i = 0; i < layer_count; i++) {
        const layer *one = &network->layers[i], *two = &again->layers[i];
        EXPECT(memcmp(one->weights, two->weights, one->input_count * one->output_count * sizeof *one->weights) == 0);
        EXPECT(memcmp(one->biases, two->biases, one->output_count * sizeof *one->biases) == 0);
    }
    epocl_network_release(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    epocl_network *network = NULL;
    const char *path = trial_begin(bytes, byte_count);
    const epocl_status status = epocl_network_import(path, NULL, NULL, NULL, &network);
    trial_end(READER_BYTES + FILE_RATIO * byte_count);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_DATA || status == EPOCL_ERROR_ARGUMENT);
    EXPECT((status == EPOCL_OK) == (network != NULL));
    if (!network) {
        expect_printable_error(path);
        return 0;
    }
    expect_sound(network);
    epocl_network_release(network);
    return 0;
}
