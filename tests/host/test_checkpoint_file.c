#include "base/checksum.h"
#include "base/files/folder.h"
#include "model/network.h"
#include "model/safetensors.h"
#include "support/scratch.h"
#include "training/checkpoint_file.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Suite *checkpoint_file_suite(void);

static epocl_epoch_result history[] = {
    {.epoch = 1,
     .sample_count = 20,
     .train_cost = 0.1 + 0.2,
     .train_accuracy = 1.0 / 3.0,
     .valid_cost = NAN,
     .valid_accuracy = NAN,
     .seconds = 1e-5},
    {.epoch = 2,
     .sample_count = 20,
     .train_cost = 0.25,
     .train_accuracy = 0.5,
     .valid_cost = 4e-300,
     .valid_accuracy = 0.75,
     .seconds = 3},
};

/* A network of 2-3-2, in its third epoch. */
static epocl_checkpoint example(void) {
    static const size_t counts[] = {2, 3, 2};
    epocl_checkpoint made = {.position = {.seed_low = 7,
                                          .seed_high = 1,
                                          .epoch = 3,
                                          .step = 2,
                                          .first = 8,
                                          .batch_count = 4,
                                          .sample_count = 20,
                                          .correct = 5,
                                          .cost = 1.5f,
                                          .cost_compensation = 1e-9f,
                                          .stopped = 1},
                             .seconds = 0.125,
                             .learning_rate = 0.3f,
                             .history = history,
                             .epoch_count = 2};
    options_begin(&made.options);
    made.options.training.batch_size = 4;
    made.options.training.seed = 4294967303;
    for (size_t i = 0; i < FACT_COUNT; i++) memset(made.facts[i], 'a' + (int)i, i + 1);
    ck_assert_int_eq(network_allocate(counts, 2, &made.network), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(made.network, "sigmoid", "cross-entropy", NULL), EPOCL_OK);
    made.network->normalization = "zscore";
    for (size_t i = 0; i < 2; i++) made.network->input_scale[i] = (float)i + 0.5f;
    for (size_t l = 0; l < 2; l++) {
        for (size_t i = 0; i < 6; i++) made.network->layers[l].weights[i] = (float)(10 * l + i) / 7.0f;
        made.network->layers[l].biases[1] = -1.0f;
    }
    made.network->has_parameters = true;
    return made;
}

static unsigned char *write_example(size_t *byte_count) {
    epocl_checkpoint written = example();
    ck_assert_msg(checkpoint_write(file_at(NO_FOLDER, scratch_path("checkpoint")), &written) == EPOCL_OK, "%s",
                  epocl_last_error());
    epocl_network_release(written.network);
    return file_read(scratch_path("checkpoint"), byte_count);
}

START_TEST(comes_back_as_it_was) {
    epocl_checkpoint written = example(), *read = NULL;
    ck_assert_int_eq(checkpoint_write(file_at(NO_FOLDER, scratch_path("checkpoint")), &written), EPOCL_OK);
    ck_assert_msg(epocl_checkpoint_load(scratch_path("checkpoint"), &read) == EPOCL_OK, "%s", epocl_last_error());
    ck_assert_mem_eq(&read->position, &written.position, sizeof written.position);
    ck_assert_mem_eq(read->facts, written.facts, sizeof written.facts);
    ck_assert(read->seconds == written.seconds && read->learning_rate == written.learning_rate);
    ck_assert_uint_eq(read->epoch_count, 2);
    for (size_t i = 0; i < 2; i++) ck_assert_mem_eq(&read->history[i], &history[i], sizeof history[i]);
    for (size_t l = 0; l < 2; l++)
        ck_assert_mem_eq(read->network->layers[l].weights, written.network->layers[l].weights, 6 * sizeof(float));
    epocl_checkpoint_release(read);
    epocl_network_release(written.network);
}
END_TEST

