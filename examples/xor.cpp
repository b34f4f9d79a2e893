// Learns XOR from C++17: handles that release themselves, and failures as exceptions.
//
//     c++ -std=c++17 xor.cpp $(pkg-config --cflags --libs epocl) -o xor && ./xor
#include <epocl.hpp>

#include <cstdio>

namespace {

bool learn() {
    const std::vector<float> inputs = {0, 0, 0, 1, 1, 0, 1, 1};
    const std::vector<std::uint32_t> labels = {0, 1, 1, 0};
    const epocl::device device("auto");
    const auto data = epocl::dataset::of(inputs, 2, labels, 2);
    const epocl::options options = {{"recipe", "seed"}, {"hidden", "8"}, {"batch-size", "4"}, {"learning-rate", "2"}};
    epocl::network network(data, options);
    epocl::trainer trainer(device, network, data, options);

    trainer.fit(2000, [](const epocl::epoch_result &result) {
        if (result.epoch % 500 == 0) std::printf("epoch %zu: cost %g\n", result.epoch, result.train_cost);
    });
    trainer.read(network);

    epocl::predictor predictor(device, network);
    const std::vector<float> outputs = predictor.predict(data);
    for (std::size_t i = 0; i < labels.size(); i++)
        std::printf("%g xor %g: %.3f\n", inputs[2 * i], inputs[2 * i + 1], outputs[2 * i + 1]);
    return predictor.evaluate(data).accuracy == 1.0;
}

} // namespace

int main() {
    try {
        return learn() ? 0 : 1;
    } catch (const epocl::error &error) {
        std::fprintf(stderr, "xor: %s\n", error.what());
        return 1;
    }
}
