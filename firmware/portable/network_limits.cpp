#include "network_limits.h"

#include "multiplier.h"

namespace exnihilo {
namespace {

// What a float32 layer may reach from latents within +-LATENT_MAX; float32 ends at 3e38.
constexpr double VALUE_MAX = 1e30;
// What an int16x8 layer's sums may reach.
constexpr double SUM_MAX = 0x1p32;

Reason check_sizes(const Network& network) {
    if (network.latents() < 2 || network.latents() > LATENTS_MAX) return "not 2 to 4 latents";
    if (network.width() % 32 != 0 || network.width() > OUTPUTS_WIDTH_MAX) {
        return "not 32 outputs for each head";
    }
    int weights = 0;
    for (int i = 0; i < network.layer_count; ++i) {
        weights += network.layers[i].inputs * network.layers[i].units;
    }
    return weights > WEIGHTS_MAX ? "too many weights" : nullptr;
}

Reason check_sums(const Network& network) {
    double step = network.step;
    for (int i = 0; i < network.layer_count; ++i) {
        const Dense& layer = network.layers[i];
        for (int unit = 0; unit < layer.units; ++unit) {
            int64_t weights = 0;
            for (int j = 0; j < layer.inputs; ++j) weights += magnitude<int>(weight(layer, unit, j));
            const double bias = static_cast<double>(bias_level(layer, unit));
            const double sum = static_cast<double>(weights * (1 << 15)) + magnitude(bias);
            if (sum > SUM_MAX || sum * multiplier(layer, unit, step) >= 0x1p31) {
                return "the sums of a layer overflow";
            }
        }
        step = layer.step;
    }
    return nullptr;
}

Reason check_range(const Network& network) {
    double reach[UNITS_MAX];
    double next[UNITS_MAX];
    for (double& value : reach) value = LATENT_MAX;
    for (int i = 0; i < network.layer_count; ++i) {
        const Dense& layer = network.layers[i];
        for (int unit = 0; unit < layer.units; ++unit) {
            next[unit] = magnitude<double>(bias_value(layer, unit));
            for (int j = 0; j < layer.inputs; ++j) {
                next[unit] += magnitude<double>(float_weight(layer, unit, j)) * reach[j];
            }
            if (!(next[unit] <= VALUE_MAX)) return "the values of a layer grow without bound";
        }
        for (int unit = 0; unit < layer.units; ++unit) reach[unit] = next[unit];
    }
    return nullptr;
}

}  // namespace

Reason check_network(const Network& network) {
    if (Reason reason = check_sizes(network)) return reason;
    return network.quantisation == Quantisation::INT16X8 ? check_sums(network)
                                                         : check_range(network);
}

}  // namespace exnihilo