/* The network that is kept with it is one of its own, and the checkpoint is still a model. */
START_TEST(keeps_another_network) {
    epocl_checkpoint written = example(), other = example(), *read = NULL;
    epocl_network *network = NULL;
    other.network->layers[1].biases[0] = 8.0f;
    written.kept[KEPT_BEST] = other.network;
    ck_assert_int_eq(checkpoint_write(file_at(NO_FOLDER, scratch_path("checkpoint")), &written), EPOCL_OK);
    const int folder = folder_open(scratch_path("."));
    ck_assert_msg(epocl_checkpoint_load_at(folder, "checkpoint", &read) == EPOCL_OK, "%s", epocl_last_error());
    const epocl_network *best = epocl_checkpoint_best(read);
    ck_assert_ptr_nonnull(best);
    ck_assert(epocl_network_biases(best, 1)[0] == 8.0f);
    ck_assert(epocl_network_biases(read->network, 1)[0] == 0.0f);
    ck_assert_mem_eq(epocl_network_weights(best, 0), written.network->layers[0].weights, 6 * sizeof(float));
    epocl_checkpoint_release(read);
    ck_assert_int_eq(epocl_network_load_at(folder, "checkpoint", &network), EPOCL_OK);
    ck_assert(epocl_network_biases(network, 1)[0] == 0.0f);

    ck_assert_int_eq(epocl_network_save_at(network, folder, "model"), EPOCL_OK);
    ck_assert_int_eq(epocl_network_save(network, scratch_path("again")), EPOCL_OK);
    epocl_network_release(network);
    size_t one_count = 0, other_count = 0;
    unsigned char *one = file_read(scratch_path("model"), &one_count);
    unsigned char *two = file_read(scratch_path("again"), &other_count);
    ck_assert_uint_eq(one_count, other_count);
    ck_assert_mem_eq(one, two, one_count);
    free(one);
    free(two);

    other.network->layers[1].biases[0] = NAN;
    ck_assert_int_eq(checkpoint_write(file_at(folder, "bad"), &written), EPOCL_ERROR_DIVERGED);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "best.layers.1.bias contains NaN"));
    close(folder);
    epocl_network_release(written.network);
    epocl_network_release(other.network);
}
END_TEST

START_TEST(tells_of_its_run) {
    epocl_checkpoint made = example();
    epocl_checkpoint_info info;
    epocl_checkpoint_describe(&made, &info);
    const char *const told[FACT_COUNT] = {
        [FACT_TRAIN_DATA] = info.train_data, [FACT_VALID_DATA] = info.valid_data, [FACT_MATMUL] = info.matmul,
        [FACT_DEVICE] = info.device,         [FACT_DRIVER] = info.driver,         [FACT_EPOCL] = info.epocl};
    for (size_t i = 0; i < FACT_COUNT; i++) ck_assert_str_eq(told[i], made.facts[i]);
    ck_assert_uint_eq(info.epoch_count, 2);
    ck_assert(info.learning_rate == 0.3f);
    char text[32];
    ck_assert_int_eq(epocl_checkpoint_option(&made, "seed", text, sizeof text), EPOCL_OK);
    ck_assert_str_eq(text, "4294967303");
    ck_assert_int_eq(epocl_checkpoint_option(&made, "batch-size", text, sizeof text), EPOCL_OK);
    ck_assert_str_eq(text, "4");
    ck_assert_int_eq(epocl_checkpoint_option(&made, "tune", text, sizeof text), EPOCL_ERROR_ARGUMENT);
    epocl_network_release(made.network);
}
END_TEST

START_TEST(is_a_network_too) {
    size_t byte_count = 0;
    epocl_network *network = NULL;
    unsigned char *bytes = write_example(&byte_count);
    ck_assert_int_eq(epocl_network_load(scratch_path("checkpoint"), &network), EPOCL_OK);
    ck_assert_str_eq(epocl_network_normalization(network), "zscore");
    ck_assert(epocl_network_weights(network, 1)[5] == 15.0f / 7.0f);
    epocl_network_release(network);
    bytes[byte_count - 20] ^= 1; /* a parameter or the state: a value as good as any, but for the checksum */
    scratch_write("damaged", bytes, byte_count);
    ck_assert_int_eq(epocl_network_load(scratch_path("damaged"), &network), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "checksum"));
    free(bytes);
}
END_TEST

