// The module without Rack: parameters and voltages in, voltages out, one frame at a time.
//
// `process` is the audio thread's: it locks nothing, allocates nothing and touches no file.
#pragma once

#include "controls.h"
#include "engine.h"
#include "kit_exchange.h"
#include "monitor.h"

namespace plugin {

// What the jacks bring.
struct InputVolts {
    float cv[CV_INPUTS];
    float clock;
    float reset;
    float run;
    bool run_is_patched;
};

struct VoiceVolts {
    float pitch;
    float velocity;
    float accent;
    float gate;
};

struct OutputVolts {
    VoiceVolts voices[VOICES];
    float clock;
};

// The clock and reset stages: a rising edge is one from below the lower threshold.
class EdgeDetector {
public:
    bool rises(float volts) {
        const double level = static_cast<double>(volts);
        const bool rose = !is_high_ && level >= CLOCK_HIGH_VOLTS;
        is_high_ = level >= (is_high_ ? CLOCK_LOW_VOLTS : CLOCK_HIGH_VOLTS);
        return rose;
    }

private:
    bool is_high_ = true;
};

class Performer {
public:
    // Controls are read so often.
    static constexpr int64_t CONTROL_NS = 1'000'000;

    void set_sample_rate(double rate_hz);
    void process(const float* parameters, const InputVolts& inputs, OutputVolts& outputs);

    KitExchange& kits() { return kits_; }
    Monitor& monitor() { return monitor_; }

private:
    int64_t now_ns() const;
    void read_controls(const float* parameters, const InputVolts& inputs, int64_t now_ns);
    void decode(bool is_other_kit);
    void decode_voice(int voice);
    void count_moves();
    void apply(const exnihilo::Output& output);
    void write(OutputVolts& outputs);

    KitExchange kits_;
    Monitor monitor_;
    Controls controls_;
    exnihilo::Engine engine_;
    exnihilo::EngineState wanted_{};
    exnihilo::EngineState sent_{};
    EdgeDetector clock_edge_;
    EdgeDetector reset_edge_;
    double rate_hz_ = 44'100;
    int64_t base_ns_ = 0;
    int64_t frame_ = 0;
    int64_t next_control_ns_ = 0;
    int chosen_voice_ = -1;
    bool was_sent_ = false;
    // Where each voice was decoded, and where its last move was counted.
    double decoded_[VOICES][exnihilo::LATENTS_MAX] = {};
    double counted_[VOICES][exnihilo::LATENTS_MAX] = {};
    bool is_counted_ = false;
    int turn_ = 0;
    VoiceVolts levels_[VOICES] = {};
    // Whether a gate fell in this frame, so that it may not rise before the next.
    bool fell_[VOICES] = {};
    float clock_level_ = 0;
};

}  // namespace plugin
