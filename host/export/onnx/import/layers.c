/* Operators that make layers, or scale the columns before them. */
#include "base/checked.h"
#include "export/onnx/import/importer.h"

/* The product of the signal and a matrix, [inputs, outputs] unless turned. */
static epocl_status multiply_matrix(importer *from, bool is_turned, double factor) {
    epocl_status status = EPOCL_OK;
    const graph_value *signal = NULL;
    const onnx_tensor *tensor = NULL;
    double *weights = NULL;
    TRY(importer_signal(from, 0, &signal));
    TRY(importer_numbers(from, 1, &weights, &tensor));
    if (tensor->dimension_count != 2 || tensor->count == 0)
        TRY(fail(EPOCL_ERROR_DATA, "its second input is no matrix"));
    is_turned = is_turned != from->inputs[1]->is_turned;
    const size_t inputs = tensor->shape[is_turned ? 1 : 0], outputs = tensor->shape[is_turned ? 0 : 1];
    TRY(chain_dense(&from->made, &signal->signal.function, weights, outputs, inputs, !is_turned, factor));
    from->age++;
cleanup:
    free(weights);
    return status;
}

static epocl_status make_layer(importer *from) {
    return importer_make(from,
                         (graph_value){.kind = VALUE_SIGNAL, .age = from->age, .signal.function = curve_identity()});
}

static epocl_status matmul(importer *from) {
    const epocl_status status = multiply_matrix(from, false, 1.0);
    return status == EPOCL_OK ? make_layer(from) : status;
}

static epocl_status gemm(importer *from) {
    epocl_status status = EPOCL_OK;
    const onnx_tensor *tensor = NULL;
    double alpha = 1.0, beta = 1.0, *biases = NULL, *ones = NULL;
    int64_t turn_a = 0, turn_b = 0;
    TRY(onnx_operator_real(&from->node, "alpha", &alpha));
    TRY(onnx_operator_real(&from->node, "beta", &beta));
    TRY(onnx_operator_whole(&from->node, "transA", &turn_a));
    TRY(onnx_operator_whole(&from->node, "transB", &turn_b));
    if (turn_a) TRY(fail(EPOCL_ERROR_DATA, "it turns its first input"));
    TRY(multiply_matrix(from, turn_b != 0, alpha));
    if (from->node.input_count > 2 && from->inputs[2]) {
        TRY(importer_numbers(from, 2, &biases, &tensor));
        if (tensor->count != 1 && !onnx_tensor_is_row(tensor)) TRY(fail(EPOCL_ERROR_DATA, "its biases are no row"));
        if (tensor->count == 0) TRY(fail(EPOCL_ERROR_DATA, "its biases are missing"));
        TRY(allocate(tensor->count, sizeof *ones, "factors", &ones));
        for (size_t i = 0; i < tensor->count; i++) {
            ones[i] = 1.0;
            biases[i] *= beta;
        }
        TRY(chain_affine(&from->made, ones, biases, tensor->count));
    }
    TRY(make_layer(from));
cleanup:
    free(ones);
    free(biases);
    return status;
}

/* Scaler of ai.onnx.ml: (value - offset) * scale, each one number or one a column. */
static epocl_status scaler(importer *from) {
    epocl_status status = EPOCL_OK;
    const graph_value *signal = NULL;
    size_t offset_count = 0, scale_count = 0;
    double *offsets = NULL, *scales = NULL;
    const size_t most = protobuf_length(from->node.message) / sizeof(float) + 1;
    TRY(importer_signal(from, 0, &signal));
    if (!curve_is_identity(&signal->signal.function)) TRY(fail(EPOCL_ERROR_DATA, "it comes after an activation"));
    TRY(allocate(most, sizeof *offsets, "offsets", &offsets));
    TRY(allocate(most, sizeof *scales, "scales", &scales));
    TRY(onnx_operator_floats(&from->node, "offset", offsets, most, &offset_count));
    TRY(onnx_operator_floats(&from->node, "scale", scales, most, &scale_count));
    const size_t count = offset_count > scale_count ? offset_count : scale_count;
    if (count == 0 || (offset_count > 1 && scale_count > 1 && offset_count != scale_count))
        TRY(fail(EPOCL_ERROR_DATA, "its offsets and scales do not fit"));
    /* From the last on: one number stands in the first place for all. */
    for (size_t i = count; i-- > 0;) {
        const double scale = scale_count == 0 ? 1.0 : scales[scale_count == 1 ? 0 : i];
        const double offset = offset_count == 0 ? 0.0 : offsets[offset_count == 1 ? 0 : i];
        scales[i] = scale;
        offsets[i] = -offset * scale;
    }
    TRY(chain_affine(&from->made, scales, offsets, count));
    from->age++;
    TRY(make_layer(from));
cleanup:
    free(scales);
    free(offsets);
    return status;
}

const import_operator import_layers[] = {
    {.name = "Gemm", .apply = gemm},
    {.name = "MatMul", .apply = matmul},
    {.name = "Scaler", .apply = scaler},
    {.name = NULL},
};
