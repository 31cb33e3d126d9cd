// The limits that keep a network quick and within its types (firmware's network).
#pragma once

#include "network.h"

namespace exnihilo {

constexpr double LATENT_MAX = 1e6;

// Checks sizes and the range of all intermediate values.
Reason check_network(const Network& network);

}  // namespace exnihilo
