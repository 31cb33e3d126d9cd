#include "decimal.h"

namespace exnihilo {
namespace {

constexpr int EXACT_MAX = 27;  // 5^27 is the greatest power of 5 below 2^64
constexpr int DIGITS_MAX = 19;

struct Wide {
    uint64_t high;
    uint64_t low;
};

Wide product(uint64_t a, uint64_t b) {
    const uint64_t a0 = a & 0xFFFFFFFF, a1 = a >> 32;
    const uint64_t b0 = b & 0xFFFFFFFF, b1 = b >> 32;
    const uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
    const uint64_t cross = a0 * b1 + (middle & 0xFFFFFFFF);
    return {a1 * b1 + (middle >> 32) + (cross >> 32), a * b};
}

int leading_zeros(uint64_t value) { return value == 0 ? 64 : __builtin_clzll(value); }

double power_of_two(int exponent) {
    const uint64_t bits = static_cast<uint64_t>(exponent + 1023) << 52;
    double value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

// The double nearest to `top` 2^exponent; `sticky` says that there is more behind `top`, whose
// highest bit is set.
double nearest(uint64_t top, bool sticky, int exponent) {
    const uint64_t rest = top & 0x7FF;
    uint64_t kept = top >> 11;
    const bool up = rest > 0x400 || (rest == 0x400 && (sticky || (kept & 1) != 0));
    if (up) ++kept;
    return static_cast<double>(kept) * power_of_two(exponent + 11);
}

uint64_t power_of_five(int power) {
    uint64_t value = 1;
    for (int i = 0; i < power; ++i) value *= 5;
    return value;
}

// digits * 10^power, exactly rounded; |power| is at most EXACT_MAX.
double exact(uint64_t digits, int power) {
    if (power >= 0) {
        Wide wide = product(digits, power_of_five(power));
        const bool is_long = wide.high != 0;
        const int shift = is_long ? leading_zeros(wide.high) : leading_zeros(wide.low);
        if (!is_long) return nearest(wide.low << shift, false, power - shift);
        const uint64_t top = shift == 0 ? wide.high : wide.high << shift | wide.low >> (64 - shift);
        return nearest(top, (wide.low << shift) != 0, power + 64 - shift);
    }
    // Long division by the power of five, bit by bit, until the quotient has 64 bits.
    const uint64_t divisor = power_of_five(-power);
    uint64_t quotient = digits / divisor;
    uint64_t rest = digits % divisor;
    int shift = 0;
    while (quotient >> 63 == 0) {
        const bool carry = rest >> 63 != 0;
        rest <<= 1;
        const bool fits = carry || rest >= divisor;
        if (fits) rest -= divisor;
        quotient = quotient << 1 | (fits ? 1 : 0);
        ++shift;
    }
    return nearest(quotient, rest != 0, power - shift);
}

// digits * 10^power to about the last bit.
double approximate(uint64_t digits, int power) {
    double value = static_cast<double>(digits);
    for (; power > 0; --power) value *= 10;
    for (; power < -300; ++power) value /= 10;
    for (; power < 0; ++power) value /= 10;
    return value;
}

}  // namespace

bool parse_decimal(const char* at, const char* end, double& value) {
    const bool negative = *at == '-';
    if (negative) ++at;
    uint64_t digits = 0;
    int count = 0;
    int power = 0;
    bool is_fraction = false;
    for (; at < end && *at != 'e' && *at != 'E'; ++at) {
        if (*at == '.') {
            is_fraction = true;
            continue;
        }
        const bool kept = count < DIGITS_MAX;
        if (kept) digits = 10 * digits + static_cast<uint64_t>(*at - '0');
        if (digits != 0 && kept) ++count;
        power += (is_fraction ? -1 : 0) + (kept ? 0 : 1);
    }
    if (at < end) {
        ++at;
        const bool minus = *at == '-';
        if (*at == '-' || *at == '+') ++at;
        int exponent = 0;
        for (; at < end; ++at) exponent = least(10 * exponent + (*at - '0'), 10'000);
        power += minus ? -exponent : exponent;
    }
    power = least(greatest(power, -10'000), 10'000);
    if (digits == 0) {
        value = 0;
    } else if (magnitude(power) <= EXACT_MAX) {
        value = exact(digits, power);
    } else {
        value = approximate(digits, least(greatest(power, -400), 400));
    }
    if (negative) value = -value;
    return value - value == 0;
}

}  // namespace exnihilo
