#include "steps/matmul_rule.h"
#include "base/checked.h"
#include "plan/block.h"
#include "plan/plan.h"

matmul_choice matmul_for(matmul_provider provider, const epocl_device_info *info, const epocl_network *network) {
    /* Tile rows and vectors that fill the registers of AVX-512 (32 of 16 floats), AVX2 (16 of 8) and NEON (32 of 4);
     * a panel is a multiple of 16 floats. */
    matmul_choice choice = {.provider = provider, .vector_width = 4, .tile_vectors = 4, .tile_rows = 4};
    const size_t widest = network ? network_widest_layer(network) : NETWORK_MAX_UNITS;
    if (provider == MATMUL_LOCAL) return block_candidates(info);
    if (info->native_vector_width == 8) {
        choice.vector_width = 8;
        choice.tile_vectors = 2;
    } else if (info->native_vector_width >= 16) {
        choice.vector_width = 16;
        /* With a panel for each core, a core's weights stay in its own cache. */
        choice.tile_vectors = divide_up(widest, 32) < info->compute_units ? 1 : 2;
        choice.tile_rows = 8;
    }
    choice.sample_rows = choice.tile_rows;
    return choice;
}

matmul_choice matmul_default(const epocl_device_info *info, const epocl_network *network) {
    return matmul_for(info->type == EPOCL_DEVICE_CPU ? MATMUL_TILE : MATMUL_PLAIN, info, network);
}

void matmul_fit_batch(matmul_choice *choice, size_t batch_size) {
    const size_t most = choice->tile_rows + choice->tile_rows / 2; /* with as many sums, the registers still suffice */
    size_t best = choice->tile_rows;
    for (size_t rows = most; rows >= choice->tile_rows / 2; rows--)
        if (round_up(batch_size, rows) < round_up(batch_size, best)) best = rows;
    if (batch_size < best) best = batch_size;
    choice->sample_rows = best;
    choice->is_long = batch_size > SUM_SAMPLES;
}
