// Every class of epocl.hpp, against the installed library: what it makes, what it throws, what it releases.
#include <epocl.hpp>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

void expect(bool is_so, const char *what) {
    if (is_so) return;
    std::fprintf(stderr, "wrapper: %s\n", what);
    std::exit(1);
}

// What a call throws, by its status; EPOCL_OK: nothing.
template <typename Call> epocl_status thrown(Call &&call) {
    try {
        call();
    } catch (const epocl::error &error) {
        expect(*error.what() != '\0' && *error.status_name() != '\0', "an error has no sentence");
        return error.status();
    }
    return EPOCL_OK;
}

enum { ROWS = 200, INPUTS = 2, CLASSES = 3 };

struct points {
    std::vector<float> inputs;
    std::vector<std::uint32_t> labels;
    std::vector<float> distances;
};

points make_points() {
    points made;
    for (int i = 0; i < ROWS; i++) {
        const float x = static_cast<float>(i * 37 % 101) / 50 - 1, y = static_cast<float>(i * 53 % 97) / 48 - 1;
        made.inputs.insert(made.inputs.end(), {x, y});
        made.labels.push_back(x > 0.3f ? 2 : y > 0);
        made.distances.push_back(std::sqrt(x * x + y * y));
    }
    return made;
}

epocl::options make_options() {
    epocl::options options = {{"hidden", "8"}, {"optimizer", "adam"}, {"plan", "layered"}, {"tune", "off"}};
    options.set("batch-size", 16).set("learning-rate", 0.05).set_list("hidden", std::array<std::size_t, 2>{16, 8});
    expect(options.get_text("hidden") == "16,8" && options.copy().get_text("batch-size") == "16", "options");
    expect(options.copy().set("seed", 0).get_text("seed") == "0", "an ambiguous number");
    expect(thrown([&] { options.set("hidden", "many"); }) == EPOCL_ERROR_ARGUMENT, "a wrong option");
    return options;
}

void test_classes(epocl::device &device, const points &made, const std::string &exported) {
    const epocl::options options = make_options();
    const auto data = epocl::dataset::of(made.inputs, INPUTS, made.labels, CLASSES);
    auto [train, valid] = data.split(0.25, 3);
    expect(train.sample_count() == 150 && valid.sample_count() == 50 && data.class_count() == CLASSES, "split");
    epocl::network network(train, options);
    expect(network.weights(0).empty(), "weights before training");
    epocl::trainer trainer(device, network, train, valid, options);
    std::size_t heard = 0;
    const epocl::progress so_far = trainer.fit(60, [&heard](const epocl::epoch_result &) { heard++; });
    expect(heard == 60 && so_far.end == EPOCL_END_EPOCHS && trainer.history().size() == 60, "fit");
    trainer.read(network);
    expect(network.weights(0).size() == 32 && network.biases(1).size() == 8 && network.layer_count() == 3, "weights");

    // Through memory, a network and a trainer are the same.
    const epocl::memory content = network.save();
    const epocl::network again = epocl::network::load(content);
    expect(again.weights(0)[5] == network.weights(0)[5] && again.targets() == "classes", "memory");
    auto resumed = epocl::trainer::resume(device, epocl::checkpoint::load(trainer.save()), train, valid, options);
    expect(resumed.epoch_count() == 60 && resumed.run_epoch()->epoch == 61, "resume");
    expect(thrown([&] { epocl::network::load(epocl::view<unsigned char>(content.data(), 20)); }) == EPOCL_ERROR_DATA,
           "a network cut short");

    network.export_to(exported);
    const auto imported = epocl::network::import_from(exported);
    expect(imported.layer_count() == 3 && imported.cost() == "softmax-cross-entropy", "import");
    expect(thrown([&] { epocl::network::import_from(exported + ".none"); }) == EPOCL_ERROR_NO_INPUT, "no such file");

    epocl::predictor predictor(device, again);
    expect(predictor.predict(valid).size() == 50 * CLASSES && predictor.predict_classes(valid).size() == 50, "predict");
    const double accuracy = predictor.evaluate(data).accuracy;
    expect(accuracy > 0.8 && std::fabs(predictor.measure(data).value("accuracy") - accuracy) < 1e-6, "metrics");
}

