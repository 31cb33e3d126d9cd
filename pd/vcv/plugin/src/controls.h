// From parameters and voltages to the values that play (firmware's controls and modulation).
#pragma once

#include "parameters.h"
#include "state.h"

namespace plugin {

constexpr int CV_INPUTS = 5;
constexpr int ASSIGNABLE = 2;

// One CV jack: volts in, what it adds to its target out.
class CvInput {
public:
    // `place` is the jack's, 0..4; `in_volts` for a target that means volts.
    double read(double volts, const float* parameters, int place, bool in_volts,
                int64_t now_ns);

private:
    double slewed(double volts, double time_constant_ns, int64_t now_ns);
    double held(double volts, double dead_band_volts);

    bool is_first_ = true;
    double slewed_volts_ = 0;
    double held_volts_ = 0;
    int64_t time_ns_ = 0;
};

// All parameters with the CVs added: what plays.
class Controls {
public:
    // Takes the parameters and the volts of the five CV jacks.
    void read(const float* parameters, const float* cv_volts, int64_t now_ns);
    // The voice that a CV chooses; -1 if none does.
    int chosen_voice() const;
    // Adds the CVs for the voice whose knobs are shown.
    void modulate(int selected);
    double value(int number) const { return values_[number]; }
    int whole(int number) const { return static_cast<int>(values_[number]); }
    // Writes all but the patterns and what counts moves and recalls.
    void write(exnihilo::EngineState& state) const;

private:
    CvTarget target(int place) const;
    void add(int number, int voice, double value);
    void move(CvTarget target, int voice, double value);
    void move_whole(int number, double amount);
    void write_voice(exnihilo::VoiceState& state, int voice) const;

    CvInput inputs_[CV_INPUTS];
    double added_[CV_INPUTS] = {};
    double values_[PARAMETER_COUNT] = {};
};

}  // namespace plugin
