// SHA-256 (FIPS 180-4).
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace exnihilo {

// Writes the hash of `size` bytes as 64 lower-case hexadecimal digits and a null.
void sha256_hex(const uint8_t* data, size_t size, char* digits);

}  // namespace exnihilo