void test_stops(epocl::device &device, const points &made) {
    const epocl::options options = make_options();
    const auto data = epocl::dataset::of(made.inputs, INPUTS, made.labels, CLASSES);
    const epocl::network network(data, options);
    epocl::trainer trainer(device, network, data, options);
    trainer.stop();
    expect(!trainer.run_epoch() && trainer.run_epoch()->epoch == 1, "a stop");
    const epocl::progress so_far = trainer.fit(9, [&](const epocl::epoch_result &result) {
        if (result.epoch == 3) trainer.stop();
    });
    expect(so_far.end == EPOCL_END_NONE && trainer.epoch_count() == 3, "a stop from a callback");
    bool is_thrown = false;
    try {
        trainer.fit(9, [](const epocl::epoch_result &) { throw std::string("enough"); });
    } catch (const std::string &text) {
        is_thrown = text == "enough";
    }
    expect(is_thrown && trainer.epoch_count() == 4, "an exception from a callback");
    expect(trainer.fit(6).end == EPOCL_END_EPOCHS, "going on after an exception");
    is_thrown = false;
    try {
        trainer.fit(7, [](const epocl::epoch_result &) { throw std::string("enough"); });
    } catch (const std::string &) {
        is_thrown = true;
    }
    const auto eighth = trainer.run_epoch();
    expect(is_thrown && eighth && eighth->epoch == 8, "an exception after the last epoch stops no later one");
    epocl::trainer moved = std::move(trainer);
    expect(moved && !trainer && moved.epoch_count() == 8, "a move"); // NOLINT: what is left of the source
}

void test_values(epocl::device &device, const points &made) {
    auto data = epocl::dataset::of(made.inputs, INPUTS);
    data.set_values(made.distances).set_weights(std::vector<float>(ROWS, 2.0f));
    expect(data.value_count() == 1, "values");
    expect(thrown([&] { data.set_weights(std::vector<float>(3)); }) == EPOCL_ERROR_ARGUMENT, "few weights");
    expect(thrown([&] { epocl::dataset::of(made.inputs, 3); }) == EPOCL_ERROR_ARGUMENT, "rows that do not fit");
    epocl::options options = make_options();
    options.set("cost", "squared");
    epocl::network network(data, options);
    epocl::trainer trainer(device, network, data, options);
    trainer.fit(40);
    trainer.read(network);
    epocl::predictor predictor(device, network);
    expect(predictor.measure(data).value("rmse") < 0.2, "regression"); // the deviation of the distances is 0.3
}

void test_tables(epocl::device &device, const points &made) {
    static const std::vector<const char *> levels = {"low", "middle", "high"};
    std::vector<float> x(ROWS);
    for (std::size_t i = 0; i < ROWS; i++) x[i] = i % 9 ? made.inputs[2 * i] : NAN;
    epocl::table table(ROWS);
    table.add("x", x).add("distance", made.distances).add("class", made.labels, levels).set("task", "classification");
    expect(table.column_count() == 3 && table.column_name(2) == "class", "columns");
    expect(thrown([&] { table.add("y", std::vector<float>(1)); }) == EPOCL_ERROR_ARGUMENT, "a short column");
    const auto [train, valid] = table.split("class", make_options(), 0.2);
    epocl::network network(train, make_options());
    epocl::trainer trainer(device, network, train, valid, make_options());
    trainer.fit(30);
    trainer.read_best(network);
    expect(*network.class_name(0) == "high" && !network.class_name(3), "class names");
    epocl::predictor predictor(device, network);
    expect(predictor.predict_classes(table.encode(network)).size() == ROWS, "encode");
    expect(predictor.evaluate(table.encode(network, true)).accuracy > 0.6, "a table is learnt from");
}

