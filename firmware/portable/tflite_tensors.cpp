#include "tflite_tensors.h"

namespace exnihilo::tflite {
namespace {

constexpr float STEP_MIN = 0x1p-60f;
constexpr float STEP_MAX = 0x1p20f;

struct Note {
    const char* name;
    uint32_t bytes_max;
};

constexpr Note NOTES[] = {{"min_runtime_version", 32}, {"CONVERSION_METADATA", 1024}};

bool is_name(Numbers text, const char* name) {
    uint32_t length = 0;
    while (name[length] != 0) ++length;
    if (text.count != length) return false;
    for (uint32_t i = 0; i < length; ++i) {
        if (text.data[i] != static_cast<uint8_t>(name[i])) return false;
    }
    return true;
}

bool is_finite(float value) { return value - value == 0; }

bool fits(Numbers list, int count) {
    return list.count == 0 || list.count == static_cast<uint32_t>(count);
}

}  // namespace

Tensors::Tensors(FlatTable model, FlatTable graph)
    : model_(model),
      graph_(graph),
      tensor_count_(graph.table_count(TENSORS)),
      buffer_count_(model.table_count(BUFFERS)) {
    sound_ = tensor_count_ <= COUNT_MAX && buffer_count_ <= COUNT_MAX;
    if (!sound_ || buffer_count_ == 0) return;
    buffer_taken_[0] = true;
    sound_ = model.table_at(BUFFERS, 0).numbers(DATA).count == 0;
}

Reason Tensors::take(int32_t index, Type kind, int rows, int columns, FlatTable& tensor) {
    if (!sound_) return "more tensors or buffers than a network has";
    if (index < 0 || static_cast<uint32_t>(index) >= tensor_count_ || tensor_taken_[index]) {
        return "a tensor is missing or used twice";
    }
    tensor = graph_.table_at(TENSORS, static_cast<uint32_t>(index));
    const Numbers shape = tensor.numbers(SHAPE);
    const uint32_t dimensions = rows > 0 ? 2 : 1;
    if (shape.count != dimensions || shape.at<int32_t>(dimensions - 1) != columns ||
        (rows > 0 && shape.at<int32_t>(0) != rows)) {
        return "a tensor has another shape";
    }
    if (tensor.scalar<int8_t>(TYPE) != kind) return "a tensor has another type";
    tensor_taken_[index] = true;
    return nullptr;
}

Reason Tensors::buffer(uint32_t index, Numbers& data) {
    if (index >= buffer_count_ || buffer_taken_[index]) {
        return "a buffer is missing or used twice";
    }
    buffer_taken_[index] = true;
    data = model_.table_at(BUFFERS, index).numbers(DATA);
    return nullptr;
}

Reason Tensors::computed(FlatTable tensor) {
    const uint32_t index = tensor.scalar<uint32_t>(BUFFER);
    if (index == 0) return nullptr;
    Numbers data;
    if (Reason reason = buffer(index, data)) return reason;
    return data.count != 0 ? "a tensor that is computed holds data" : nullptr;
}

Reason Tensors::check_float(FlatTable tensor) {
    const FlatTable quantization = tensor.table(QUANTIZATION);
    for (int slot = MIN; slot <= ZERO_POINT; ++slot) {
        if (quantization.numbers(slot).count != 0) return "a float tensor is quantised";
    }
    return nullptr;
}

Reason Tensors::scales(FlatTable tensor, int count, Numbers& values) const {
    const FlatTable quantization = tensor.table(QUANTIZATION);
    values = quantization.numbers(SCALE);
    if (values.count != static_cast<uint32_t>(count)) return "integers without their scales";
    for (uint32_t i = 0; i < values.count; ++i) {
        const float scale = values.at<float>(i);
        if (!(scale >= STEP_MIN && scale <= STEP_MAX)) return "a scale is out of range";
    }
    const Numbers zeros = quantization.numbers(ZERO_POINT);
    if (!fits(zeros, count)) return "a zero point is not 0";
    for (uint32_t i = 0; i < zeros.count; ++i) {
        if (zeros.at<int64_t>(i) != 0) return "a zero point is not 0";
    }
    const bool good =
        fits(quantization.numbers(MIN), count) && fits(quantization.numbers(MAX), count);
    return good ? nullptr : "a tensor's range has the wrong length";
}

Reason Tensors::constant(FlatTable tensor, uint32_t count, uint32_t item_bytes, Numbers& values) {
    Numbers data;
    if (Reason reason = buffer(tensor.scalar<uint32_t>(BUFFER), data)) return reason;
    if (data.count != count * item_bytes) return "a buffer does not fit its tensor's shape";
    values = {data.data, count};
    return nullptr;
}

Reason Tensors::activation(int32_t index, Type kind, int units, float& step) {
    FlatTable tensor;
    if (Reason reason = take(index, kind, 1, units, tensor)) return reason;
    if (Reason reason = computed(tensor)) return reason;
    step = 0;
    if (kind == FLOAT32) return check_float(tensor);
    Numbers values;
    if (Reason reason = scales(tensor, 1, values)) return reason;
    step = values.at<float>(0);
    return nullptr;
}

Reason Tensors::restored(int32_t index, int units, int inputs) {
    FlatTable tensor;
    if (Reason reason = take(index, FLOAT32, units, inputs, tensor)) return reason;
    if (Reason reason = computed(tensor)) return reason;
    return check_float(tensor);
}

Reason Tensors::kernel(int32_t index, Type kind, Dense& layer) {
    if (!sound_ || index < 0 || static_cast<uint32_t>(index) >= tensor_count_) {
        return "a tensor is missing or used twice";
    }
    const Numbers shape = graph_.table_at(TENSORS, static_cast<uint32_t>(index)).numbers(SHAPE);
    if (shape.count != 2) return "a layer of another shape";
    layer.units = shape.at<int32_t>(0);
    layer.inputs = shape.at<int32_t>(1);
    if (layer.units < 1 || layer.units > UNITS_MAX || layer.inputs < 1 ||
        layer.inputs > UNITS_MAX) {
        return "a layer of another shape";
    }
    FlatTable tensor;
    if (Reason reason = take(index, kind, layer.units, layer.inputs, tensor)) return reason;
    const uint32_t count = static_cast<uint32_t>(layer.units * layer.inputs);
    if (kind == INT8) {
        if (Reason reason = constant(tensor, count, 1, layer.kernel)) return reason;
        return scales(tensor, layer.units, layer.scales);
    }
    if (Reason reason = constant(tensor, count, 4, layer.kernel)) return reason;
    for (uint32_t i = 0; i < count; ++i) {
        if (!is_finite(layer.kernel.at<float>(i))) return "a weight is not a finite number";
    }
    return check_float(tensor);
}

Reason Tensors::bias(int32_t index, bool is_integer, Dense& layer) {
    if (index == -1) return nullptr;
    FlatTable tensor;
    const Type kind = is_integer ? INT64 : FLOAT32;
    if (Reason reason = take(index, kind, 0, layer.units, tensor)) return reason;
    const uint32_t count = static_cast<uint32_t>(layer.units);
    if (Reason reason = constant(tensor, count, is_integer ? 8 : 4, layer.bias)) return reason;
    if (is_integer) {
        Numbers values;
        return scales(tensor, layer.units, values);
    }
    for (uint32_t i = 0; i < count; ++i) {
        if (!is_finite(layer.bias.at<float>(i))) return "a weight is not a finite number";
    }
    return check_float(tensor);
}

Reason Tensors::note(FlatTable metadata) {
    Numbers data;
    if (Reason reason = buffer(metadata.scalar<uint32_t>(METADATA_BUFFER), data)) return reason;
    for (const Note& note : NOTES) {
        if (is_name(metadata.numbers(METADATA_NAME), note.name)) {
            return data.count <= note.bytes_max ? nullptr : "unexpected metadata";
        }
    }
    return "unexpected metadata";
}

Reason Tensors::rest() const {
    for (uint32_t i = 0; i < tensor_count_; ++i) {
        if (!tensor_taken_[i]) return "a tensor is not part of the network";
    }
    for (uint32_t i = 0; i < buffer_count_; ++i) {
        if (!buffer_taken_[i]) return "a buffer is not part of the network";
    }
    return nullptr;
}

}  // namespace exnihilo::tflite
