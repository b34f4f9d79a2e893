// Learns XOR from C++: handles that release themselves, and failures as exceptions. Any C++ standard from C++11 on.
//
//     c++ xor.cpp $(pkg-config --cflags --libs epocl) -o xor && ./xor
#include <epocl.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

// Throws the library's sentence.
void check(epocl_status status) {
    if (status != EPOCL_OK) throw std::runtime_error(epocl_last_error());
}

template <typename T> using handle = std::unique_ptr<T, void (*)(T *)>;

handle<epocl_device> open_device(const char *selector) {
    epocl_device *device = nullptr;
    check(epocl_device_open(selector, &device));
    return {device, epocl_device_release};
}

handle<epocl_dataset> make_dataset(const std::vector<float> &inputs, const std::vector<std::uint32_t> &labels,
                                   std::size_t class_count) {
    epocl_dataset *data = nullptr;
    check(epocl_dataset_from_floats(inputs.data(), labels.data(), labels.size(), inputs.size() / labels.size(),
                                    class_count, &data));
    return {data, epocl_dataset_release};
}

handle<epocl_options> make_options(std::initializer_list<std::pair<const char *, const char *>> values) {
    epocl_options *options = nullptr;
    check(epocl_options_create(&options));
    handle<epocl_options> made{options, epocl_options_release};
    for (const auto &value : values) check(epocl_options_set(options, value.first, value.second));
    return made;
}

handle<epocl_network> make_network(const epocl_dataset *data, const epocl_options *options) {
    epocl_network *network = nullptr;
    check(epocl_network_create(data, options, &network));
    return {network, epocl_network_release};
}

handle<epocl_trainer> make_trainer(epocl_device *device, const epocl_network *network, const epocl_dataset *data,
                                   const epocl_options *options) {
    epocl_trainer *trainer = nullptr;
    check(epocl_trainer_create(device, network, data, nullptr, options, &trainer));
    return {trainer, epocl_trainer_release};
}

bool learn() {
    const std::vector<float> inputs = {0, 0, 0, 1, 1, 0, 1, 1};
    const std::vector<std::uint32_t> labels = {0, 1, 1, 0};
    const auto device = open_device("auto");
    const auto data = make_dataset(inputs, labels, 2);
    const auto options =
        make_options({{"recipe", "seed"}, {"hidden", "8"}, {"batch-size", "4"}, {"learning-rate", "2"}});
    const auto network = make_network(data.get(), options.get());
    const auto trainer = make_trainer(device.get(), network.get(), data.get(), options.get());

    epocl_epoch_result result = {};
    for (int epoch = 0; epoch < 2000; epoch++) check(epocl_trainer_run_epoch(trainer.get(), &result));
    check(epocl_trainer_read(trainer.get(), network.get()));

    std::vector<float> outputs(labels.size() * 2);
    check(epocl_predict(device.get(), network.get(), data.get(), outputs.data()));
    for (std::size_t i = 0; i < labels.size(); i++)
        std::printf("%g xor %g: %.3f\n", inputs[2 * i], inputs[2 * i + 1], outputs[2 * i + 1]);
    return result.train_accuracy == 1.0;
}

} // namespace

int main() {
    try {
        return learn() ? 0 : 1;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "xor: %s\n", error.what());
        return 1;
    }
}