void test_populations(epocl::device &device, const points &made) {
    const auto [train, valid] = epocl::dataset::of(made.inputs, INPUTS, made.labels, CLASSES).split(0.25, 3);
    const epocl::options options = make_options();
    epocl::network network(train, options);
    epocl::population population(device);
    for (std::size_t i = 0; i < 3; i++)
        expect(population.add(network, train, valid, options.draw("learning-rate", i)) == i, "numbers of members");
    std::size_t heard = 0;
    expect(population.run(2, [&heard](std::size_t, const epocl::epoch_result &) { heard++; }) && heard == 6, "a run");
    bool is_thrown = false;
    try {
        population.run(40, [](std::size_t, const epocl::epoch_result &) { throw std::string("enough"); });
    } catch (const std::string &text) {
        is_thrown = text == "enough";
    }
    expect(is_thrown && population.run(5), "a run goes on after an exception");
    population.stop();
    expect(!population.run(6) && population.run(6), "a stop of a population");

    // As alone, bit for bit, and as it was when it goes on from a checkpoint.
    epocl::trainer alone(device, network, train, valid, options.draw("learning-rate", 1));
    alone.fit(6);
    expect(population.member(1).history().back().train_cost == alone.history().back().train_cost, "a member is alone");
    expect(population.member(1).so_far(6).end == EPOCL_END_EPOCHS, "a member's progress");
    const auto kept = epocl::checkpoint::load(population.member(2).save());
    population.drop(2);
    expect(thrown([&] { population.member(2); }) == EPOCL_ERROR_ARGUMENT, "a member that was dropped");
    expect(thrown([&] { population.drop(9); }) == EPOCL_ERROR_ARGUMENT, "no such member");
    const std::size_t again = population.resume(kept, train, valid, options.draw("learning-rate", 2));
    expect(population.member(again).epoch_count() == 6 && population.status(again) == EPOCL_OK, "resumed in it");
    expect(population.info().member_count == 4 && population.member_count() == 4, "a population's description");

    std::vector<epocl::network> networks;
    for (std::size_t i = 0; i < 2; i++) {
        networks.push_back(epocl::network(train, options));
        population.member(i).read_best(networks.back());
    }
    const auto both = epocl::network::ensemble(networks, std::vector<std::uint32_t>{3, 1});
    expect(both.member_count() == 2 && both.member_share(0) == 0.75, "shares");
    expect(both.member(1).weights(0)[3] == networks[1].weights(0)[3], "a member is a copy");
    expect(thrown([&] { both.member(2); }) == EPOCL_ERROR_ARGUMENT, "no such network");
    const epocl_calibration calibrated = networks[0].calibrate(device, valid);
    expect(calibrated.cost_after <= calibrated.cost_before && calibrated.temperature > 0, "calibrated");
    epocl::predictor predictor(device, both), single(device, networks[1]);
    expect(predictor.predict_member(1, valid) == single.predict(valid), "a member's outputs");
    expect(predictor.predict_member_classes(1, valid) == single.predict_classes(valid), "a member's classes");
}

void test_ensembles(epocl::device &device, const points &made) {
    const auto [train, valid] = epocl::dataset::of(made.inputs, INPUTS, made.labels, CLASSES).split(0.25, 3);
    const epocl::options options = make_options();
    std::vector<epocl::options> drawn;
    for (std::size_t i = 0; i < 4; i++) drawn.push_back(options.draw("learning-rate,dropout", i));
    epocl::ensemble ensemble(device, train, valid, drawn);
    expect(thrown([&] { ensemble.read(); }) == EPOCL_ERROR_ARGUMENT, "an ensemble before its first epoch");
    ensemble.stop();
    expect(!ensemble.run_epoch() && ensemble.run_epoch()->epoch == 1, "a stop of an ensemble");
    double best = 1e30;
    const epocl_end end = ensemble.fit(20, [&best](const epocl::ensemble_epoch &epoch) { best = epoch.valid_cost; });
    expect(end == EPOCL_END_EPOCHS && !ensemble.plan_name().empty(), "an ensemble's end");
    const epocl::network network = ensemble.read();
    epocl::predictor predictor(device, network);
    expect(std::fabs(predictor.evaluate(valid).cost - best) < 1e-5, "the best ensemble is what is read");
    const auto empty = [&device, &data = train] { epocl::ensemble(device, data, data, {}); };
    expect(thrown(empty) == EPOCL_ERROR_ARGUMENT, "an empty ensemble");
}

} // namespace

int main(int, char **words) {
    try {
        expect(epocl::version() == EPOCL_VERSION, "version");
        expect(!epocl::devices().empty(), "devices");
        expect(thrown([] { epocl::device("no such device"); }) == EPOCL_ERROR_DEVICE, "no such device");
        std::size_t messages = 0;
        epocl::device device;
        device.set_message([&messages](const std::string &) { messages++; });
        const points made = make_points();
        test_classes(device, made, std::string(words[0]) + ".onnx");
        test_stops(device, made);
        test_values(device, made);
        test_tables(device, made);
        test_populations(device, made);
        test_ensembles(device, made);
        expect(messages > 0 && device.info().unusable[0] == '\0', "messages");
    } catch (const std::exception &error) {
        std::fprintf(stderr, "wrapper: %s\n", error.what());
        return 1;
    }
    return 0;
}
