// The decoder of one voice in plain arithmetic (firmware's exact decoder).
#pragma once

#include "network.h"

namespace exnihilo {

// Runs a network. An int16x8 one is computed in integers, to the same bit on every machine;
// the others in float32.
class Decoder {
public:
    // Prepares a network, whose file must outlive this.
    void begin(const Network& network);
    // From `latents` to `width` outputs, 0..1.
    void run(const double* latents, float* outputs) const;

private:
    // A multiplier of 15 bits, and by how much the product is shifted down.
    struct Multiplier {
        int32_t value;
        int32_t shift;
    };

    static Multiplier short_multiplier(double value);
    void run_integers(const double* latents, float* outputs) const;
    void run_floats(const double* latents, float* outputs) const;
    int32_t scaled(int layer, int unit, int64_t sum) const;
    float logistic(int32_t level) const;

    Network network_;
    Multiplier multipliers_[LAYERS_MAX][UNITS_MAX];
    int32_t logistic_multiplier_ = 0;
    int logistic_shift_ = 0;
};

}  // namespace exnihilo
