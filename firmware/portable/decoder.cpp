#include "decoder.h"

#include "logistic_knots.h"
#include "multiplier.h"

namespace exnihilo {
namespace {

constexpr int32_t LOW = -(1 << 15);
constexpr int32_t HIGH = (1 << 15) - 1;
constexpr int BITS = 15;
constexpr int SEGMENTS = 256;

struct Fraction {
    double mantissa;  // in [0.5, 1)
    int exponent;
};

// Splits a positive normal number, as frexp does.
Fraction split(double value) {
    uint64_t bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    const int exponent = static_cast<int>(bits >> 52 & 0x7FF) - 1022;
    bits = (bits & ~(0x7FFULL << 52)) | (1022ULL << 52);
    double mantissa;
    __builtin_memcpy(&mantissa, &bits, sizeof mantissa);
    return {mantissa, exponent};
}

// e to the power of a number within +-80, to about the last bit of a double.
double exponential(double value) {
    constexpr double LOG2_E = 1.4426950408889634;
    constexpr double LN2_HIGH = 0.693147180369123816490;
    constexpr double LN2_LOW = 1.90821492927058770002e-10;
    const int64_t power = rounded(value * LOG2_E);
    const double whole = static_cast<double>(power);
    const double rest = (value - whole * LN2_HIGH) - whole * LN2_LOW;
    double sum = 1.0;
    for (int n = 13; n > 0; --n) sum = 1.0 + sum * rest / n;
    const uint64_t bits = static_cast<uint64_t>(power + 1023) << 52;
    double scale;
    __builtin_memcpy(&scale, &bits, sizeof scale);
    return sum * scale;
}

// The product of a unit's weights with the values, in four sums that do not wait for each other.
float product(const Dense& layer, int unit, const float* values) {
    float sums[4] = {};
    int j = 0;
    for (; j + 4 <= layer.inputs; j += 4) {
        for (int k = 0; k < 4; ++k) {
            sums[k] += float_weight(layer, unit, j + k) * values[j + k];
        }
    }
    for (; j < layer.inputs; ++j) sums[0] += float_weight(layer, unit, j) * values[j];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// Divides by the step in float32 and rounds half away from zero, within int16.
int16_t quantised(double latent, float step) {
    const double value = static_cast<float>(latent) / step;
    const double size = least(floor_of(magnitude(value) + 0.5), 65536.0);
    const double signed_size = value < 0 ? -size : size;
    return static_cast<int16_t>(least<double>(greatest<double>(signed_size, LOW), HIGH));
}

}  // namespace

Decoder::Multiplier Decoder::short_multiplier(double value) {
    Fraction fraction = split(value);
    int64_t bits = static_cast<int64_t>(floor_of(fraction.mantissa * 0x1p31 + 0.5));
    if (bits == int64_t{1} << 31) {
        bits >>= 1;
        ++fraction.exponent;
    }
    if (fraction.exponent < -31) return {0, 1};
    const int64_t kept = least<int64_t>((bits + (1 << 15)) >> 16, HIGH);
    return {static_cast<int32_t>(kept), BITS - fraction.exponent};
}

void Decoder::begin(const Network& network) {
    network_ = network;
    if (network.quantisation != Quantisation::INT16X8) return;
    double step = network.step;
    for (int i = 0; i < network.layer_count; ++i) {
        const Dense& layer = network.layers[i];
        for (int unit = 0; unit < layer.units; ++unit) {
            multipliers_[i][unit] = short_multiplier(multiplier(layer, unit, step));
        }
        step = layer.step;
    }
    double scale = step * 3 * 4096;
    logistic_shift_ = 0;
    while (scale <= HIGH / 2.0 && logistic_shift_ <= 30) {
        scale *= 2;
        ++logistic_shift_;
    }
    logistic_multiplier_ = static_cast<int32_t>(scale);
}

void Decoder::run(const double* latents, float* outputs) const {
    if (network_.quantisation == Quantisation::INT16X8) {
        run_integers(latents, outputs);
    } else {
        run_floats(latents, outputs);
    }
}

void Decoder::run_integers(const double* latents, float* outputs) const {
    int16_t values[UNITS_MAX];
    int16_t results[UNITS_MAX];
    for (int i = 0; i < network_.latents(); ++i) values[i] = quantised(latents[i], network_.step);
    for (int i = 0; i < network_.layer_count; ++i) {
        const Dense& layer = network_.layers[i];
        const bool last = i == network_.layer_count - 1;
        const int8_t* kernel = reinterpret_cast<const int8_t*>(layer.kernel.data);
        for (int unit = 0; unit < layer.units; ++unit, kernel += layer.inputs) {
            // At most 256 products of 7 and 15 bits: within 31.
            int32_t sum = 0;
            for (int j = 0; j < layer.inputs; ++j) sum += kernel[j] * values[j];
            const int32_t level = scaled(i, unit, sum + bias_level(layer, unit));
            results[unit] = static_cast<int16_t>(level);
            if (last) outputs[unit] = logistic(level);
        }
        for (int unit = 0; unit < layer.units; ++unit) values[unit] = results[unit];
    }
}

int32_t Decoder::scaled(int layer, int unit, int64_t sum) const {
    const Multiplier& by = multipliers_[layer][unit];
    const int64_t product = sum * by.value;
    const int64_t result = by.shift > 0
                               ? (product + (int64_t{1} << (by.shift - 1))) >> by.shift
                               : product * (int64_t{1} << -by.shift);
    const int64_t low = layer == network_.layer_count - 1 ? LOW : 0;
    return static_cast<int32_t>(least<int64_t>(greatest(result, low), HIGH));
}

float Decoder::logistic(int32_t level) const {
    const int64_t half = (int64_t{1} << logistic_shift_) >> 1;
    const int64_t at = (int64_t{level} * logistic_multiplier_ + half) >> logistic_shift_;
    const int64_t size = magnitude(at);
    const int64_t segment = size >> 9;
    int64_t value = int64_t{HIGH} << 10;
    if (segment < SEGMENTS - 1) {
        const int64_t knot = LOGISTIC_KNOTS[segment];
        value = (knot << 9) + (size & 511) * (LOGISTIC_KNOTS[segment + 1] - knot);
    }
    value = (at >= 0 ? value + 512 : (1 << 25) - value + 511) >> 10;
    return static_cast<float>(value) * 0x1p-15f;
}

void Decoder::run_floats(const double* latents, float* outputs) const {
    float values[UNITS_MAX];
    float results[UNITS_MAX];
    for (int i = 0; i < network_.latents(); ++i) values[i] = static_cast<float>(latents[i]);
    for (int i = 0; i < network_.layer_count; ++i) {
        const Dense& layer = network_.layers[i];
        for (int unit = 0; unit < layer.units; ++unit) {
            results[unit] = product(layer, unit, values) + bias_value(layer, unit);
        }
        for (int unit = 0; unit < layer.units; ++unit) values[unit] = greatest(results[unit], 0.0f);
    }
    for (int i = 0; i < network_.width(); ++i) {
        const double logit = least(greatest<double>(results[i], -80.0), 80.0);
        outputs[i] = static_cast<float>(1.0 / (1.0 + exponential(-logit)));
    }
}

}  // namespace exnihilo
