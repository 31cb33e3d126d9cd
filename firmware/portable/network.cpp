#include "network.h"

#include "network_limits.h"
#include "tflite_tensors.h"

namespace exnihilo {
namespace {

using namespace tflite;

constexpr int32_t SCHEMA_VERSION = 3;
constexpr int OPERATORS_MAX = 2 * LAYERS_MAX + 1;
constexpr float OUTPUT_STEP = 0x1p-15f;
constexpr float LOGIT_STEP_MAX = 1.0f;

struct Version {
    int32_t code;
    int32_t version;
};

struct Form {
    Quantisation quantisation;
    int count;
    Version versions[4];
};

constexpr Form FORMS[] = {
    {Quantisation::INT16X8, 4,
     {{QUANTIZE, 1}, {FULLY_CONNECTED, 4}, {LOGISTIC, 2}, {DEQUANTIZE, 2}}},
    {Quantisation::WEIGHT_ONLY, 3, {{DEQUANTIZE, 5}, {FULLY_CONNECTED, 1}, {LOGISTIC, 1}}},
    {Quantisation::FLOAT32, 2, {{FULLY_CONNECTED, 1}, {LOGISTIC, 1}}},
};

bool has(const Form& form, int32_t code, int32_t version) {
    for (int i = 0; i < form.count; ++i) {
        if (form.versions[i].code == code) return form.versions[i].version == version;
    }
    return false;
}

// Follows a graph from its input to its output.
class Reader {
public:
    Reader(FlatTable model, Network& network)
        : model_(model),
          graph_(model.table_at(GRAPHS, 0)),
          tensors_(model, graph_),
          network_(network) {}

    Reason run();

private:
    bool refuse(Reason reason);
    bool find_form();
    bool matches(const Form& form) const;
    bool check_order();
    int32_t code_at(uint32_t index) const;
    bool chain();
    bool layer(uint32_t& at, int32_t source, int32_t& result, bool last);
    bool check_dense(FlatTable dense, bool last);
    bool through(uint32_t at, int32_t source, int32_t& result);
    bool single(FlatTable table, int slot, int32_t& index);
    bool check_signature(int32_t start, int32_t end);
    bool check_metadata();

    bool is_quantised() const { return network_.quantisation == Quantisation::INT16X8; }
    Type inner() const { return is_quantised() ? INT16 : FLOAT32; }
    FlatTable operator_at(uint32_t index) const { return graph_.table_at(OPERATORS, index); }

