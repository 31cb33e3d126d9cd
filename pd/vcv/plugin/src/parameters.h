// Made by pd/vcv/make_plugin.py from the firmware's tables; not to be edited.
#pragma once

namespace plugin {

constexpr int VOICES = 3;
constexpr double CLOCK_LOW_VOLTS = 1.156;
constexpr double CLOCK_HIGH_VOLTS = 1.797;
constexpr double GATE_VOLTS = 1.5;
// A voice that went further than this share of the map was moved on purpose.
constexpr double MOVE = 0.006;
constexpr int SEMITONES = 12;
constexpr int DIVISION_MAX = 16;
constexpr int PPQNS[] = {1, 2, 4, 8, 24, 48};
constexpr double CV_RANGES_VOLTS[][2] = {{0.0, 5.0}, {0.0, 8.0}, {0.0, 10.0}, {-5.0, 5.0}};

// What an assignable CV can move.
enum class CvTarget {
    NONE,
    TRANSPOSE,
    LENGTH,
    SWING,
    CHAOS,
    ROTATE,
    BUNDLE,
    VOICE,
    RUN,
    Z,
    W,
    MUTE,
    FILL,
    DICE,
    RATCHET_CHANCE,
    DIVISION,
};

// The first number of each parameter: number = first + voice * count + place.
constexpr int X = 0;
constexpr int Y = 3;
constexpr int THRESHOLD = 6;
constexpr int Z = 9;
constexpr int W = 12;
constexpr int LENGTH = 15;
constexpr int ROTATE = 18;
constexpr int DIVISION = 21;
constexpr int MUTE = 24;
constexpr int PITCH = 27;
constexpr int SLIDE = 51;
constexpr int TRANSPOSE = 75;
constexpr int ADVANCE = 78;
constexpr int GATE_MODE = 81;
constexpr int GATE = 84;
constexpr int TRIGGER = 87;
constexpr int ACCENT = 90;
constexpr int GROOVE = 93;
constexpr int DICE = 96;
constexpr int RATCHET = 99;
constexpr int RATCHET_CHANCE = 102;
constexpr int FILL = 105;
constexpr int TEMPO = 108;
constexpr int RUN = 109;
constexpr int SWING = 110;
constexpr int CHAOS = 111;
constexpr int SEED = 112;
constexpr int FREEZE = 113;
constexpr int QUANTUM = 114;
constexpr int SCALE = 115;
constexpr int ROOT = 116;
constexpr int CV_ASSIGN = 117;
constexpr int CV_RANGE = 119;
constexpr int CV_AMOUNT = 124;
constexpr int CV_OFFSET = 129;
constexpr int CV_SLEW = 134;
constexpr int CV_PLAY = 139;
constexpr int DENSITY = 144;
constexpr int CV_VOICES = 145;
constexpr int CLOCK = 146;
constexpr int CLOCK_IN = 147;
constexpr int CLOCK_OUT = 148;
constexpr int CLOCK_RATE = 149;
constexpr int FREEWHEEL = 150;
constexpr int RESET_AT_ONCE = 151;
constexpr int PARAMETER_COUNT = 152;

// `choices` name the values from `low` on, one a line.
struct Parameter {
    const char* name;
    const char* meaning;
    int first;
    int voices;
    int count;
    float low;
    float high;
    bool whole;
    const char* choices;
};

constexpr Parameter PARAMETERS[] = {
    {"X", "position on the map, from left to right", X, 3, 1, 0.0f, 1.0f, false, ""},
    {"Y", "position on the map, from bottom to top", Y, 3, 1, 0.0f, 1.0f, false, ""},
    {"Threshold", "steps with a greater probability sound", THRESHOLD, 3, 1, 0.0f, 1.0f, false, ""},
    {"Z", "third latent, for models that have one", Z, 3, 1, 0.0f, 1.0f, false, ""},
    {"W", "fourth latent, for models that have one", W, 3, 1, 0.0f, 1.0f, false, ""},
    {"Length", "steps until the pattern repeats", LENGTH, 3, 1, 1.0f, 32.0f, true, ""},
    {"Rotate", "steps by which the pattern is delayed", ROTATE, 3, 1, 0.0f, 31.0f, true, ""},
    {"Division", "n divides, -n multiplies the step rate", DIVISION, 3, 1, -16.0f, 16.0f, true, ""},
    {"Mute", "silences the voice", MUTE, 3, 1, 0.0f, 1.0f, true, "off\non"},
    {"Pitch", "MIDI notes of the eight pitches", PITCH, 3, 8, 0.0f, 127.0f, true, ""},
    {"Slide", "pitches that begin with a slide", SLIDE, 3, 8, 0.0f, 1.0f, true, "off\non"},
    {"Transpose", "semitones added to every pitch", TRANSPOSE, 3, 1, -60.0f, 60.0f, true, ""},
    {"Advance", "event that selects the next pitch", ADVANCE, 3, 1, 0.0f, 1.0f, true, "step\ngate"},
    {"Gate", "how gates end", GATE_MODE, 3, 1, 0.0f, 2.0f, true, "share\ntrigger\ntie"},
    {"Gate length", "gate length as a share of the step", GATE, 3, 1, 0.01f, 1.0f, false, ""},
    {"Trigger", "length of a trigger in milliseconds", TRIGGER, 3, 1, 1.0f, 10.0f, false, ""},
    {"Accent above", "velocities above this are accents", ACCENT, 3, 1, 0.0f, 1.0f, false, ""},
    {"Groove", "amount of the learned micro-timing", GROOVE, 3, 1, 0.0f, 1.0f, false, ""},
    {"Probability", "probability-based triggering", DICE, 3, 1, 0.0f, 1.0f, false, ""},
    {"Ratchet hits", "hits of a ratchet", RATCHET, 3, 1, 2.0f, 8.0f, true, ""},
    {"Ratchet chance", "probability that a step is a ratchet", RATCHET_CHANCE, 3, 1, 0.0f, 1.0f, false, ""},
    {"Fill", "amount of quiet steps that sound as a fill", FILL, 3, 1, 0.0f, 1.0f, false, ""},
    {"Tempo", "beats per minute", TEMPO, 1, 1, 20.0f, 300.0f, false, ""},
    {"Run", "plays", RUN, 1, 1, 0.0f, 1.0f, true, "off\non"},
    {"Swing", "position of every second sixteenth", SWING, 1, 1, 0.5f, 0.75f, false, ""},
    {"Chaos", "random variation of probabilities", CHAOS, 1, 1, 0.0f, 1.0f, false, ""},
    {"Seed", "random seed", SEED, 1, 1, 0.0f, 9999.0f, true, ""},
    {"Freeze", "locks the current random variation", FREEZE, 1, 1, 0.0f, 1.0f, true, "off\non"},
    {"Changes on", "where changes land", QUANTUM, 1, 1, 0.0f, 2.0f, true, "step\nbeat\nbar"},
    {"Scale", "scale of the quantiser", SCALE, 1, 1, 0.0f, 13.0f, true, "chromatic\nmajor\nminor\ndorian\nphrygian\nlydian\nmixolydian\nlocrian\nharmonic minor\nmajor pentatonic\nminor pentatonic\nblues\nwhole tone\noctaves"},
    {"Root", "root of the scale", ROOT, 1, 1, 0.0f, 11.0f, true, "C\nC#\nD\nD#\nE\nF\nF#\nG\nG#\nA\nA#\nB"},
    {"CV assign", "target of an assignable CV", CV_ASSIGN, 1, 2, 0.0f, 15.0f, true, "none\ntranspose\nlength\nswing\nchaos\nrotate\nbundle\nvoice\nrun\nz\nw\nmute\nfill\ndice\nratchet_chance\ndivision"},
    {"CV range", "volts of full travel of a CV", CV_RANGE, 1, 5, 0.0f, 3.0f, true, "0..5\n0..8\n0..10\n+-5"},
    {"CV amount", "attenuverter of a CV", CV_AMOUNT, 1, 5, -1.0f, 1.0f, false, ""},
    {"CV offset", "added to a CV, as a share of its travel", CV_OFFSET, 1, 5, -1.0f, 1.0f, false, ""},
    {"CV slew (ms)", "time constant of a CV's slew (ms)", CV_SLEW, 1, 5, 0.0f, 2000.0f, false, ""},
    {"CV dead-band (mV)", "dead-band of a CV (mV)", CV_PLAY, 1, 5, 0.0f, 500.0f, false, ""},
    {"Density", "threshold knob and CV up: more steps sound", DENSITY, 1, 1, 0.0f, 1.0f, true, "off\non"},
    {"CV voices", "which voices the CVs move", CV_VOICES, 1, 1, 0.0f, 1.0f, true, "all\nselected"},
    {"Clock", "clock source", CLOCK, 1, 1, 0.0f, 3.0f, true, "internal\njack\nMIDI\nauto"},
    {"Clock in", "pulses per quarter note, input", CLOCK_IN, 1, 1, 0.0f, 5.0f, true, "1\n2\n4\n8\n24\n48"},
    {"Clock out", "clock output", CLOCK_OUT, 1, 1, 0.0f, 2.0f, true, "clock\nreset\ncycle"},
    {"Clock rate", "pulses per quarter note, output", CLOCK_RATE, 1, 1, 0.0f, 5.0f, true, "1\n2\n4\n8\n24\n48"},
    {"Freewheel", "keeps playing when the clock stops", FREEWHEEL, 1, 1, 0.0f, 1.0f, true, "off\non"},
    {"Reset at once", "resets without waiting for a clock", RESET_AT_ONCE, 1, 1, 0.0f, 1.0f, true, "off\non"},
};

constexpr float DEFAULTS[PARAMETER_COUNT] = {
    0.5f, 0.5f, 0.5f,  // x
    0.5f, 0.5f, 0.5f,  // y
    0.5f, 0.5f, 0.5f,  // threshold
    0.5f, 0.5f, 0.5f,  // z
    0.5f, 0.5f, 0.5f,  // w
    32.0f, 32.0f, 32.0f,  // length
    0.0f, 0.0f, 0.0f,  // rotate
    1.0f, 1.0f, 1.0f,  // division
    0.0f, 0.0f, 0.0f,  // mute
    36.0f, 36.0f, 48.0f, 36.0f, 39.0f, 43.0f, 36.0f, 46.0f, 60.0f, 63.0f, 67.0f, 70.0f, 72.0f, 70.0f, 67.0f, 63.0f, 72.0f, 75.0f, 79.0f, 72.0f, 82.0f, 79.0f, 75.0f, 84.0f,  // pitch
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,  // slide
    0.0f, 0.0f, 0.0f,  // transpose
    0.0f, 0.0f, 0.0f,  // advance
    0.0f, 0.0f, 0.0f,  // gate_mode
    0.5f, 0.5f, 0.5f,  // gate
    5.0f, 5.0f, 5.0f,  // trigger
    0.75f, 0.75f, 0.75f,  // accent
    1.0f, 1.0f, 1.0f,  // groove
    0.0f, 0.0f, 0.0f,  // dice
    2.0f, 2.0f, 2.0f,  // ratchet
    0.0f, 0.0f, 0.0f,  // ratchet_chance
    0.0f, 0.0f, 0.0f,  // fill
    120.0f,  // tempo
    1.0f,  // run
    0.5f,  // swing
    0.0f,  // chaos
    0.0f,  // seed
    0.0f,  // freeze
    0.0f,  // quantum
    0.0f,  // scale
    0.0f,  // root
    1.0f, 2.0f,  // cv_assign
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f,  // cv_range
    1.0f, 1.0f, 1.0f, 1.0f, 1.0f,  // cv_amount
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f,  // cv_offset
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f,  // cv_slew
    30.0f, 30.0f, 30.0f, 30.0f, 30.0f,  // cv_play
    0.0f,  // density
    0.0f,  // cv_voices
    3.0f,  // clock
    2.0f,  // clock_in
    0.0f,  // clock_out
    2.0f,  // clock_rate
    0.0f,  // freewheel
    0.0f,  // reset_at_once
};

}  // namespace plugin
