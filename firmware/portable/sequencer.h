// From ticks and a state to notes: what sounds when (firmware's sequencer).
//
// The sequencer keeps almost nothing: where a voice is follows from the song position alone,
// and random numbers depend on nothing but the place where they are drawn.
#pragma once

#include "clock.h"
#include "state.h"
#include "step_decision.h"

namespace exnihilo {

// A gate falls at least so long before the next may rise.
constexpr int64_t GAP_NS = 1'000'000;

struct NoteOn {
    int64_t length_ns;
    double velocity;
    int16_t note;
    bool accent;
    bool slide;
    bool tied;
};

enum class StepEventKind : uint8_t { STEP_PLAYED, NOTE_ON, NOTE_OFF };

// What a voice does at `offset_ns` after a tick: it passes a step, sounds, or a tie ends.
struct StepEvent {
    int64_t offset_ns;
    StepEventKind kind;
    uint8_t step;
    bool wrapped;
    NoteOn note;
};

// Takes the events of a voice in the order in which they are decided.
struct StepEvents {
    void take(int voice, const StepEvent& event) { function(context, voice, event); }

    void* context;
    void (*function)(void* context, int voice, const StepEvent& event);
};

// One voice: remembers the step that it decides next, and little else.
class VoiceSequencer {
public:
    // Goes to another song position.
    void locate(int64_t index);
    // Decides the steps whose time lies before the next tick.
    void steps_due(int voice, const Tick& tick, const EngineState& state, StepEvents events);
    // Says that the state is another one.
    void changed() { is_timed_ = false; }

private:
    void divide(int64_t index, int32_t division);
    void decide(int voice, int64_t offset_ns, int64_t room_ns, const EngineState& state,
                StepEvents events);
    void sound(int voice, int64_t offset_ns, int step, int64_t room_ns,
               const EngineState& state, bool filled, StepEvents events);

    bool tied_ = false;
    bool is_timed_ = false;
    int64_t next_step_ = 0;
    int64_t decided_tick_ = -1;
    int32_t division_ = 1;
    int64_t gates_ = 0;
    int64_t cycle_ = 0;
    StepMemory memory_;
    double due_ticks_ = 0.0;
};

// All voices over one song position; `tick` is given every tick once, in order.
class Sequencer {
public:
    void tick(const Tick& tick, const EngineState& state, StepEvents events);
    void changed();

private:
    VoiceSequencer voices_[VOICES];
    int64_t expected_ = 0;
};

}  // namespace exnihilo
