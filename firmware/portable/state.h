// What the engine plays: the whole desired state, as a host writes it.
//
// The layout is part of the interface: hosts in other languages fill it by offset.
#pragma once

#include <stdint.h>

namespace exnihilo {

constexpr int VOICES = 3;
constexpr int STEPS = 32;
constexpr int PITCHES = 8;

// `AUTO`: the jack once a pulse comes, the internal clock while there are none.
enum class ClockSource : int32_t { INTERNAL = 0, JACK = 1, MIDI = 2, AUTO = 3 };
enum class ClockOut : int32_t { CLOCK = 0, RESET = 1, END_OF_CYCLE = 2 };
enum class GateMode : int32_t { SHARE = 0, TRIGGER = 1, TIE = 2 };

// Per step the onset probability and the velocity, 0..1, and the micro-timing as a fraction of
// a step in (-0.5, 0.5].
struct Pattern {
    double onset[STEPS];
    double velocity[STEPS];
    double offset[STEPS];
};

// What one voice plays; the fields mean what those of firmware's voice state do.
struct VoiceState {
    Pattern pattern;
    double threshold;
    double groove;
    double probability;
    double ratchet_chance;
    double accent;
    double gate;
    double fill;
    GateMode gate_mode;
    int32_t length;
    int32_t rotation;
    int32_t division;
    int32_t ratchet;
    int32_t mute;
    int32_t advance_by_gate;
    int32_t slides;
    int32_t transpose;
    int32_t pitches[PITCHES];
    // How often the voice was moved on its map by more than noise.
    int32_t moves;
};

struct EngineState {
    VoiceState voices[VOICES];
    double swing;
    double chaos;
    int32_t running;
    int32_t milli_bpm;
    uint32_t seed;
    int32_t freeze;
    int32_t quantum_ticks;
    int32_t scale;
    int32_t root;
    int32_t recall;
    ClockSource clock_source;
    int32_t clock_in_ppqn;
    ClockOut clock_out;
    int32_t clock_out_ppqn;
    int32_t freewheel;
    int32_t reset_at_once;
};

static_assert(sizeof(VoiceState) == 896, "hosts fill it by offset");
static_assert(sizeof(EngineState) == 3 * 896 + 72, "hosts fill it by offset");

}  // namespace exnihilo