    FlatTable model_;
    FlatTable graph_;
    Tensors tensors_;
    Network& network_;
    Reason reason_ = nullptr;
};

bool Reader::refuse(Reason reason) {
    if (reason_ == nullptr) reason_ = reason;
    return false;
}

bool Reader::single(FlatTable table, int slot, int32_t& index) {
    const Numbers found = table.numbers(slot);
    if (found.count != 1) return refuse("an operator with the wrong number of tensors");
    index = found.at<int32_t>(0);
    return true;
}

bool Reader::matches(const Form& form) const {
    if (model_.table_count(OPERATOR_CODES) != static_cast<uint32_t>(form.count)) return false;
    bool seen[4] = {};
    for (int i = 0; i < form.count; ++i) {
        const FlatTable entry = model_.table_at(OPERATOR_CODES, static_cast<uint32_t>(i));
        const int32_t code = entry.scalar<int32_t>(CODE);
        if (!has(form, code, entry.scalar<int32_t>(CODE_VERSION, 1))) return false;
        for (int j = 0; j < form.count; ++j) {
            if (form.versions[j].code != code) continue;
            if (seen[j]) return false;
            seen[j] = true;
        }
    }
    return true;
}

bool Reader::find_form() {
    const uint32_t count = model_.table_count(OPERATOR_CODES);
    for (uint32_t i = 0; i < count; ++i) {
        const FlatTable entry = model_.table_at(OPERATOR_CODES, i);
        const int32_t code = entry.scalar<int32_t>(CODE);
        if (entry.scalar<int8_t>(DEPRECATED_CODE) != least(code, 127)) {
            return refuse("an operator has two codes");
        }
        const bool known = code == DEQUANTIZE || code == FULLY_CONNECTED || code == LOGISTIC ||
                           code == QUANTIZE;
        if (!known) return refuse("an operator of TFLite, which no decoder has");
    }
    for (const Form& form : FORMS) {
        if (!matches(form)) continue;
        network_.quantisation = form.quantisation;
        return true;
    }
    return refuse("operators in other versions");
}

int32_t Reader::code_at(uint32_t index) const {
    const uint32_t code = operator_at(index).scalar<uint32_t>(OPCODE_INDEX);
    if (code >= model_.table_count(OPERATOR_CODES)) return -1;
    return model_.table_at(OPERATOR_CODES, code).scalar<int32_t>(CODE);
}

bool Reader::check_order() {
    const uint32_t count = graph_.table_count(OPERATORS);
    if (count > OPERATORS_MAX) return refuse("too many dense layers");
    int layers = 0;
    for (uint32_t i = 0; i < count; ++i) {
        const int32_t code = code_at(i);
        if (code < 0) return refuse("an operator without a code");
        if (code == FULLY_CONNECTED) ++layers;
    }
    if (layers < 1 || layers > LAYERS_MAX) return refuse("too few or too many dense layers");
    network_.layer_count = layers;
    uint32_t at = 0;
    const auto next_is = [&](int32_t code) { return at < count && code_at(at++) == code; };
    bool good = !is_quantised() || next_is(QUANTIZE);
    for (int i = 0; good && i < layers; ++i) {
        if (network_.quantisation == Quantisation::WEIGHT_ONLY) good = next_is(DEQUANTIZE);
        good = good && next_is(FULLY_CONNECTED);
    }
    good = good && next_is(LOGISTIC) && (!is_quantised() || next_is(DEQUANTIZE));
    return (good && at == count) || refuse("operators in an unexpected order");
}

bool Reader::through(uint32_t at, int32_t source, int32_t& result) {
    const FlatTable op = operator_at(at);
    int32_t input;
    if (!single(op, INPUTS, input) || !single(op, OUTPUTS, result)) return false;
    if (input != source) {
        return refuse("an operator does not take what the one before it gives");
    }
    const uint8_t options = op.scalar<uint8_t>(OPTIONS_TYPE);
    const int32_t code = code_at(at);
    const bool known = options == NO_OPTIONS ||
                       (code == DEQUANTIZE && options == OF_DEQUANTIZE) ||
                       (code == QUANTIZE && options == OF_QUANTIZE);
    return known || refuse("an operator has the options of another");
}

bool Reader::check_dense(FlatTable dense, bool last) {
    if (dense.scalar<uint8_t>(OPTIONS_TYPE) != OF_DENSE) {
        return refuse("a layer without its options");
    }
    const FlatTable options = dense.table(OPTIONS);
    if (options.scalar<int8_t>(FUSED_ACTIVATION) != (last ? 0 : 1)) {
        return refuse("a layer with an unexpected activation");
    }
    const int8_t bias = options.scalar<int8_t>(BIAS_TYPE);
    return bias == 0 || (is_quantised() && bias == INT64) ||
           refuse("a layer with an unexpected type of bias");
}

bool Reader::layer(uint32_t& at, int32_t source, int32_t& result, bool last) {
    const bool restores = network_.quantisation == Quantisation::WEIGHT_ONLY;
    const uint32_t restoring = at;
    if (restores) ++at;
    const FlatTable dense = operator_at(at++);
    const Numbers inputs = dense.numbers(INPUTS);
    if (!single(dense, OUTPUTS, result)) return false;
    if (inputs.count != 3 || inputs.at<int32_t>(0) != source) {
        return refuse("a layer does not take what the one before it gives");
    }
    if (!check_dense(dense, last)) return false;
    const int32_t kernel = inputs.at<int32_t>(1);
    int32_t stored = kernel;
    if (restores) {
        int32_t restored;
        if (!single(operator_at(restoring), INPUTS, stored)) return false;
        if (!through(restoring, stored, restored)) return false;
        if (restored != kernel) return refuse("a kernel is restored that is not used next");
    }
    Dense& read = network_.layers[network_.layer_count++];
    const Type kind = restores || is_quantised() ? INT8 : FLOAT32;
    Reason reason = tensors_.kernel(stored, kind, read);
    if (!reason && restores) reason = tensors_.restored(kernel, read.units, read.inputs);
    if (!reason) reason = tensors_.bias(inputs.at<int32_t>(2), is_quantised(), read);
    if (!reason) reason = tensors_.activation(result, inner(), read.units, read.step);
    return !reason || refuse(reason);
}

bool Reader::chain() {
    int32_t start, end, current;
    if (!single(graph_, GRAPH_INPUTS, start) || !single(graph_, GRAPH_OUTPUTS, end)) return false;
    uint32_t at = 0;
    current = start;
    if (is_quantised() && !through(at++, start, current)) return false;
    const int32_t source = current;
    const int layers = network_.layer_count;
    network_.layer_count = 0;
    for (int i = 0; i < layers; ++i) {
        int32_t result;
        if (!layer(at, current, result, i == layers - 1)) return false;
        if (i > 0 && network_.layers[i].inputs != network_.layers[i - 1].units) {
            return refuse("a layer does not fit the one before it");
        }
        current = result;
    }
    int32_t probabilities, result;
    if (!through(at++, current, probabilities)) return false;
    result = probabilities;
    if (is_quantised() && !through(at++, probabilities, result)) return false;
    if (result != end) return refuse("the output is not what is computed last");
    float output_step = 0, none = 0;
    const int latents = network_.latents();
    const int width = network_.width();
    Reason reason = tensors_.activation(source, inner(), latents, network_.step);
    if (!reason) reason = tensors_.activation(probabilities, inner(), width, output_step);
    if (!reason && is_quantised()) {
        reason = tensors_.activation(start, FLOAT32, latents, none);
        if (!reason) reason = tensors_.activation(end, FLOAT32, width, none);
        const float logit_step = network_.layers[layers - 1].step;
        if (!reason && (output_step != OUTPUT_STEP || logit_step > LOGIT_STEP_MAX)) {
            reason = "a logistic function with the wrong scale";
        }
    }
    if (reason) return refuse(reason);
    return check_signature(start, end);
}

bool Reader::check_signature(int32_t start, int32_t end) {
    const uint32_t count = model_.table_count(SIGNATURES);
    if (count == 0) return true;
    if (count > 1) return refuse("more than one signature");
    const FlatTable signature = model_.table_at(SIGNATURES, 0);
    const auto names = [&](int slot, int32_t tensor) {
        if (signature.table_count(slot) != 1) return false;
        const FlatTable entry = signature.table_at(slot, 0);
        return entry.scalar<uint32_t>(NAMED_TENSOR) == static_cast<uint32_t>(tensor);
    };
    return (names(SIGNATURE_INPUTS, start) && names(SIGNATURE_OUTPUTS, end)) ||
           refuse("a signature that names other tensors");
}

bool Reader::check_metadata() {
    const uint32_t count = model_.table_count(METADATA);
    if (count > 2) return refuse("too many notes beside the network");
    for (uint32_t i = 0; i < count; ++i) {
        if (Reason reason = tensors_.note(model_.table_at(METADATA, i))) return refuse(reason);
    }
    return true;
}

Reason Reader::run() {
    if (!find_form() || !check_order() || !chain() || !check_metadata()) return reason_;
    return tensors_.rest();
}

}  // namespace

Reason read_network(const uint8_t* data, size_t size, uint8_t* scratch, Network& network) {
    network = Network{};
    if (size > MODEL_BYTES_MAX) return "larger than 512 KiB";
    if (Reason reason = verify(data, size, "TFL3", MODEL_SCHEMA, scratch)) return reason;
    const FlatTable model = FlatTable::root(data);
    if (model.scalar<int32_t>(VERSION) != SCHEMA_VERSION) return "another version of the schema";
    if (model.table_count(GRAPHS) != 1) return "not one graph";
    if (Reason reason = Reader(model, network).run()) return reason;
    return check_network(network);
}

}  // namespace exnihilo
