// The tensors and buffers of a TFLite model, each to be taken once (firmware's TFLite tensors).
#pragma once

#include "network.h"
#include "tflite_schema.h"

namespace exnihilo::tflite {

class Tensors {
public:
    Tensors(FlatTable model, FlatTable graph);

    // Takes a tensor (1, units) that is computed; `step` is what a level is worth, 0 in float.
    Reason activation(int32_t index, Type kind, int units, float& step);
    // Takes a float kernel that an operator restores.
    Reason restored(int32_t index, int units, int inputs);
    // Takes a constant kernel and, if of int8, its scales.
    Reason kernel(int32_t index, Type kind, Dense& layer);
    // Takes a constant bias; -1 is none.
    Reason bias(int32_t index, bool is_integer, Dense& layer);
    // Takes a note of the converter.
    Reason note(FlatTable metadata);
    // Gives the reason if something was not taken.
    Reason rest() const;

private:
    static constexpr uint32_t COUNT_MAX = 64;

    Reason take(int32_t index, Type kind, int rows, int columns, FlatTable& tensor);
    Reason buffer(uint32_t index, Numbers& data);
    Reason computed(FlatTable tensor);
    Reason constant(FlatTable tensor, uint32_t count, uint32_t item_bytes, Numbers& values);
    Reason scales(FlatTable tensor, int count, Numbers& values) const;
    static Reason check_float(FlatTable tensor);

    FlatTable model_;
    FlatTable graph_;
    uint32_t tensor_count_;
    uint32_t buffer_count_;
    bool tensor_taken_[COUNT_MAX] = {};
    bool buffer_taken_[COUNT_MAX] = {};
    bool sound_ = true;
};

}  // namespace exnihilo::tflite
