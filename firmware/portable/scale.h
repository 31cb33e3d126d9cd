// Pitch arithmetic: V/oct, folding into range, and the scale quantiser (firmware's scale).
#pragma once

namespace exnihilo {

constexpr int SCALES = 14;

// The V/oct voltage of a MIDI note; 0 V is C4, note 60.
constexpr double pitch_volts(int note) { return (note - 60) / 12.0; }

// Brings a note by octaves into the reach of the pitch output, 24..120.
int folded(int note);

// The note of the scale nearest to `note`; of two as near, the lower.
int quantised(int note, int scale, int root);

}  // namespace exnihilo
