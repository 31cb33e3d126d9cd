// What compiled code expects of a C library, and where a host may put what it hands over.
#ifdef __wasm__

#include <stddef.h>

extern "C" {

void* memcpy(void* to, const void* from, size_t size) {
    auto* out = static_cast<unsigned char*>(to);
    const auto* in = static_cast<const unsigned char*>(from);
    for (size_t i = 0; i < size; ++i) out[i] = in[i];
    return to;
}

void* memset(void* to, int value, size_t size) {
    auto* out = static_cast<unsigned char*>(to);
    for (size_t i = 0; i < size; ++i) out[i] = static_cast<unsigned char>(value);
    return to;
}

// Where the memory that the module does not use itself begins.
extern unsigned char __heap_base;

__attribute__((visibility("default"))) void* exnihilo_memory() { return &__heap_base; }
}

#endif
