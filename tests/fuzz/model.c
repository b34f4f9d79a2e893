/* Model files: safetensors files that must be a network of epocl. */
#include "model/network.h"

#include "fuzz/support/scratch_file.h"
#include "fuzz/support/target.h"
#include "fuzz/support/trial.h"

#include <stdlib.h>
#include <string.h>

enum { READER_BYTES = 12 << 10, HEADER_RATIO = 112 };

/* Saves the network and returns the file's bytes, to be freed. */
static uint8_t *save(const epocl_network *network, size_t *byte_count) {
    EXPECT(epocl_network_save(network, scratch_file_path()) == EPOCL_OK);
    return scratch_file_read(byte_count);
}

/* Saved and loaded again, a network gives the same file. */
static void expect_kept(const epocl_network *network) {
    size_t first_count = 0, second_count = 0;
    epocl_network *again = NULL;
    uint8_t *first = save(network, &first_count);
    EXPECT(epocl_network_load(scratch_file_path(), &again) == EPOCL_OK);
    uint8_t *second = save(again, &second_count);
    EXPECT(first_count == second_count && memcmp(first, second, first_count) == 0);
    EXPECT(epocl_network_parameter_count(again) == epocl_network_parameter_count(network));
    epocl_network_release(again);
    free(second);
    free(first);
}

/* What a network that was loaded promises. */
static void expect_sound(const epocl_network *network, size_t byte_count) {
    const size_t layer_count = epocl_network_layer_count(network);
    EXPECT(layer_count >= 1 && layer_count <= NETWORK_MAX_LAYERS);
    EXPECT(epocl_network_parameter_count(network) <= byte_count / sizeof(float));
    for (size_t i = 0; i < layer_count; i++) {
        const layer *one = &network->layers[i];
        EXPECT(one->input_count >= 1 && one->output_count >= 1);
        EXPECT(i == 0 || one->input_count == network->layers[i - 1].output_count);
        EXPECT(epocl_network_weights(network, i) && epocl_network_biases(network, i));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    epocl_network *network = NULL;
    const char *path = trial_begin(bytes, byte_count);
    const epocl_status status = epocl_network_load(path, &network);
    trial_end(READER_BYTES + HEADER_RATIO * byte_count);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_DATA);
    EXPECT((status == EPOCL_OK) == (network != NULL));
    if (!network) {
        expect_printable_error(path);
        return 0;
    }
    expect_sound(network, byte_count);
    expect_kept(network);
    epocl_network_release(network);
    return 0;
}
