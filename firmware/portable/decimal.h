// Decimal numbers to doubles.
#pragma once

#include "numbers.h"

namespace exnihilo {

// Reads a JSON number. The nearest double for up to 19 digits and exponents that put the last
// of them within 10^-27..10^27, as Python writes any number from 1e-10 to 1e27; beyond that the
// last bit may be another. Fails if it is not finite.
bool parse_decimal(const char* at, const char* end, double& value);

}  // namespace exnihilo
