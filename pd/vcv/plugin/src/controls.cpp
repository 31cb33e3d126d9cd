#include "controls.h"

#include <cmath>

#include "clock.h"

namespace plugin {
namespace {

// Targets that mean volts rather than travel use the whole range of the input.
constexpr double FULL_VOLTS = 10.0;
constexpr double MS_NS = 1e6;

double clipped(double value, double low, double high) {
    return std::fmin(std::fmax(value, low), high);
}

bool means_volts(CvTarget target) {
    return target == CvTarget::TRANSPOSE || target == CvTarget::RUN || target == CvTarget::MUTE;
}

// The parameter that a number belongs to.
const Parameter& info(int number) {
    const Parameter* found = PARAMETERS;
    while (number >= found->first + found->voices * found->count) ++found;
    return *found;
}

double within(int number, double value) {
    const Parameter& parameter = info(number);
    return clipped(value, static_cast<double>(parameter.low),
                   static_cast<double>(parameter.high));
}

}  // namespace

double CvInput::read(double volts, const float* parameters, int place, bool in_volts,
                     int64_t now_ns) {
    const double dead_band_volts = static_cast<double>(parameters[CV_PLAY + place]) / 1000;
    const double* range = CV_RANGES_VOLTS[static_cast<int>(parameters[CV_RANGE + place])];
    const double low = in_volts ? -FULL_VOLTS : range[0];
    const double high = in_volts ? FULL_VOLTS : range[1];
    double amount = static_cast<double>(parameters[CV_AMOUNT + place]);
    if (in_volts) amount *= FULL_VOLTS;
    const double slew_ns = std::rint(static_cast<double>(parameters[CV_SLEW + place]) * MS_NS);
    double position = held(slewed(volts, slew_ns, now_ns), dead_band_volts) / high;
    if (std::fabs(position) > 1.0 - dead_band_volts / high) position = position > 0 ? 1.0 : -1.0;
    if (low >= 0) position = std::fmax(position, 0.0);
    return amount * position + static_cast<double>(parameters[CV_OFFSET + place]);
}

// A first-order low-pass, exact for any interval between samples.
double CvInput::slewed(double volts, double time_constant_ns, int64_t now_ns) {
    if (is_first_ || time_constant_ns <= 0) {
        slewed_volts_ = volts;
    } else {
        const double passed_ns = static_cast<double>(now_ns - time_ns_);
        slewed_volts_ += (volts - slewed_volts_) * (1.0 - std::exp(-passed_ns / time_constant_ns));
    }
    time_ns_ = now_ns;
    return slewed_volts_;
}

// A dead-band that moves with the signal; it reaches 0 V exactly.
double CvInput::held(double volts, double dead_band_volts) {
    if (is_first_) held_volts_ = volts;
    is_first_ = false;
    held_volts_ = clipped(held_volts_, volts - dead_band_volts / 2, volts + dead_band_volts / 2);
    return std::fabs(held_volts_) <= dead_band_volts ? 0.0 : held_volts_;
}

void Controls::read(const float* parameters, const float* cv_volts, int64_t now_ns) {
    for (int i = 0; i < PARAMETER_COUNT; ++i) values_[i] = static_cast<double>(parameters[i]);
    if (whole(DENSITY) != 0) {
        for (int i = 0; i < VOICES; ++i) values_[THRESHOLD + i] = 1.0 - values_[THRESHOLD + i];
    }
    for (int i = 0; i < CV_INPUTS; ++i) {
        const int assignable = i - (CV_INPUTS - ASSIGNABLE);
        const bool in_volts = assignable >= 0 && means_volts(target(assignable));
        const double volts = static_cast<double>(cv_volts[i]);
        added_[i] = inputs_[i].read(volts, parameters, i, in_volts, now_ns);
    }
}

CvTarget Controls::target(int place) const {
    return static_cast<CvTarget>(whole(CV_ASSIGN + place));
}

int Controls::chosen_voice() const {
    for (int i = 0; i < ASSIGNABLE; ++i) {
        if (target(i) != CvTarget::VOICE) continue;
        const double share = added_[CV_INPUTS - ASSIGNABLE + i];
        return static_cast<int>(clipped(std::floor(share * VOICES), 0, VOICES - 1));
    }
    return -1;
}

void Controls::modulate(int selected) {
    const bool is_all = whole(CV_VOICES) == 0;
    const int first = is_all ? 0 : selected;
    const int last = is_all ? VOICES - 1 : selected;
    const double up = whole(DENSITY) != 0 ? -1.0 : 1.0;
    for (int voice = first; voice <= last; ++voice) {
        add(X, voice, added_[0]);
        add(Y, voice, added_[1]);
        add(THRESHOLD, voice, up * added_[2]);
    }
    for (int i = 0; i < ASSIGNABLE; ++i) {
        const double value = added_[CV_INPUTS - ASSIGNABLE + i];
        for (int voice = first; voice <= last; ++voice) {
            // What all voices share is moved once.
            const CvTarget moved = target(i);
            const bool is_shared = moved == CvTarget::SWING || moved == CvTarget::CHAOS ||
                                   moved == CvTarget::RUN;
            if (voice == first || !is_shared) move(moved, voice, value);
        }
    }
}

void Controls::add(int number, int voice, double value) {
    values_[number + voice] = clipped(values_[number + voice] + value, 0.0, 1.0);
}

void Controls::move_whole(int number, double amount) {
    values_[number] = within(number, values_[number] + std::rint(amount));
}

void Controls::move(CvTarget target, int voice, double value) {
    constexpr int TURN = exnihilo::STEPS - 1;
    switch (target) {
        case CvTarget::TRANSPOSE:
            move_whole(TRANSPOSE + voice, value * SEMITONES);
            break;
        case CvTarget::LENGTH:
            move_whole(LENGTH + voice, value * TURN);
            break;
        case CvTarget::ROTATE: {
            const int turned = whole(ROTATE + voice) + static_cast<int>(std::rint(value * TURN));
            values_[ROTATE + voice] = turned & (exnihilo::STEPS - 1);
            break;
        }
        case CvTarget::SWING: {
            const double travel = static_cast<double>(info(SWING).high - info(SWING).low);
            values_[SWING] = within(SWING, values_[SWING] + value * travel);
            break;
        }
        case CvTarget::DIVISION: {
            // Rates in the order -16..-2, 1..16: slower upwards.
            double place = values_[DIVISION + voice];
            place += place > 0 ? -1 : 1;
            place = clipped(place + std::rint(value * (DIVISION_MAX - 1)), 1 - DIVISION_MAX,
                            DIVISION_MAX - 1);
            values_[DIVISION + voice] = place + (place >= 0 ? 1 : -1);
            break;
        }
        case CvTarget::RUN:
            if (!(value > GATE_VOLTS)) values_[RUN] = 0;
            break;
        case CvTarget::MUTE:
            if (value > GATE_VOLTS) values_[MUTE + voice] = 1;
            break;
        case CvTarget::CHAOS: add(CHAOS, 0, value); break;
        case CvTarget::Z: add(Z, voice, value); break;
        case CvTarget::W: add(W, voice, value); break;
        case CvTarget::FILL: add(FILL, voice, value); break;
        case CvTarget::DICE: add(DICE, voice, value); break;
        case CvTarget::RATCHET_CHANCE: add(RATCHET_CHANCE, voice, value); break;
        case CvTarget::NONE:
        case CvTarget::BUNDLE:
        case CvTarget::VOICE: break;
    }
}

void Controls::write(exnihilo::EngineState& state) const {
    for (int voice = 0; voice < VOICES; ++voice) write_voice(state.voices[voice], voice);
    constexpr int64_t QUANTA[] = {exnihilo::TICKS_PER_STEP, exnihilo::TICKS_PER_QUARTER,
                                  4 * exnihilo::TICKS_PER_QUARTER};
    state.running = whole(RUN);
    state.milli_bpm = static_cast<int32_t>(std::rint(1000 * value(TEMPO)));
    state.swing = value(SWING);
    state.chaos = value(CHAOS);
    state.seed = static_cast<uint32_t>(whole(SEED));
    state.freeze = whole(FREEZE);
    state.quantum_ticks = static_cast<int32_t>(QUANTA[whole(QUANTUM)]);
    state.scale = whole(SCALE);
    state.root = whole(ROOT);
    state.clock_source = static_cast<exnihilo::ClockSource>(whole(CLOCK));
    state.clock_in_ppqn = PPQNS[whole(CLOCK_IN)];
    state.clock_out = static_cast<exnihilo::ClockOut>(whole(CLOCK_OUT));
    state.clock_out_ppqn = PPQNS[whole(CLOCK_RATE)];
    state.freewheel = whole(FREEWHEEL);
    state.reset_at_once = whole(RESET_AT_ONCE);
}

void Controls::write_voice(exnihilo::VoiceState& state, int voice) const {
    state.threshold = value(THRESHOLD + voice);
    state.groove = value(GROOVE + voice);
    state.probability = value(DICE + voice);
    state.ratchet_chance = value(RATCHET_CHANCE + voice);
    state.accent = value(ACCENT + voice);
    state.fill = value(FILL + voice);
    state.gate_mode = static_cast<exnihilo::GateMode>(whole(GATE_MODE + voice));
    const bool is_trigger = state.gate_mode == exnihilo::GateMode::TRIGGER;
    state.gate = value((is_trigger ? TRIGGER : GATE) + voice);
    state.length = whole(LENGTH + voice);
    state.rotation = whole(ROTATE + voice);
    // 0 and -1 stand between 1 and -2 on a knob; both mean the rate of the clock.
    const int division = whole(DIVISION + voice);
    state.division = division == 0 || division == -1 ? 1 : division;
    state.ratchet = whole(RATCHET + voice);
    state.mute = whole(MUTE + voice);
    state.advance_by_gate = whole(ADVANCE + voice);
    state.transpose = whole(TRANSPOSE + voice);
    state.slides = 0;
    for (int place = 0; place < exnihilo::PITCHES; ++place) {
        state.pitches[place] = whole(PITCH + voice * exnihilo::PITCHES + place);
        state.slides |= whole(SLIDE + voice * exnihilo::PITCHES + place) << place;
    }
}

}  // namespace plugin
