// Kits for hosts in other languages: plain functions over memory that the host gives.
#include "kit.h"

using exnihilo::Kit;

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT uint32_t exnihilo_kit_bytes() { return sizeof(Kit); }

// Reads a manifest, which must stay where it is. Gives null, or why it is refused.
EXPORT const char* exnihilo_kit_begin(Kit* kit, const char* manifest, uint32_t size) {
    return kit->begin(manifest, size);
}

EXPORT const char* exnihilo_kit_name(const Kit* kit) { return kit->name(); }
EXPORT int32_t exnihilo_kit_voices(const Kit* kit) { return kit->voice_count(); }
EXPORT const char* exnihilo_kit_file(Kit* kit, int32_t voice) { return kit->voice(voice).file(); }
EXPORT int32_t exnihilo_kit_latents(Kit* kit, int32_t voice) { return kit->voice(voice).latents(); }

// Takes a voice's file, which must stay where it is, with as much scratch memory. Gives null,
// or why it is refused.
EXPORT const char* exnihilo_kit_load(Kit* kit, int32_t voice, const uint8_t* data, uint32_t size,
                                     uint8_t* scratch) {
    return kit->voice(voice).load(data, size, scratch);
}

// Decodes at knob positions 0..1, straight into the pattern of a voice of an engine's state.
EXPORT void exnihilo_kit_decode(Kit* kit, int32_t voice, const double* position,
                                exnihilo::Pattern* pattern) {
    kit->voice(voice).decode(position, *pattern);
}
