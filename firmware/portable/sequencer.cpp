#include "sequencer.h"

#include "scale.h"

namespace exnihilo {
namespace {

constexpr double MS_NS = 1'000'000;

// The tick on which a voice's step lies, before swing and micro-timing.
int64_t grid_tick(int64_t step, int32_t division) {
    if (division > 0) return step * TICKS_PER_STEP * division;
    return floor_div(step * TICKS_PER_STEP, -division);
}

// The first step of a voice that lies at `tick` or later.
int64_t first_step(int64_t tick, int32_t division) {
    if (division > 0) return -floor_div(-tick, TICKS_PER_STEP * division);
    return -floor_div(tick * division, TICKS_PER_STEP);
}

// Moves a song position in ticks by swing: 0.5 is straight, 0.75 the most.
double swung_ticks(double position, double swing) {
    constexpr double STEP = TICKS_PER_STEP;
    constexpr double PAIR = 2 * TICKS_PER_STEP;
    double pair = floor_of(position / PAIR);
    double within = position - pair * PAIR;
    if (within < 0) {
        pair -= 1;
        within = position - pair * PAIR;
    } else if (within >= PAIR) {
        pair += 1;
        within = position - pair * PAIR;
    }
    if (within < STEP) return pair * 2 * STEP + within * 2 * swing;
    return (pair + swing) * 2 * STEP + (within - STEP) * 2 * (1 - swing);
}

// The song position at which a step is due, micro-timing and swing included.
double due_ticks(int64_t step, const VoiceState& voice, double swing) {
    const int64_t position = floor_mod(step, voice.length) - voice.rotation;
    const double late = voice.pattern.offset[floor_mod(position, voice.length)] * voice.groove;
    const double scale = voice.division > 0 ? voice.division : -1.0 / voice.division;
    return swung_ticks((static_cast<double>(step) + late) * TICKS_PER_STEP * scale, swing);
}

// How long a gate stays up, of the `room_ns` until the voice's next hit.
int64_t gate_ns(const VoiceState& voice, int64_t room_ns, bool tie) {
    if (tie) return 2 * room_ns;
    const int64_t longest_ns = greatest(room_ns - GAP_NS, room_ns / 2);
    if (voice.gate_mode == GateMode::TRIGGER) {
        return least(rounded(voice.gate * MS_NS), longest_ns);
    }
    const int64_t share_ns = rounded(voice.gate * static_cast<double>(room_ns));
    return least(greatest(share_ns, GAP_NS), longest_ns);
}

}  // namespace

void VoiceSequencer::locate(int64_t index) {
    is_timed_ = false;
    memory_ = StepMemory{};
    next_step_ = first_step(index, division_);
    decided_tick_ = index - 1;
    if (index == 0) gates_ = 0;
}

void VoiceSequencer::steps_due(int voice, const Tick& tick, const EngineState& state,
                               StepEvents events) {
    const VoiceState& wanted = state.voices[voice];
    if (wanted.division != division_) divide(tick.index, wanted.division);
    if (!is_timed_) {
        is_timed_ = true;
        due_ticks_ = due_ticks(next_step_, wanted, state.swing);
    }
    const double index = static_cast<double>(tick.index);
    const double period_ns = static_cast<double>(tick.period_ns);
    while (due_ticks_ < index + 1) {
        const int64_t offset_ns = rounded(greatest(due_ticks_ - index, 0.0) * period_ns);
        const double following = due_ticks(next_step_ + 1, wanted, state.swing);
        const int64_t until_ns = rounded((following - index) * period_ns);
        decide(voice, offset_ns, greatest(until_ns - offset_ns, 2 * GAP_NS), state, events);
        decided_tick_ = grid_tick(next_step_, wanted.division);
        ++next_step_;
        due_ticks_ = following;
    }
}

void VoiceSequencer::divide(int64_t index, int32_t division) {
    is_timed_ = false;
    division_ = division;
    next_step_ = first_step(greatest(index, decided_tick_ + 1), division);
}

void VoiceSequencer::decide(int voice, int64_t offset_ns, int64_t room_ns,
                            const EngineState& state, StepEvents events) {
    const VoiceState& wanted = state.voices[voice];
    const int64_t position = floor_mod(next_step_, wanted.length);
    if (!state.freeze) cycle_ = floor_div(next_step_, wanted.length);
    const int step = static_cast<int>(floor_mod(position - wanted.rotation, wanted.length));
    StepEvent event{};
    event.offset_ns = offset_ns;
    event.kind = StepEventKind::STEP_PLAYED;
    event.step = static_cast<uint8_t>(step);
    event.wrapped = position == 0;
    events.take(voice, event);
    const Decision decision = exnihilo::decide({voice, cycle_, step}, state, memory_);
    if (decision.sounds) {
        sound(voice, offset_ns, step, room_ns, state, decision.filled, events);
    } else if (tied_) {
        tied_ = false;
        event.kind = StepEventKind::NOTE_OFF;
        events.take(voice, event);
    }
}

void VoiceSequencer::sound(int voice, int64_t offset_ns, int step, int64_t room_ns,
                           const EngineState& state, bool filled, StepEvents events) {
    const VoiceState& wanted = state.voices[voice];
    const int pitch = static_cast<int>((wanted.advance_by_gate ? gates_ : step) % PITCHES);
    // A fill takes no pitch away from what plays after it.
    if (!filled) ++gates_;
    const bool ratchets =
        roll(state.seed, {voice, cycle_, step}, STREAM_RATCHET) < ratchet_chance(wanted);
    const int hits = ratchets ? wanted.ratchet : 1;
    const bool tie = wanted.gate_mode == GateMode::TIE && hits == 1;
    const int note = wanted.pitches[pitch] + wanted.transpose;
    StepEvent event{};
    event.offset_ns = offset_ns;
    event.kind = StepEventKind::NOTE_ON;
    event.note.length_ns = gate_ns(wanted, room_ns / hits, tie);
    event.note.note = static_cast<int16_t>(folded(quantised(note, state.scale, state.root)));
    event.note.velocity = wanted.pattern.velocity[step];
    event.note.accent = event.note.velocity > wanted.accent;
    event.note.slide = (wanted.slides >> pitch & 1) != 0;
    event.note.tied = tied_;
    tied_ = tie;
    events.take(voice, event);
    event.note.slide = event.note.tied = false;
    for (int hit = 1; hit < hits; ++hit) {
        event.offset_ns = offset_ns + hit * room_ns / hits;
        events.take(voice, event);
    }
}

void Sequencer::tick(const Tick& tick, const EngineState& state, StepEvents events) {
    if (tick.index != expected_) {
        for (VoiceSequencer& voice : voices_) voice.locate(tick.index);
    }
    expected_ = tick.index + 1;
    for (int i = 0; i < VOICES; ++i) voices_[i].steps_due(i, tick, state, events);
}

void Sequencer::changed() {
    for (VoiceSequencer& voice : voices_) voice.changed();
}

}  // namespace exnihilo
