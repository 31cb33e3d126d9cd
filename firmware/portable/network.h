// The dense layers of a decoder file, read strictly (firmware's TFLite reader and network).
#pragma once

#include "flatbuffer.h"

namespace exnihilo {

constexpr int LATENTS_MAX = 4;
constexpr int OUTPUTS_WIDTH_MAX = 96;
constexpr int LAYERS_MAX = 7;
constexpr int UNITS_MAX = 256;
constexpr int WEIGHTS_MAX = 1 << 16;
constexpr size_t MODEL_BYTES_MAX = 512u << 10;

enum class Quantisation : int32_t { INT16X8 = 0, WEIGHT_ONLY = 1, FLOAT32 = 2 };

// One layer, pointing into the file: kernel (units, inputs), and bias and scales of a number
// per unit. `step` is what one level of an int16 result is worth.
struct Dense {
    int inputs = 0;
    int units = 0;
    Numbers kernel;
    Numbers bias;
    Numbers scales;
    float step = 0;
};

struct Network {
    Quantisation quantisation = Quantisation::INT16X8;
    int layer_count = 0;
    Dense layers[LAYERS_MAX];
    float step = 0;

    int latents() const { return layers[0].inputs; }
    int width() const { return layers[layer_count - 1].units; }
};

// Reads the bytes of a decoder file; `scratch` is memory of `size` bytes. Gives the reason if
// it is not what the trainer writes.
Reason read_network(const uint8_t* data, size_t size, uint8_t* scratch, Network& network);

}  // namespace exnihilo
