#include "export/chain.h"

#include "base/checked.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

epocl_status chain_begin(chain *made) {
    *made = (chain){.affine_count = 1};
    epocl_status status = allocate(1, sizeof *made->scale, "the input scale", &made->scale);
    if (status == EPOCL_OK) status = allocate(1, sizeof *made->shift, "the input shift", &made->shift);
    if (status == EPOCL_OK) *made->scale = 1.0;
    return status;
}

void chain_release(chain *made) {
    for (size_t l = 0; l < made->layer_count; l++) {
        free(made->layers[l].weights);
        free(made->layers[l].biases);
    }
    free(made->scale);
    free(made->shift);
}

size_t chain_width(const chain *made) {
    return made->layer_count ? made->layers[made->layer_count - 1].output_count : made->input_count;
}

/* ---- Factors and summands ----------------------------------------------------------------------- */

/* From one scale and shift for all inputs to one for each. */
static epocl_status spread_affine(chain *made, size_t count) {
    epocl_status status = EPOCL_OK;
    double *scale = NULL, *shift = NULL;
    TRY(allocate(count, sizeof *scale, "the input scale", &scale));
    TRY(allocate(count, sizeof *shift, "the input shift", &shift));
    for (size_t i = 0; i < count; i++) {
        scale[i] = made->scale[0];
        shift[i] = made->shift[0];
    }
    free(made->scale);
    free(made->shift);
    made->scale = scale;
    made->shift = shift;
    made->affine_count = count;
    scale = NULL;
cleanup:
    free(scale);
    return status;
}

static epocl_status affine_of_inputs(chain *made, const double *factors, const double *summands, size_t count) {
    if (count > 1 && made->affine_count == 1) {
        const epocl_status status = spread_affine(made, count);
        if (status != EPOCL_OK) return status;
    }
    if (count > 1) made->input_count = count;
    for (size_t i = 0; i < made->affine_count; i++) {
        const size_t from = count > 1 ? i : 0;
        made->scale[i] *= factors[from];
        made->shift[i] = made->shift[i] * factors[from] + summands[from];
    }
    return EPOCL_OK;
}

epocl_status chain_affine(chain *made, const double *factors, const double *summands, size_t count) {
    const size_t width = chain_width(made);
    if (count > 1 && width && count != width)
        return fail(EPOCL_ERROR_DATA, "a constant of %zu values does not fit %zu columns", count, width);
    if (made->layer_count == 0) return affine_of_inputs(made, factors, summands, count);
    chain_layer *last = &made->layers[made->layer_count - 1];
    for (size_t o = 0; o < last->output_count; o++) {
        const double factor = factors[count > 1 ? o : 0];
        float *row = last->weights + o * last->input_count;
        for (size_t i = 0; i < last->input_count; i++) row[i] = (float)(row[i] * factor);
        last->biases[o] = (float)(last->biases[o] * factor + summands[count > 1 ? o : 0]);
    }
    return EPOCL_OK;
}

/* ---- Layers ------------------------------------------------------------------------------------- */

static epocl_status close_last(chain *made, const curve *before, size_t input_count) {
    const size_t width = chain_width(made);
    if (width && width != input_count)
        return fail(EPOCL_ERROR_DATA, "a layer takes %zu values and is given %zu", input_count, width);
    made->input_count = made->layer_count ? made->input_count : input_count;
    if (made->layer_count == 0 && !curve_is_identity(before))
        return fail(EPOCL_ERROR_DATA, "something else than a factor and a summand comes before the first layer");
    if (made->layer_count && !curve_recognize(before, &made->layers[made->layer_count - 1].activation))
        return fail(EPOCL_ERROR_DATA, "the activation of layer %zu is none of epocl's", made->layer_count - 1);
    return EPOCL_OK;
}

epocl_status chain_dense(chain *made, const curve *before, const double *weights, size_t output_count,
                         size_t input_count, bool is_turned, double factor) {
    if (made->layer_count == NETWORK_MAX_LAYERS)
        return fail(EPOCL_ERROR_DATA, "has more than %d layers", NETWORK_MAX_LAYERS);
    epocl_status status = close_last(made, before, input_count);
    if (status != EPOCL_OK) return status;
    chain_layer *one = &made->layers[made->layer_count++];
    *one = (chain_layer){.input_count = input_count, .output_count = output_count};
    status = allocate(output_count * input_count, sizeof *one->weights, "weights", &one->weights);
    if (status == EPOCL_OK) status = allocate(output_count, sizeof *one->biases, "biases", &one->biases);
    if (status != EPOCL_OK) return status;
    for (size_t o = 0; o < output_count; o++)
        for (size_t i = 0; i < input_count; i++)
            one->weights[o * input_count + i] =
                (float)(factor * weights[is_turned ? i * output_count + o : o * input_count + i]);
    return EPOCL_OK;
}

/* ---- The network -------------------------------------------------------------------------------- */

/* One unit p = sigmoid(z) says what two say with softmax of 0 and z. */
static epocl_status make_pair(chain *made) {
    chain_layer *last = &made->layers[made->layer_count - 1];
    float *weights = NULL, *biases = NULL;
    epocl_status status = allocate(2 * last->input_count, sizeof *weights, "weights", &weights);
    if (status == EPOCL_OK) status = allocate(2, sizeof *biases, "biases", &biases);
    if (status != EPOCL_OK) {
        free(weights);
        return status;
    }
    memcpy(weights + last->input_count, last->weights, last->input_count * sizeof *weights);
    biases[1] = last->biases[0];
    free(last->weights);
    free(last->biases);
    last->weights = weights;
    last->biases = biases;
    last->output_count = 2;
    return EPOCL_OK;
}

