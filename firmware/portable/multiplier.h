// What a layer's numbers mean (firmware's network and exact decoder).
#pragma once

#include "network.h"

namespace exnihilo {

inline int weight(const Dense& layer, int unit, int input) {
    return layer.kernel.at<int8_t>(static_cast<uint32_t>(unit * layer.inputs + input));
}

// A weight of a float32 layer, restored from int8 where it is stored so.
inline float float_weight(const Dense& layer, int unit, int input) {
    const uint32_t at = static_cast<uint32_t>(unit * layer.inputs + input);
    if (layer.scales.count == 0) return layer.kernel.at<float>(at);
    return static_cast<float>(layer.kernel.at<int8_t>(at)) *
           layer.scales.at<float>(static_cast<uint32_t>(unit));
}

inline int64_t bias_level(const Dense& layer, int unit) {
    return layer.bias.count == 0 ? 0 : layer.bias.at<int64_t>(static_cast<uint32_t>(unit));
}

inline float bias_value(const Dense& layer, int unit) {
    return layer.bias.count == 0 ? 0 : layer.bias.at<float>(static_cast<uint32_t>(unit));
}

// What brings an int16x8 layer's sums to its results, if its inputs count `step`.
inline double multiplier(const Dense& layer, int unit, double step) {
    const double scale = layer.scales.at<float>(static_cast<uint32_t>(unit));
    return scale * step / static_cast<double>(layer.step);
}

}  // namespace exnihilo
