// epocl for C++17: the handles of epocl.h as classes that release themselves, failures as exceptions. Nothing is here
// that epocl.h does not do; each class says by get() which handle it holds, for calls that have no method.
//
// Conventions
//   - A failed call throws epocl::error with the library's sentence. A stop is no failure: calls that can be stopped
//     say so by what they return.
//   - Classes are moved, not copied. One that was moved from is empty, as after release(): it may be assigned to or
//     destroyed, nothing else.
//   - A view<T> is what is read: std::vector, std::array, std::span, a string's bytes, or a pointer and a count. It is
//     used only during the call, except by table, which says so.
//   - Functions given to the library may throw: training ends, and the exception comes out of the call in progress.
#ifndef EPOCL_HPP
#define EPOCL_HPP

#include <epocl.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace epocl {

// ---- Errors and memory ---------------------------------------------------------------------------

class error : public std::runtime_error {
  public:
    explicit error(epocl_status status) : std::runtime_error(epocl_last_error()), status_(status) {}
    error(epocl_status status, const std::string &text) : std::runtime_error(text), status_(status) {}

    epocl_status status() const noexcept {
        return status_;
    }
    const char *status_name() const noexcept {
        return epocl_status_name(status_);
    }

  private:
    epocl_status status_;
};

// Throws the reason of a failure.
inline void check(epocl_status status) {
    if (status != EPOCL_OK) throw error(status);
}

