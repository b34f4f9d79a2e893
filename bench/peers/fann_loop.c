/* Mini-batch gradient descent with FANN: its own batch training, given one mini-batch after the other. FANN has no
 * cross-entropy, computes in one thread and takes one sample after the other. */
#include <floatfann.h>

#include <stdint.h>
#include <stdlib.h>

/* The network of units [layer_count + 1], sigmoid throughout, with weights and biases as FANN draws them. */
struct fann *fann_loop_create(const unsigned *units, unsigned layer_count, float learning_rate) {
    struct fann *network = fann_create_standard_array(layer_count + 1, units);
    if (!network) return NULL;
    fann_set_activation_function_hidden(network, FANN_SIGMOID);
    fann_set_activation_function_output(network, FANN_SIGMOID);
    fann_set_activation_steepness_hidden(network, 0.5f); /* a sigmoid of 2 * 0.5 * z */
    fann_set_activation_steepness_output(network, 0.5f);
    fann_set_training_algorithm(network, FANN_TRAIN_BATCH);
    fann_set_train_error_function(network, FANN_ERRORFUNC_LINEAR);
    fann_set_learning_rate(network, learning_rate);
    return network;
}

/* [sum over layers of outputs * (inputs + 1)]: for each unit its weights, then its bias. They stay FANN's. */
float *fann_loop_weights(struct fann *network) {
    return network->weights;
}

/* Trains on order[0] to order[count - 1]. Returns the mean squared error over them, or -1 when memory runs out. */
double fann_loop_run(struct fann *network, float *inputs, float *targets, const int64_t *order, int64_t count,
                     unsigned batch_size) {
    const unsigned input_count = fann_get_num_input(network), output_count = fann_get_num_output(network);
    fann_type **rows = malloc(2 * batch_size * sizeof *rows);
    if (!rows) return -1;
    struct fann_train_data batch = {
        .num_data = batch_size,
        .num_input = input_count,
        .num_output = output_count,
        .input = rows,
        .output = rows + batch_size,
    };
    double sum = 0;
    for (int64_t first = 0; first + batch_size <= count; first += batch_size) {
        for (unsigned i = 0; i < batch_size; i++) {
            batch.input[i] = inputs + order[first + i] * input_count;
            batch.output[i] = targets + order[first + i] * output_count;
        }
        sum += (double)fann_train_epoch(network, &batch) * batch_size;
    }
    free(rows);
    return sum / (double)count;
}
