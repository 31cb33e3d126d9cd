// One voice's outputs: from what sounds to voltages and MIDI messages (firmware's voice).
#pragma once

#include "sequencer.h"

namespace exnihilo {

constexpr int64_t SLIDE_STEP_NS = 2'000'000;

enum class OutputKind : int32_t { LEVELS = 0, MIDI = 1, CLOCK_OUT = 2 };
constexpr int32_t NO_VOICE = -1;

// Something to write at a time: a voice's voltages (pitch, velocity, accent, gate), a MIDI
// message of `size` bytes, or the level of the clock output in `data[0]`.
struct Output {
    int64_t time_ns;
    double volts[4];
    int32_t voice;
    OutputKind kind;
    int32_t size;
    uint8_t data[4];
};

static_assert(sizeof(Output) == 56, "hosts read it by offset");

// What one event makes a voice write, in order: at most four outputs.
struct Outputs {
    void add_levels(int voice, const double* volts);
    void add_midi(int voice, uint8_t status, int first, int second);

    Output items[4];
    int count = 0;
};

// The state of one voice's jacks and of its note.
class Voice {
public:
    bool sounding() const { return note_ >= 0; }
    bool sliding() const { return sliding_; }
    // Counts notes, so that the end of a note can tell whether it is still its own.
    int64_t serial() const { return serial_; }

    // Sounds a note; an untied one that finds the gate up lets it fall first.
    void play(int voice, const NoteOn& event, int64_t now_ns, Outputs& outputs);
    // Lets the gate and the accent fall; the pitch holds.
    void release(int voice, Outputs& outputs);
    // Brings everything to 0 V and ends whatever sounds on the channel.
    void silence(int voice, Outputs& outputs);
    // Goes one step of a slide.
    void glide(int voice, int64_t now_ns, Outputs& outputs);

private:
    void end_note(int voice, Outputs& outputs);

    double volts_[4] = {};
    int64_t serial_ = 0;
    int note_ = -1;
    bool sliding_ = false;
    double slide_from_ = 0;
    double slide_to_ = 0;
    int64_t slide_start_ns_ = 0;
};

}  // namespace exnihilo
