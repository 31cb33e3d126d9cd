// Whether a step sounds: threshold, hysteresis, chaos, probability and fill.
//
// The rules are written down in firmware/engine/step_decision.py, by their numbers.
#pragma once

#include "state.h"

namespace exnihilo {

// A voice's step in one of its cycles.
struct StepPlace {
    int voice;
    int64_t cycle;
    int step;
};

// What was decided last, a bit per step: `known` says where `passed` means something.
struct StepMemory {
    uint32_t known = 0;
    uint32_t passed = 0;
    int32_t moves = 0;
    int32_t recall = 0;
    double threshold = 0.5;
};

// Whether a step sounds, and whether only a fill makes it.
struct Decision {
    bool sounds;
    bool filled;
};

enum Stream { STREAM_CHAOS, STREAM_PROBABILITY, STREAM_RATCHET };

// A number in 0..1 for a place and a stream (SplitMix64's finaliser).
double roll(uint32_t seed, const StepPlace& place, Stream stream);

// Decides a step and remembers what was decided.
Decision decide(const StepPlace& place, const EngineState& state, StepMemory& memory);

// How often a sounding step is a ratchet: a fill adds some to a full pattern.
double ratchet_chance(const VoiceState& voice);

}  // namespace exnihilo
