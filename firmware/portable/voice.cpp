#include "voice.h"

#include "scale.h"

namespace exnihilo {
namespace {

constexpr double GATE_VOLTS = 5.0;
constexpr double VELOCITY_VOLTS = 5.0;
constexpr double SLIDE_NS = 60'000'000;
constexpr uint8_t NOTE_OFF = 0x80;
constexpr uint8_t NOTE_ON = 0x90;
constexpr uint8_t CONTROL = 0xB0;
constexpr int ALL_NOTES_OFF = 123;

enum Channel { PITCH, VELOCITY, ACCENT, GATE };

// MIDI's velocity of 0..1: never 0, which would end the note.
int seven_bits(double velocity) {
    return static_cast<int>(greatest<int64_t>(1, rounded(127 * velocity)));
}

}  // namespace

void Outputs::add_levels(int voice, const double* volts) {
    Output& item = items[count++] = Output{};
    item.voice = voice;
    item.kind = OutputKind::LEVELS;
    for (int i = 0; i < 4; ++i) item.volts[i] = volts[i];
}

void Outputs::add_midi(int voice, uint8_t status, int first, int second) {
    Output& item = items[count++] = Output{};
    item.voice = voice;
    item.kind = OutputKind::MIDI;
    item.size = 3;
    item.data[0] = static_cast<uint8_t>(status | voice);
    item.data[1] = static_cast<uint8_t>(first);
    item.data[2] = static_cast<uint8_t>(second);
}

void Voice::play(int voice, const NoteOn& event, int64_t now_ns, Outputs& outputs) {
    if (!event.tied) release(voice, outputs);
    end_note(voice, outputs);
    const double pitch = pitch_volts(event.note);
    ++serial_;
    sliding_ = event.slide;
    slide_from_ = volts_[PITCH];
    slide_to_ = pitch;
    slide_start_ns_ = now_ns;
    note_ = event.note;
    volts_[PITCH] = event.slide ? slide_from_ : pitch;
    volts_[VELOCITY] = VELOCITY_VOLTS * event.velocity;
    volts_[ACCENT] = event.accent ? GATE_VOLTS : 0.0;
    volts_[GATE] = GATE_VOLTS;
    outputs.add_levels(voice, volts_);
    outputs.add_midi(voice, NOTE_ON, event.note, seven_bits(event.velocity));
}

void Voice::release(int voice, Outputs& outputs) {
    if (!sounding()) return;
    volts_[ACCENT] = volts_[GATE] = 0.0;
    outputs.add_levels(voice, volts_);
    end_note(voice, outputs);
}

void Voice::silence(int voice, Outputs& outputs) {
    end_note(voice, outputs);
    ++serial_;
    sliding_ = false;
    for (double& volts : volts_) volts = 0.0;
    outputs.add_levels(voice, volts_);
    outputs.add_midi(voice, CONTROL, ALL_NOTES_OFF, 0);
}

void Voice::glide(int voice, int64_t now_ns, Outputs& outputs) {
    if (!sliding_) return;
    const double passed = static_cast<double>(now_ns - slide_start_ns_) / SLIDE_NS;
    const double share = least(greatest(passed, 0.0), 1.0);
    volts_[PITCH] = slide_from_ + (slide_to_ - slide_from_) * share;
    if (volts_[PITCH] == slide_to_) sliding_ = false;
    outputs.add_levels(voice, volts_);
}

void Voice::end_note(int voice, Outputs& outputs) {
    if (note_ < 0) return;
    outputs.add_midi(voice, NOTE_OFF, note_, 0);
    note_ = -1;
}

}  // namespace exnihilo
