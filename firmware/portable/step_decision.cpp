#include "step_decision.h"

#include "numbers.h"

namespace exnihilo {
namespace {

constexpr double HYSTERESIS = 0.02;
constexpr double THRESHOLD_MOVE = 0.008;

// Rule 4: a voice that was moved on purpose is decided afresh.
void forget_if_moved(const VoiceState& voice, int32_t recall, StepMemory& memory) {
    const double distance = voice.threshold - memory.threshold;
    const bool moved = distance > THRESHOLD_MOVE || -distance > THRESHOLD_MOVE;
    if (moved || voice.moves != memory.moves || recall != memory.recall) {
        memory = StepMemory{0, 0, voice.moves, recall, voice.threshold};
    }
}

// Rule 3: whether a step passes, which is remembered unless chaos draws anew.
bool passes(double margin, int step, bool drawn_anew, StepMemory& memory) {
    const uint32_t bit = uint32_t{1} << step;
    double least = 0.0;
    if (!drawn_anew && (memory.known & bit) != 0) {
        least = (memory.passed & bit) != 0 ? -HYSTERESIS : HYSTERESIS;
    }
    const bool passed = margin > least;
    memory.known = drawn_anew ? memory.known & ~bit : memory.known | bit;
    memory.passed = passed && !drawn_anew ? memory.passed | bit : memory.passed & ~bit;
    return passed;
}

int passing_steps(const VoiceState& voice) {
    int count = 0;
    for (int i = 0; i < voice.length; ++i) count += voice.pattern.onset[i] > voice.threshold;
    return count;
}

// Rule 6: whether a fill adds a step that does not pass.
bool is_filled(const VoiceState& voice, int step) {
    const double* onsets = voice.pattern.onset;
    const double onset = onsets[step];
    if (voice.fill == 0 || onset <= 0) return false;
    int before = 0;
    for (int i = 0; i < voice.length; ++i) {
        const bool quiet = onsets[i] <= voice.threshold;
        before += quiet && (onsets[i] > onset || (onsets[i] == onset && i < step));
    }
    const int base = greatest(passing_steps(voice), (voice.length + 3) / 4);
    return before < voice.fill * base;
}

}  // namespace

double roll(uint32_t seed, const StepPlace& place, Stream stream) {
    const uint64_t counter = ((static_cast<uint64_t>(place.cycle) * STEPS +
                               static_cast<uint64_t>(place.step)) * 4 + stream) * 4 +
                             static_cast<uint64_t>(place.voice);
    uint64_t mixed = seed * 0x9E3779B97F4A7C15ULL + counter * 0xD1342543DE82EF95ULL;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBULL;
    return static_cast<double>(mixed ^ mixed >> 31) * 0x1p-64;
}

Decision decide(const StepPlace& place, const EngineState& state, StepMemory& memory) {
    const VoiceState& voice = state.voices[place.voice];
    if (voice.mute) return {false, false};
    forget_if_moved(voice, state.recall, memory);
    const double onset = voice.pattern.onset[place.step];
    double level = onset;
    if (state.chaos != 0) level += state.chaos * (roll(state.seed, place, STREAM_CHAOS) - 0.5);
    const bool drawn_anew = state.chaos != 0 && !state.freeze;
    if (passes(level - voice.threshold, place.step, drawn_anew, memory)) {
        const bool sounds = voice.probability == 0 ||
                            roll(state.seed, place, STREAM_PROBABILITY) >=
                                voice.probability * (1.0 - onset);
        return {sounds, false};
    }
    const bool filled = is_filled(voice, place.step);
    return {filled, filled};
}

double ratchet_chance(const VoiceState& voice) {
    if (voice.fill == 0 || passing_steps(voice) < voice.length) return voice.ratchet_chance;
    return greatest(voice.ratchet_chance, voice.fill / 4);
}

}  // namespace exnihilo