/* The activations of the hidden layers as one text, to be freed. */
static epocl_status write_activations(const chain *made, char **text) {
    const size_t count = made->layer_count - 1, capacity = (count + 1) * FUNCTION_TEXT_CAPACITY;
    const epocl_status status = allocate(capacity, 1, "the names of activations", text);
    if (status != EPOCL_OK) return status;
    if (count == 0) snprintf(*text, capacity, "identity");
    for (size_t l = 0, used = 0; l < count; l++) {
        char name[FUNCTION_TEXT_CAPACITY];
        activation_text(made->layers[l].activation, name);
        used += (size_t)snprintf(*text + used, capacity - used, l ? ",%s" : "%s", name);
    }
    return EPOCL_OK;
}

/* The cost that goes with the outputs, unless the caller says another. */
static const char *usual_cost(const chain_output *output, function activation) {
    if (output->is_softmax) return "softmax-cross-entropy";
    if (activation.code == ACTIVATION_sigmoid) return "cross-entropy";
    return activation.code == ACTIVATION_exponential ? "poisson" : "squared";
}

/* Outputs that are z itself may be said to be others, which many programs leave to the cost. */
static epocl_status set_functions(const chain *made, const chain_output *output, const import_wishes *wishes,
                                  epocl_network *network) {
    epocl_status status = EPOCL_OK;
    char *activations = NULL, name[FUNCTION_TEXT_CAPACITY] = "softmax";
    function activation = {ACTIVATION_softmax, 0.0f};
    TRY(write_activations(made, &activations));
    if (!output->is_softmax && !curve_recognize(&output->function, &activation))
        TRY(fail(EPOCL_ERROR_DATA, "the activation of the outputs is none of epocl's"));
    activation_text(activation, name);
    const bool is_open = activation.code == ACTIVATION_identity && wishes->cost;
    TRY(import_set_functions(network, wishes->activation ? wishes->activation : activations,
                             wishes->cost ? wishes->cost : usual_cost(output, activation),
                             is_open ? wishes->output : name));
    for (size_t l = 0; l + 1 < made->layer_count; l++)
        if (!function_is_equal(network->layers[l].activation, made->layers[l].activation))
            TRY(fail(EPOCL_ERROR_ARGUMENT, "the activations of the hidden layers are %s, not %s", activations,
                     wishes->activation));
    if (wishes->output && !is_open && strcmp(wishes->output, network->output_text) != 0)
        TRY(fail(EPOCL_ERROR_ARGUMENT, "the outputs are %s, not %s", network->output_text, wishes->output));
cleanup:
    free(activations);
    return status;
}

/* The kind of normalisation that the numbers are of. */
static void set_normalization(const chain *made, epocl_network *network) {
    bool is_none = true, is_of_bytes = true;
    for (size_t i = 0; i < network->layers[0].input_count; i++) {
        const size_t from = made->affine_count > 1 ? i : 0;
        network->input_scale[i] = (float)made->scale[from];
        network->input_shift[i] = (float)made->shift[from];
        is_none = is_none && made->scale[from] == 1.0 && made->shift[from] == 0.0;
        is_of_bytes = is_of_bytes && network->input_scale[i] == 1.0f / 255.0f && made->shift[from] == 0.0; /* NOLINT */
    }
    network->normalization = is_none ? "none" : is_of_bytes ? "scale255" : "zscore";
}

/* Moves the parameters. */
static epocl_status set_parameters(chain *made, epocl_network *network) {
    epocl_status status = EPOCL_OK;
    TRY(import_check_finite("input scales", 0, network->input_scale, made->input_count));
    TRY(import_check_finite("input shifts", 0, network->input_shift, made->input_count));
    for (size_t l = 0; l < made->layer_count; l++) {
        chain_layer *from = &made->layers[l];
        layer *to = &network->layers[l];
        TRY(import_check_finite("weights", l, from->weights, from->input_count * from->output_count));
        TRY(import_check_finite("biases", l, from->biases, from->output_count));
        memcpy(to->weights, from->weights, from->input_count * from->output_count * sizeof *to->weights);
        memcpy(to->biases, from->biases, from->output_count * sizeof *to->biases);
    }
    network->has_parameters = true;
cleanup:
    return status;
}

epocl_status chain_finish(chain *made, const chain_output *output, const import_wishes *wishes,
                          epocl_network **network) {
    epocl_status status = EPOCL_OK;
    epocl_network *finished = NULL;
    size_t counts[NETWORK_MAX_LAYERS + 1] = {0};
    chain_output outputs = *output;
    if (made->layer_count == 0) return fail(EPOCL_ERROR_DATA, "has no layer");
    if (outputs.is_pair) {
        TRY(make_pair(made));
        outputs.is_softmax = true;
        outputs.function = curve_identity();
    }
    counts[0] = made->input_count;
    for (size_t l = 0; l < made->layer_count; l++) counts[l + 1] = made->layers[l].output_count;
    status = network_allocate(counts, made->layer_count, &finished);
    if (status == EPOCL_ERROR_ARGUMENT) status = EPOCL_ERROR_DATA; /* a size that the file has */
    TRY(status);
    TRY(set_functions(made, &outputs, wishes, finished));
    finished->of_values = finished->head.code != HEAD_softmax_cross_entropy && !made->has_class;
    set_normalization(made, finished);
    TRY(set_parameters(made, finished));
    *network = finished;
    finished = NULL;
cleanup:
    epocl_network_release(finished);
    return status;
}