static void assert_damaged(const unsigned char *bytes, size_t byte_count, size_t place) {
    epocl_checkpoint *read = NULL;
    scratch_write("damaged", bytes, byte_count);
    ck_assert_msg(epocl_checkpoint_load(scratch_path("damaged"), &read) == EPOCL_ERROR_DATA, "byte %zu", place);
    ck_assert_ptr_null(read);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "damaged: "));
}

START_TEST(every_changed_byte_is_found) {
    static const unsigned char changes[] = {0x01, 0x80, 0xFF, 0x20};
    size_t byte_count = 0;
    unsigned char *bytes = write_example(&byte_count);
    for (size_t i = 0; i < byte_count; i++)
        for (size_t j = 0; j < sizeof changes; j++) {
            bytes[i] ^= changes[j];
            assert_damaged(bytes, byte_count, i);
            bytes[i] ^= changes[j];
        }
    free(bytes);
}
END_TEST

START_TEST(every_cut_is_found) {
    size_t byte_count = 0;
    unsigned char *bytes = write_example(&byte_count);
    for (size_t i = 0; i < byte_count; i++) assert_damaged(bytes, i, i);
    unsigned char *longer = malloc(byte_count + 1);
    memcpy(longer, bytes, byte_count);
    longer[byte_count] = 0;
    assert_damaged(longer, byte_count + 1, byte_count);
    free(longer);
    free(bytes);
}
END_TEST

/* What a program other than epocl could write, with a checksum that is right. */
START_TEST(positions_that_cannot_be_are_refused) {
    for (int i = 0; i < 10; i++) {
        epocl_checkpoint written = example(), *read = NULL;
        epoch_state *p = &written.position;
        switch (i) {
        case 0: p->first = 21; break;
        case 1: p->step = 9; break;
        case 2: p->correct = 9; break;
        case 3: p->nonfinite_step = 2; break;
        case 4: p->epoch = 2; break;
        case 5: p->cost = NAN; break;
        case 6: written.seconds = INFINITY; break;
        case 7: written.epoch_count = 1; break;
        case 8: p->epoch = 4; break;
        case 9:
            p->first = 20;
            p->epoch = 4;
            break;
        }
        ck_assert_int_eq(checkpoint_write(file_at(NO_FOLDER, scratch_path("checkpoint")), &written), EPOCL_OK);
        ck_assert_int_eq(epocl_checkpoint_load(scratch_path("checkpoint"), &read), EPOCL_ERROR_DATA);
        ck_assert_msg(strstr(epocl_last_error(), "position") != NULL, "%d: %s", i, epocl_last_error());
        epocl_network_release(written.network);
    }
}
END_TEST

/* All samples of the third epoch are done, and its validation is not. */
START_TEST(a_trained_epoch_may_wait_for_its_validation) {
    epocl_checkpoint written = example(), *read = NULL;
    written.position.first = 20;
    ck_assert_int_eq(checkpoint_write(file_at(NO_FOLDER, scratch_path("checkpoint")), &written), EPOCL_OK);
    ck_assert_int_eq(epocl_checkpoint_load(scratch_path("checkpoint"), &read), EPOCL_OK);
    ck_assert_uint_eq(read->position.epoch, 3);
    ck_assert_uint_eq(read->epoch_count, 2);
    epocl_checkpoint_release(read);
    epocl_network_release(written.network);
}
END_TEST

