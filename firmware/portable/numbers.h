// Arithmetic as Python does it, without a C library.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace exnihilo {

// A time that there is none of.
constexpr int64_t NEVER = INT64_MIN;

template <typename T> constexpr T least(T a, T b) { return b < a ? b : a; }
template <typename T> constexpr T greatest(T a, T b) { return a < b ? b : a; }
template <typename T> constexpr T magnitude(T a) { return a < 0 ? -a : a; }

// Rounds down, where C++ rounds towards zero.
constexpr int64_t floor_div(int64_t a, int64_t b) {
    return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
}

constexpr int64_t floor_mod(int64_t a, int64_t b) { return a - floor_div(a, b) * b; }

inline double floor_of(double value) { return __builtin_floor(value); }
inline double ceil_of(double value) { return __builtin_ceil(value); }

// Rounds to the nearest integer, half to even.
inline int64_t rounded(double value) { return static_cast<int64_t>(__builtin_rint(value)); }

}  // namespace exnihilo