// Values of the caller's, in a row.
template <typename T> class view {
  public:
    constexpr view() noexcept = default;
    constexpr view(const T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <typename Container, typename = std::enable_if_t<std::is_convertible_v<
                                      decltype(std::data(std::declval<const Container &>())), const T *>>>
    constexpr view(const Container &values) noexcept : data_(std::data(values)), size_(std::size(values)) {}

    constexpr const T *data() const noexcept {
        return data_;
    }
    constexpr std::size_t size() const noexcept {
        return size_;
    }
    constexpr bool empty() const noexcept {
        return size_ == 0;
    }
    constexpr const T *begin() const noexcept {
        return data_;
    }
    constexpr const T *end() const noexcept {
        return data_ + size_;
    }
    constexpr const T &operator[](std::size_t place) const noexcept {
        return data_[place];
    }

  private:
    const T *data_ = nullptr;
    std::size_t size_ = 0;
};

namespace detail {

// A handle of the library's, and who releases it.
template <typename T, void (*release_one)(T *)> class handle {
  public:
    T *get() const noexcept {
        return held_.get();
    }
    explicit operator bool() const noexcept {
        return held_ != nullptr;
    }
    void release() noexcept {
        held_.reset();
    }

  protected:
    handle() noexcept = default;
    explicit handle(T *held) noexcept : held_(held) {}

    // What `make`, which writes a handle through its last argument, makes of the arguments.
    template <typename Make, typename... Arguments> static T *made(Make make, Arguments... arguments) {
        T *created = nullptr;
        check(make(arguments..., &created));
        return created;
    }

  private:
    struct releaser {
        void operator()(T *held) const noexcept {
            release_one(held);
        }
    };
    std::unique_ptr<T, releaser> held_;
};

inline void require(bool is_so, const char *sentence) {
    if (!is_so) throw error(EPOCL_ERROR_ARGUMENT, sentence);
}

template <typename T> T *mutable_data(std::vector<T> &values) noexcept {
    return values.empty() ? nullptr : values.data();
}

using message_function = std::function<void(const std::string &)>;

// No exception may pass the library: a sentence that cannot be told is lost.
inline void tell(const char *text, void *user) noexcept {
    try {
        (*static_cast<message_function *>(user))(text);
    } catch (...) {
    }
}

} // namespace detail

inline std::string version() {
    return epocl_version();
}

// A file's content that the library has made.
class memory {
  public:
    memory(void *bytes, std::size_t size) noexcept : bytes_(bytes), size_(size) {}
    const unsigned char *data() const noexcept {
        return static_cast<const unsigned char *>(bytes_.get());
    }
    std::size_t size() const noexcept {
        return size_;
    }

  private:
    struct releaser {
        void operator()(void *bytes) const noexcept {
            epocl_memory_release(bytes);
        }
    };
    std::unique_ptr<void, releaser> bytes_;
    std::size_t size_;
};

// ---- Devices -------------------------------------------------------------------------------------

using device_info = epocl_device_info;
using device_speed = epocl_device_speed;

inline std::vector<device_info> devices() {
    std::size_t count = 0;
    check(epocl_devices_list(nullptr, 0, &count));
    std::vector<device_info> infos(count);
    check(epocl_devices_list(detail::mutable_data(infos), infos.size(), &count));
    if (count < infos.size()) infos.resize(count);
    return infos;
}

class device : public detail::handle<epocl_device, epocl_device_release> {
  public:
    // "auto", "cpu", "gpu", an index, or a part of its name.
    explicit device(const std::string &selector = "auto") : handle(made(epocl_device_open, selector.c_str())) {}
    // The caller's own context and in-order queue, which are retained.
    device(_cl_context *context, _cl_command_queue *queue) : handle(made(epocl_device_from_opencl, context, queue)) {}

    device_info info() const {
        device_info described;
        epocl_device_describe(get(), &described);
        return described;
    }
    void set_timeout(double seconds) {
        check(epocl_device_set_timeout(get(), seconds));
    }
    void self_test() {
        check(epocl_device_self_test(get()));
    }
    void trust(bool is_trusted = true) {
        check(epocl_device_trust(get(), is_trusted));
    }
    device_speed measure() {
        device_speed speed;
        check(epocl_device_measure(get(), &speed));
        return speed;
    }
    // `hear` is told of what takes long or goes another way; an empty function: nobody is. It must not be set anew
    // while another thread uses the device, and is forgotten when this object ends, not when the last trainer does.
    void set_message(detail::message_function hear) {
        message_ = std::make_unique<detail::message_function>(std::move(hear));
        check(epocl_device_set_message(get(), *message_ ? detail::tell : nullptr, message_.get()));
    }

    device(device &&) noexcept = default;
    device &operator=(device &&other) noexcept {
        forget();
        handle::operator=(std::move(other));
        message_ = std::move(other.message_);
        return *this;
    }
    ~device() {
        forget();
    }

  private:
    void forget() noexcept {
        if (get() && message_) epocl_device_set_message(get(), nullptr, nullptr);
    }
    std::unique_ptr<detail::message_function> message_;
};

// ---- Options -------------------------------------------------------------------------------------

// Values by name: docs/options.md.
class options : public detail::handle<epocl_options, epocl_options_release> {
  public:
    options() : handle(made(epocl_options_create)) {}
    options(std::initializer_list<std::pair<const char *, const char *>> values) : options() {
        for (const auto &[name, text] : values) check(epocl_options_set(get(), name, text));
    }

    options &set(const std::string &name, const std::string &text) {
        check(epocl_options_set(get(), name.c_str(), text.c_str()));
        return *this;
    }
    options &set(const std::string &name, const char *text) {
        return set(name, std::string(text));
    }
    template <typename Number, std::enable_if_t<std::is_arithmetic_v<Number>, int> = 0>
    options &set(const std::string &name, Number number) {
        check(epocl_options_set_number(get(), name.c_str(), static_cast<double>(number)));
        return *this;
    }
    options &set_list(const std::string &name, view<std::size_t> values) {
        check(epocl_options_set_list(get(), name.c_str(), values.data(), values.size()));
        return *this;
    }
    std::string get_text(const std::string &name) const {
        std::vector<char> text(4096);
        check(epocl_options_get(get(), name.c_str(), text.data(), text.size()));
        return text.data();
    }
    options copy() const {
        return options(made(epocl_options_copy, get()));
    }
    // With a seed of its own, and others of `names` ("learning-rate,dropout"), for one of many networks.
    options draw(const std::string &names, std::size_t member) const {
        return options(made(epocl_options_draw, get(), names.c_str(), member));
    }

  private:
    explicit options(epocl_options *held) noexcept : handle(held) {}
};

// ---- Data ----------------------------------------------------------------------------------------

class dataset : public detail::handle<epocl_dataset, epocl_dataset_release> {
  public:
    // Takes over a handle.
    explicit dataset(epocl_dataset *held) noexcept : handle(held) {}
    dataset() noexcept = default;

    // Rows of `input_count` values, copied; `labels`: none, or one a row, below `class_count`.
    static dataset of(view<float> inputs, std::size_t input_count, view<std::uint32_t> labels = {},
                      std::size_t class_count = 0) {
        return dataset(of_rows(epocl_dataset_from_floats, inputs, input_count, labels, class_count));
    }
    static dataset of(view<std::uint8_t> inputs, std::size_t input_count, view<std::uint32_t> labels = {},
                      std::size_t class_count = 0) {
        return dataset(of_rows(epocl_dataset_from_bytes, inputs, input_count, labels, class_count));
    }
    // IDX files; `targets` may be empty.
    static dataset load(const std::string &inputs, const std::string &targets = {}) {
        return dataset(made(epocl_dataset_load, inputs.c_str(), targets.empty() ? nullptr : targets.c_str()));
    }

    // Numbers to predict, [sample_count, output_count].
    dataset &set_values(view<float> values, std::size_t output_count = 1) {
        detail::require(values.size() == sample_count() * output_count,
                        "values must be one for each sample and output");
        check(epocl_dataset_set_values(get(), values.data(), output_count));
        return *this;
    }
    dataset &set_weights(view<float> weights) {
        detail::require(weights.size() == sample_count(), "weights must be one for each sample");
        check(epocl_dataset_set_weights(get(), weights.data()));
        return *this;
    }
    // `fraction` of the samples goes to the second.
    std::pair<dataset, dataset> split(double fraction, std::uint64_t seed = 1) const {
        epocl_dataset *first = nullptr, *second = nullptr;
        check(epocl_dataset_split(get(), fraction, seed, &first, &second));
        return {dataset(first), dataset(second)};
    }

    std::size_t sample_count() const noexcept {
        return epocl_dataset_sample_count(get());
    }
    std::size_t input_count() const noexcept {
        return epocl_dataset_input_count(get());
    }
    std::size_t class_count() const noexcept {
        return epocl_dataset_class_count(get());
    }
    std::size_t value_count() const noexcept {
        return epocl_dataset_value_count(get());
    }

  private:
    template <typename Make, typename T>
    static epocl_dataset *of_rows(Make make, view<T> inputs, std::size_t input_count, view<std::uint32_t> labels,
                                  std::size_t class_count) {
        detail::require(input_count > 0 && inputs.size() % input_count == 0,
                        "inputs must be rows of input_count values");
        const std::size_t rows = inputs.size() / input_count;
        detail::require(labels.empty() || labels.size() == rows, "labels must be one for each row");
        return made(make, inputs.data(), labels.data(), rows, input_count, class_count);
    }
};

class network;

// Columns of numbers and categories. Their values must stay where they are until the table ends.
class table : public detail::handle<epocl_table, epocl_table_release> {
  public:
    explicit table(std::size_t row_count) : handle(made(epocl_table_create, row_count)) {}
    // CSV and its kin, npy, npz or LIBSVM.
    static table read(const std::string &path) {
        return table(made(epocl_table_read, path.c_str()));
    }

    // NaN is a missing number, EPOCL_MISSING a missing category; codes are places in `levels`.
    table &add(const std::string &name, view<float> numbers) {
        detail::require(numbers.size() == row_count(), "numbers must be one for each row");
        check(epocl_table_add_numbers(get(), name.c_str(), numbers.data()));
        return *this;
    }
    table &add(const std::string &name, view<std::uint32_t> codes, view<const char *> levels) {
        detail::require(codes.size() == row_count(), "codes must be one for each row");
        check(epocl_table_add_categories(get(), name.c_str(), codes.data(), levels.data(), levels.size()));
        return *this;
    }
    // "task", "features", "ignore", "weights", "id", "group" or "time".
    table &set(const std::string &name, const std::string &text) {
        check(epocl_table_set(get(), name.c_str(), text.c_str()));
        return *this;
    }
    // To train on and, of `valid_fraction` of the rows, to validate on; empty without.
    std::pair<dataset, dataset> split(const std::string &target, const options &chosen,
                                      double valid_fraction = 0) const {
        epocl_dataset *train = nullptr, *valid = nullptr;
        check(epocl_table_split(get(), target.c_str(), chosen.get(), valid_fraction, &train, &valid));
        return {dataset(train), dataset(valid)};
    }
    inline dataset encode(const network &for_network, bool with_targets = false) const;

    std::size_t row_count() const noexcept {
        return epocl_table_row_count(get());
    }
    std::size_t column_count() const noexcept {
        return epocl_table_column_count(get());
    }
    std::string column_name(std::size_t column) const {
        const char *name = epocl_table_column_name(get(), column);
        detail::require(name != nullptr, "the table has no such column");
        return name;
    }

  private:
    explicit table(epocl_table *held) noexcept : handle(held) {}
};

// ---- Networks ------------------------------------------------------------------------------------

class network : public detail::handle<epocl_network, epocl_network_release> {
  public:
    // One that fits the data; it has no parameters before it is trained.
    network(const dataset &data, const options &chosen)
        : handle(made(epocl_network_create, data.get(), chosen.get())) {}
    // To train `base` further on other data.
    network(const network &base, const dataset &data, const options &chosen)
        : handle(made(epocl_network_create_from, base.get(), data.get(), chosen.get())) {}

    static network load(const std::string &path) {
        return network(made(epocl_network_load, path.c_str()));
    }
    static network load(view<unsigned char> content) {
        return network(made(epocl_network_load_memory, content.data(), content.size()));
    }

    void save(const std::string &path) const {
        check(epocl_network_save(get(), path.c_str()));
    }
    memory save() const {
        return content_of(get());
    }
    // "onnx", "c", "c-int8" or "safetensors"; by the ending of `path` where there is none.
    void export_to(const std::string &path, const char *format = nullptr, const char *prefix = nullptr) const {
        check(epocl_network_export(get(), format, prefix, path.c_str()));
    }
    network copy() const {
        return load(save());
    }
    // Of ONNX or PyTorch's safetensors; what the file does not say is given as texts of the options.
    static network import_from(const std::string &path, const char *activation = nullptr, const char *cost = nullptr,
                               const char *output = nullptr) {
        return network(made(epocl_network_import, path.c_str(), activation, cost, output));
    }

    // An ensemble of copies; `weights`: none, or how much each counts.
    static network ensemble(view<network> members, view<std::uint32_t> weights = {}) {
        detail::require(weights.empty() || weights.size() == members.size(), "weights must be one for each member");
        std::vector<const epocl_network *> handles;
        for (const network &member : members) handles.push_back(member.get());
        return network(made(epocl_network_create_ensemble, handles.data(), weights.data(), handles.size()));
    }
    // A network by itself is its only member.
    std::size_t member_count() const noexcept {
        return epocl_network_member_count(get());
    }
    double member_share(std::size_t member) const noexcept {
        return epocl_network_member_share(get(), member);
    }
    // A copy.
    network member(std::size_t index) const {
        const epocl_network *one = epocl_network_member(get(), index);
        detail::require(one != nullptr, "the network has no such member");
        return load(content_of(one));
    }

    // Of probabilities, on data that it was not trained on.
    epocl_calibration calibrate(const device &on, const dataset &data) {
        epocl_calibration made;
        check(epocl_network_calibrate(on.get(), get(), data.get(), &made));
        return made;
    }

    std::size_t layer_count() const noexcept {
        return epocl_network_layer_count(get());
    }
    std::size_t input_count() const noexcept {
        return epocl_network_input_count(get());
    }
    std::size_t output_count(std::size_t layer) const noexcept {
        return epocl_network_output_count(get(), layer);
    }
    std::size_t output_count() const noexcept {
        return output_count(layer_count() - 1);
    }
    std::size_t parameter_count() const noexcept {
        return epocl_network_parameter_count(get());
    }
    std::string activation() const {
        return epocl_network_activation(get());
    }
    std::string cost() const {
        return epocl_network_cost(get());
    }
    std::string output() const {
        return epocl_network_output(get());
    }
    std::string normalization() const {
        return epocl_network_normalization(get());
    }
    std::string targets() const {
        return epocl_network_targets(get());
    }

    // Of a network of a table.
    std::optional<std::string> class_name(std::size_t index) const {
        const char *name = epocl_network_class_name(get(), index);
        return name ? std::optional<std::string>(name) : std::nullopt;
    }

    // The parameters of a layer, [n_out, n_in] and [n_out], where they lie; empty before training.
    view<float> weights(std::size_t layer) const noexcept {
        const float *values = epocl_network_weights(get(), layer);
        const std::size_t inputs = layer == 0 ? input_count() : output_count(layer - 1);
        return {values, values ? inputs * output_count(layer) : 0};
    }
    view<float> biases(std::size_t layer) const noexcept {
        const float *values = epocl_network_biases(get(), layer);
        return {values, values ? output_count(layer) : 0};
    }

  private:
    friend class ensemble;
    explicit network(epocl_network *held) noexcept : handle(held) {}
    static memory content_of(const epocl_network *one) {
        void *bytes = nullptr;
        std::size_t count = 0;
        check(epocl_network_save_memory(one, &bytes, &count));
        return {bytes, count};
    }
};

inline dataset table::encode(const network &for_network, bool with_targets) const {
    epocl_dataset *encoded = nullptr;
    check(epocl_table_encode(get(), for_network.get(), with_targets, &encoded));
    return dataset(encoded);
}

// ---- Training ------------------------------------------------------------------------------------

using epoch_result = epocl_epoch_result;
using progress = epocl_progress;

// A trainer's state in host memory.
class checkpoint : public detail::handle<epocl_checkpoint, epocl_checkpoint_release> {
  public:
    static checkpoint load(const std::string &path) {
        return checkpoint(made(epocl_checkpoint_load, path.c_str()));
    }
    static checkpoint load(view<unsigned char> content) {
        return checkpoint(made(epocl_checkpoint_load_memory, content.data(), content.size()));
    }

  private:
    explicit checkpoint(epocl_checkpoint *held) noexcept : handle(held) {}
};

namespace detail {

// What a trainer can be asked; Self has get().
template <typename Self> class trainer_reader {
  public:
    void read(network &into) const {
        check(epocl_trainer_read(held(), into.get()));
    }
    void read_best(network &into) const {
        check(epocl_trainer_read_best(held(), into.get()));
    }
    void save(const std::string &path) const {
        check(epocl_trainer_save(held(), path.c_str()));
    }
    memory save() const {
        void *bytes = nullptr;
        std::size_t count = 0;
        check(epocl_trainer_save_memory(held(), &bytes, &count));
        return {bytes, count};
    }

    std::size_t epoch_count() const noexcept {
        return epocl_trainer_epoch_count(held());
    }
    std::vector<epoch_result> history() const {
        std::vector<epoch_result> results(epoch_count());
        for (std::size_t i = 0; i < results.size(); i++) check(epocl_trainer_history(held(), i, &results[i]));
        return results;
    }
    // Where it stands, of `wanted` epochs.
    progress so_far(std::size_t wanted) const {
        progress found;
        check(epocl_trainer_progress(held(), wanted, &found));
        return found;
    }
    std::string plan_name() const {
        return epocl_trainer_plan_name(held());
    }

  private:
    epocl_trainer *held() const noexcept {
        return static_cast<const Self *>(this)->get();
    }
};

} // namespace detail

class trainer : public detail::handle<epocl_trainer, epocl_trainer_release>, public detail::trainer_reader<trainer> {
  public:
    trainer(const device &on, const network &of, const dataset &train, const options &chosen)
        : trainer(on, of, train, dataset(), chosen) {}
    trainer(const device &on, const network &of, const dataset &train, const dataset &valid, const options &chosen)
        : handle(made(epocl_trainer_create, on.get(), of.get(), train.get(), valid.get(), chosen.get())) {}
    // Goes on where the checkpoint's trainer stood.
    static trainer resume(const device &on, const checkpoint &from, const dataset &train, const dataset &valid,
                          const options &chosen) {
        return trainer(made(epocl_trainer_resume, on.get(), from.get(), train.get(), valid.get(), chosen.get()));
    }

    // The result; nothing after a stop, when the next call goes on with the rest of the epoch.
    std::optional<epoch_result> run_epoch() {
        epoch_result result;
        const epocl_status status = epocl_trainer_run_epoch(get(), &result);
        if (status == EPOCL_STOPPED) return std::nullopt;
        check(status);
        return result;
    }

    // Runs epochs until there are `epoch_count` in all, or the options patience or max-seconds end the training; after
    // a stop, `end` is EPOCL_END_NONE. `each` is told of every epoch, and may call stop().
    progress fit(std::size_t epoch_count) {
        progress so_far;
        ended(epocl_trainer_fit(get(), epoch_count, nullptr, nullptr, &so_far));
        return so_far;
    }
    template <typename Each> progress fit(std::size_t epoch_count, Each &&each) {
        using function = std::remove_reference_t<Each>;
        struct listener {
            epocl_trainer *trainer;
            std::size_t epoch_count;
            function *each;
            std::exception_ptr thrown;
            // After the last epoch there is none that a stop would end; it would be that of a later call.
            bool is_at_end() const noexcept {
                progress so_far;
                return epocl_trainer_progress(trainer, epoch_count, &so_far) != EPOCL_OK ||
                       so_far.end != EPOCL_END_NONE;
            }
            static void tell(const epoch_result *result, void *user) noexcept {
                auto *self = static_cast<listener *>(user);
                if (self->thrown) return;
                try {
                    (*self->each)(*result);
                } catch (...) {
                    self->thrown = std::current_exception();
                    if (!self->is_at_end()) epocl_trainer_stop(self->trainer);
                }
            }
        };
        progress so_far;
        listener listens{get(), epoch_count, &each, nullptr};
        const epocl_status status = epocl_trainer_fit(get(), epoch_count, listener::tell, &listens, &so_far);
        if (listens.thrown) std::rethrow_exception(listens.thrown);
        ended(status);
        return so_far;
    }

    // From any thread.
    void stop() noexcept {
        epocl_trainer_stop(get());
    }

  private:
    explicit trainer(epocl_trainer *held) noexcept : handle(held) {}
    static void ended(epocl_status status) {
        if (status != EPOCL_STOPPED) check(status);
    }
};

// ---- Many networks at once -----------------------------------------------------------------------

using population_info = epocl_population_info;
using ensemble_epoch = epocl_ensemble_epoch;

class population : public detail::handle<epocl_population, epocl_population_release> {
  public:
    // At most `worker_count` members train at the same time; 0: as many as suit the device.
    explicit population(const device &on, std::size_t worker_count = 0)
        : handle(made(epocl_population_create, on.get(), worker_count)) {}

    // The trainer of a member, which is the population's: to be asked between runs, until it is dropped.
    class member_trainer : public detail::trainer_reader<member_trainer> {
      public:
        epocl_trainer *get() const noexcept {
            return trainer_;
        }

      private:
        friend class population;
        explicit member_trainer(epocl_trainer *trainer) noexcept : trainer_(trainer) {}
        epocl_trainer *trainer_;
    };

    // The number of the new member, as of resume().
    std::size_t add(const network &of, const dataset &train, const options &chosen) {
        return add(of, train, dataset(), chosen);
    }
    std::size_t add(const network &of, const dataset &train, const dataset &valid, const options &chosen) {
        std::size_t number = 0;
        check(epocl_population_add(get(), of.get(), train.get(), valid.get(), chosen.get(), &number));
        return number;
    }
    std::size_t resume(const checkpoint &from, const dataset &train, const dataset &valid, const options &chosen) {
        std::size_t number = 0;
        check(epocl_population_resume(get(), from.get(), train.get(), valid.get(), chosen.get(), &number));
        return number;
    }

    // Until each member has `epoch_count` epochs in all, or is at its end; false after a stop, when the next call goes
    // on. `each` is told of every epoch of a member, as (number, result), and may call stop().
    bool run(std::size_t epoch_count) {
        return ended(epocl_population_run(get(), epoch_count, nullptr, nullptr));
    }
    template <typename Each> bool run(std::size_t epoch_count, Each &&each) {
        using function = std::remove_reference_t<Each>;
        struct listener {
            epocl_population *population;
            function *each;
            std::exception_ptr thrown;
            static void tell(std::size_t member, const epoch_result *result, void *user) noexcept {
                auto *self = static_cast<listener *>(user);
                if (self->thrown) return;
                try {
                    (*self->each)(member, *result);
                } catch (...) {
                    self->thrown = std::current_exception();
                    epocl_population_stop(self->population);
                }
            }
        };
        listener listens{get(), &each, nullptr};
        const epocl_status status = epocl_population_run(get(), epoch_count, listener::tell, &listens);
        if (listens.thrown) std::rethrow_exception(listens.thrown);
        return ended(status);
    }
    // From any thread.
    void stop() noexcept {
        epocl_population_stop(get());
    }

    // Ever added.
    std::size_t member_count() const noexcept {
        return epocl_population_member_count(get());
    }
    member_trainer member(std::size_t number) const {
        epocl_trainer *trainer = epocl_population_member(get(), number);
        detail::require(trainer != nullptr, "the population has no such member, or it was dropped");
        return member_trainer(trainer);
    }
    // EPOCL_OK, or why a member is trained no more.
    epocl_status status(std::size_t number) const noexcept {
        return epocl_population_status(get(), number);
    }
    // Releases what it has on the device, and its trainer.
    void drop(std::size_t number) {
        check(epocl_population_drop(get(), number));
    }
    population_info info() const {
        population_info described;
        epocl_population_describe(get(), &described);
        return described;
    }

  private:
    static bool ended(epocl_status status) {
        if (status != EPOCL_STOPPED) check(status);
        return status == EPOCL_OK;
    }
};

// Trains many networks, and chooses those that are best together on `valid`, which must stay until the ensemble ends.
class ensemble : public detail::handle<epocl_ensemble, epocl_ensemble_release> {
  public:
    ensemble(const device &on, const dataset &train, const dataset &valid, view<options> of_each)
        : handle(created(on, train, valid, of_each)) {}

    // Every member's; nothing after a stop, when the next call goes on.
    std::optional<ensemble_epoch> run_epoch() {
        ensemble_epoch result;
        const epocl_status status = epocl_ensemble_run_epoch(get(), &result);
        if (status == EPOCL_STOPPED) return std::nullopt;
        check(status);
        return result;
    }
    // Until end() says so; `each` is told of every epoch, and may call stop(), which is EPOCL_END_NONE.
    epocl_end fit(std::size_t epoch_count) {
        return fit(epoch_count, [](const ensemble_epoch &) {});
    }
    template <typename Each> epocl_end fit(std::size_t epoch_count, Each &&each) {
        while (end(epoch_count) == EPOCL_END_NONE) {
            const std::size_t before = epocl_ensemble_epoch_count(get());
            const std::optional<ensemble_epoch> result = run_epoch();
            if (!result) return EPOCL_END_NONE;
            if (epocl_ensemble_epoch_count(get()) > before) each(*result);
        }
        return end(epoch_count);
    }
    // From any thread.
    void stop() noexcept {
        epocl_ensemble_stop(get());
    }
    epocl_end end(std::size_t epoch_count) const noexcept {
        return epocl_ensemble_end(get(), epoch_count);
    }
    // The best ensemble so far, a network of its own.
    network read() const {
        epocl_network *best = nullptr;
        check(epocl_ensemble_read(get(), &best));
        return network(best);
    }
    std::string plan_name() const {
        return epocl_ensemble_plan_name(get());
    }

  private:
    static epocl_ensemble *created(const device &on, const dataset &train, const dataset &valid,
                                   view<options> of_each) {
        std::vector<const epocl_options *> handles;
        for (const options &one : of_each) handles.push_back(one.get());
        return made(epocl_ensemble_create, on.get(), train.get(), valid.get(), handles.data(), handles.size());
    }
};

// ---- Prediction ----------------------------------------------------------------------------------

using evaluation = epocl_evaluation;
using metric = epocl_metric;

// What can be said of predictions and targets, by name.
class metrics : public detail::handle<epocl_metrics, epocl_metrics_release> {
  public:
    explicit metrics(epocl_metrics *held) noexcept : handle(held) {}
    // Its values hold as long as the metrics.
    metric find(const std::string &name) const {
        metric found;
        check(epocl_metrics_find(get(), name.c_str(), &found));
        return found;
    }
    double value(const std::string &name) const {
        return find(name).values[0];
    }
};

class predictor : public detail::handle<epocl_predictor, epocl_predictor_release> {
  public:
    predictor(const device &on, const network &of)
        : handle(made(epocl_predictor_create, on.get(), of.get())), output_count_(of.output_count()) {}

    // [sample_count, output_count], row by row.
    std::vector<float> predict(const dataset &data) {
        std::vector<float> outputs(data.sample_count() * output_count_);
        check(epocl_predictor_run(get(), data.get(), outputs.data(), nullptr));
        return outputs;
    }
    std::vector<std::uint32_t> predict_classes(const dataset &data) {
        std::vector<std::uint32_t> classes(data.sample_count());
        check(epocl_predictor_run(get(), data.get(), nullptr, classes.data()));
        return classes;
    }
    // Of an ensemble, what one member says by itself.
    std::vector<float> predict_member(std::size_t member, const dataset &data) {
        std::vector<float> outputs(data.sample_count() * output_count_);
        check(epocl_predictor_run_member(get(), member, data.get(), outputs.data(), nullptr));
        return outputs;
    }
    std::vector<std::uint32_t> predict_member_classes(std::size_t member, const dataset &data) {
        std::vector<std::uint32_t> classes(data.sample_count());
        check(epocl_predictor_run_member(get(), member, data.get(), nullptr, classes.data()));
        return classes;
    }
    evaluation evaluate(const dataset &data) {
        evaluation found;
        check(epocl_predictor_evaluate(get(), data.get(), &found));
        return found;
    }
    metrics measure(const dataset &data) {
        epocl_metrics *measured = nullptr;
        check(epocl_predictor_metrics(get(), data.get(), &measured));
        return metrics(measured);
    }

  private:
    std::size_t output_count_;
};

} // namespace epocl
#endif