START_TEST(another_version_is_refused) {
    static const char version[] = "\"checkpoint_version\":\"1\"";
    size_t byte_count = 0, at = 0;
    unsigned char *bytes = write_example(&byte_count);
    epocl_checkpoint *read = NULL;
    while (memcmp(bytes + at, version, sizeof version - 1) != 0) ck_assert_uint_lt(++at, byte_count - sizeof version);
    bytes[at + sizeof version - 3] = '2';
    const uint32_t checksum = checksum_add(0, bytes, byte_count - sizeof checksum);
    memcpy(bytes + byte_count - sizeof checksum, &checksum, sizeof checksum);
    scratch_write("later", bytes, byte_count);
    ck_assert_int_eq(epocl_checkpoint_load(scratch_path("later"), &read), EPOCL_ERROR_DATA);
    ck_assert_msg(strstr(epocl_last_error(), "version '2'") != NULL, "%s", epocl_last_error());
    free(bytes);
}
END_TEST

/* Tensors of its own with numbers of another kind, as large, with a checksum that is right. */
START_TEST(another_type_of_tensor_is_refused) {
    static const char type[] = "\"U32\"";
    size_t byte_count = 0, found_count = 0;
    unsigned char *bytes = write_example(&byte_count);
    for (size_t at = 0; at + sizeof type + 4 < byte_count; at++) {
        if (memcmp(bytes + at, type, sizeof type - 1) != 0) continue;
        epocl_checkpoint *read = NULL;
        bytes[at + 1] = 'F';
        const uint32_t checksum = checksum_add(0, bytes, byte_count - sizeof checksum);
        memcpy(bytes + byte_count - sizeof checksum, &checksum, sizeof checksum);
        scratch_write("other", bytes, byte_count);
        ck_assert_int_eq(epocl_checkpoint_load(scratch_path("other"), &read), EPOCL_ERROR_DATA);
        ck_assert_msg(strstr(epocl_last_error(), "of another shape") || strstr(epocl_last_error(), "checksum"), "%s",
                      epocl_last_error());
        found_count += strstr(epocl_last_error(), "of another shape") != NULL;
        bytes[at + 1] = 'U';
    }
    ck_assert_uint_gt(found_count, 0);
    free(bytes);
}
END_TEST

START_TEST(a_model_is_no_checkpoint) {
    epocl_checkpoint written = example(), *read = NULL;
    ck_assert_int_eq(epocl_network_save(written.network, scratch_path("model")), EPOCL_OK);
    ck_assert_int_eq(epocl_checkpoint_load(scratch_path("model"), &read), EPOCL_ERROR_DATA);
    ck_assert_int_eq(epocl_checkpoint_load(scratch_path("none"), &read), EPOCL_ERROR_NO_INPUT);
    written.network->layers[1].biases[0] = NAN;
    ck_assert_int_eq(checkpoint_write(file_at(NO_FOLDER, scratch_path("bad")), &written), EPOCL_ERROR_DIVERGED);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "layers.1.bias contains NaN"));
    ck_assert_uint_eq(scratch_file_count(), 1);
    epocl_network_release(written.network);
}
END_TEST

Suite *checkpoint_file_suite(void) {
    Suite *suite = suite_create("checkpoint_file");
    TCase *file = tcase_create("checkpoint_file");
    tcase_add_checked_fixture(file, scratch_create, scratch_remove);
    tcase_add_test(file, comes_back_as_it_was);
    tcase_add_test(file, keeps_another_network);
    tcase_add_test(file, tells_of_its_run);
    tcase_add_test(file, is_a_network_too);
    tcase_add_test(file, every_changed_byte_is_found);
    tcase_add_test(file, every_cut_is_found);
    tcase_add_test(file, positions_that_cannot_be_are_refused);
    tcase_add_test(file, a_trained_epoch_may_wait_for_its_validation);
    tcase_add_test(file, another_version_is_refused);
    tcase_add_test(file, another_type_of_tensor_is_refused);
    tcase_add_test(file, a_model_is_no_checkpoint);
    suite_add_tcase(suite, file);
    return suite;
}
