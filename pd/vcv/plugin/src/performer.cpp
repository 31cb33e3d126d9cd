#include "performer.h"

#include <cmath>
#include <cstring>

namespace plugin {
namespace {

constexpr float CLOCK_VOLTS = 5;

// The numbers of a voice's place on its map, one per latent.
constexpr int AXES[exnihilo::LATENTS_MAX] = {X, Y, Z, W};

}  // namespace

void Performer::set_sample_rate(double rate_hz) {
    base_ns_ = now_ns();
    frame_ = 0;
    rate_hz_ = rate_hz;
}

// Counted from the last change of the rate, so that nothing accumulates.
int64_t Performer::now_ns() const {
    return base_ns_ + static_cast<int64_t>(static_cast<double>(frame_) * 1e9 / rate_hz_);
}

void Performer::process(const float* parameters, const InputVolts& inputs,
                        OutputVolts& outputs) {
    const int64_t time_ns = now_ns();
    ++frame_;
    const bool is_other_kit = kits_.take();
    const bool reads = is_other_kit || time_ns >= next_control_ns_;
    if (reads) {
        read_controls(parameters, inputs, time_ns);
        decode(is_other_kit);
        count_moves();
        if (!was_sent_ || std::memcmp(&wanted_, &sent_, sizeof wanted_) != 0) {
            engine_.set_state(wanted_, time_ns);
            sent_ = wanted_;
            was_sent_ = true;
        }
        next_control_ns_ = time_ns + CONTROL_NS;
    }
    const bool pulsed = clock_edge_.rises(inputs.clock);
    const bool was_reset = reset_edge_.rises(inputs.reset);
    if (was_reset) engine_.reset(time_ns);
    if (pulsed) engine_.pulse(time_ns);
    const int64_t deadline_ns = engine_.next_deadline_ns();
    const bool is_due = deadline_ns != exnihilo::NEVER && deadline_ns <= time_ns;
    if (is_due || reads || pulsed || was_reset) {
        do {
            engine_.advance(time_ns);
            for (int i = 0; i < engine_.output_count(); ++i) apply(engine_.outputs()[i]);
        } while (engine_.full());
    }
    write(outputs);
}

void Performer::read_controls(const float* parameters, const InputVolts& inputs,
                              int64_t time_ns) {
    controls_.read(parameters, inputs.cv, time_ns);
    const int chosen = controls_.chosen_voice();
    if (chosen >= 0 && chosen != chosen_voice_) {
        monitor_.selected.store(chosen, std::memory_order_relaxed);
    }
    chosen_voice_ = chosen;
    controls_.modulate(monitor_.selected.load(std::memory_order_relaxed));
    controls_.write(wanted_);
    if (inputs.run_is_patched && !(static_cast<double>(inputs.run) > GATE_VOLTS)) {
        wanted_.running = 0;
    }
    for (int i = 0; i < VOICES; ++i) {
        VoiceMonitor& shown = monitor_.voices[i];
        shown.x.store(static_cast<float>(controls_.value(X + i)), std::memory_order_relaxed);
        shown.y.store(static_cast<float>(controls_.value(Y + i)), std::memory_order_relaxed);
        shown.threshold.store(static_cast<float>(wanted_.voices[i].threshold),
                              std::memory_order_relaxed);
        shown.length.store(wanted_.voices[i].length, std::memory_order_relaxed);
        shown.step.store(engine_.step(i), std::memory_order_relaxed);
        shown.is_muted.store(wanted_.voices[i].mute != 0, std::memory_order_relaxed);
    }
    monitor_.is_running.store(engine_.running(), std::memory_order_relaxed);
    monitor_.is_locked.store(engine_.locked(), std::memory_order_relaxed);
    monitor_.milli_bpm.store(static_cast<int>(engine_.milli_bpm()), std::memory_order_relaxed);
}

// Decodes one voice that was moved, or all for another kit, which lands on the bar.
void Performer::decode(bool is_other_kit) {
    if (kits_.playing() == nullptr) return;
    if (is_other_kit) {
        ++wanted_.recall;
        for (int i = 0; i < VOICES; ++i) decode_voice(i);
    }
    if (wanted_.recall != engine_.recall()) {
        wanted_.quantum_ticks = static_cast<int32_t>(4 * exnihilo::TICKS_PER_QUARTER);
    }
    for (int i = 0; i < VOICES; ++i) {
        turn_ = (turn_ + 1) % VOICES;
        const int latents = kits_.playing()->voice(turn_).latents();
        for (int axis = 0; axis < latents; ++axis) {
            if (decoded_[turn_][axis] == controls_.value(AXES[axis] + turn_)) continue;
            decode_voice(turn_);
            return;
        }
    }
}

void Performer::decode_voice(int voice) {
    double* place = decoded_[voice];
    for (int axis = 0; axis < exnihilo::LATENTS_MAX; ++axis) {
        place[axis] = controls_.value(AXES[axis] + voice);
    }
    exnihilo::Pattern& pattern = wanted_.voices[voice].pattern;
    kits_.playing()->voice(voice).decode(place, pattern);
    for (int step = 0; step < exnihilo::STEPS; ++step) {
        monitor_.voices[voice].onset[step].store(static_cast<float>(pattern.onset[step]),
                                                 std::memory_order_relaxed);
    }
}

// A voice that went further than noise would was moved on purpose; its steps follow at once.
void Performer::count_moves() {
    for (int voice = 0; voice < VOICES; ++voice) {
        bool is_moved = !is_counted_;
        for (int axis = 0; axis < exnihilo::LATENTS_MAX; ++axis) {
            const double here = controls_.value(AXES[axis] + voice);
            is_moved = is_moved || std::fabs(here - counted_[voice][axis]) > MOVE;
        }
        if (!is_moved) continue;
        for (int axis = 0; axis < exnihilo::LATENTS_MAX; ++axis) {
            counted_[voice][axis] = controls_.value(AXES[axis] + voice);
        }
        wanted_.voices[voice].moves = (wanted_.voices[voice].moves + 1) & 0xFFFF;
    }
    is_counted_ = true;
}

void Performer::apply(const exnihilo::Output& output) {
    if (output.kind == exnihilo::OutputKind::CLOCK_OUT) {
        clock_level_ = output.data[0] != 0 ? CLOCK_VOLTS : 0;
    }
    if (output.kind != exnihilo::OutputKind::LEVELS) return;
    VoiceVolts& levels = levels_[output.voice];
    const float gate = static_cast<float>(output.volts[3]);
    if (gate < levels.gate) fell_[output.voice] = true;
    levels = {static_cast<float>(output.volts[0]), static_cast<float>(output.volts[1]),
              static_cast<float>(output.volts[2]), gate};
}

// A gate that fell and rose in one frame is seen to fall: it rises in the next.
void Performer::write(OutputVolts& outputs) {
    for (int i = 0; i < VOICES; ++i) {
        outputs.voices[i] = levels_[i];
        if (fell_[i]) outputs.voices[i].gate = 0;
        fell_[i] = false;
    }
    outputs.clock = clock_level_;
}

}  // namespace plugin
