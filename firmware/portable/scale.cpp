#include "scale.h"

#include "numbers.h"

namespace exnihilo {
namespace {

constexpr int NOTE_MIN = 24;
constexpr int NOTE_MAX = 120;
constexpr int SEMITONES = 12;

// Degrees above the root as bits, in firmware's order: chromatic, major, minor, dorian,
// phrygian, lydian, mixolydian, locrian, harmonic minor, major and minor pentatonic, blues,
// whole tone, octaves.
constexpr uint16_t DEGREES[SCALES] = {
    0b111111111111, 0b101010110101, 0b010110101101, 0b011010101101, 0b010110101011,
    0b101011010101, 0b011010110101, 0b010101101011, 0b100110101101, 0b001010010101,
    0b010010101001, 0b010011101001, 0b010101010101, 0b000000000001,
};

bool has(int scale, int degree) {
    return (DEGREES[scale] >> static_cast<int>(floor_mod(degree, SEMITONES)) & 1) != 0;
}

}  // namespace

int folded(int note) {
    while (note < NOTE_MIN) note += SEMITONES;
    while (note > NOTE_MAX) note -= SEMITONES;
    return note;
}

int quantised(int note, int scale, int root) {
    for (int distance = 0; distance < SEMITONES; ++distance) {
        if (has(scale, note - distance - root)) return note - distance;
        if (has(scale, note + distance - root)) return note + distance;
    }
    return note;
}

}  // namespace exnihilo
