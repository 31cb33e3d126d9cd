// The module as Rack's engine runs it.
#pragma once

#include "kit_loader.h"
#include "performer.h"
#include "plugin.hpp"

namespace plugin {

struct RhythmModule : rack::engine::Module {
    // After the parameters of the table: the buttons, which are no values of the instrument.
    enum ParamId { VOICE_BUTTON = PARAMETER_COUNT, SHIFT_BUTTON = VOICE_BUTTON + VOICES, PARAMS };
    enum InputId { CV_INPUT, CLOCK_INPUT = CV_INPUT + CV_INPUTS, RESET_INPUT, RUN_INPUT, INPUTS };
    // Four of each voice, in the order of `VoiceVolts`.
    enum OutputId { VOICE_OUTPUT, CLOCK_OUTPUT = VOICE_OUTPUT + 4 * VOICES, OUTPUTS };
    enum LightId {
        STATUS_LIGHT,
        CLOCK_LIGHT,
        GATE_LIGHT,
        VOICE_LIGHT = GATE_LIGHT + VOICES,
        SHIFT_LIGHT = VOICE_LIGHT + VOICES,
        RUN_LIGHT,
        LIGHTS
    };

    RhythmModule();

    void process(const ProcessArgs& args) override;
    void onSampleRateChange(const SampleRateChangeEvent& event) override;
    json_t* dataToJson() override;
    void dataFromJson(json_t* root) override;
    void onAdd(const AddEvent& event) override;
    void onSave(const SaveEvent& event) override;

    // Loads the kit in a folder, and again with the patch where that does not keep it yet.
    void load_kit(const std::string& folder);
    Monitor& monitor() { return performer_.monitor(); }
    KitLoader& loader() { return loader_; }

    // Whether the first voice's outputs carry all voices.
    std::atomic<bool> is_polyphonic{false};

private:
    void configure(const Parameter& parameter);
    void configure_jacks();
    void take_buttons();
    void show_lights(const OutputVolts& volts, float seconds);

    std::string kit_folder_;
    Performer performer_;
    KitLoader loader_{performer_.kits()};
    float values_[PARAMETER_COUNT];
    rack::dsp::ClockDivider control_divider_;
    rack::dsp::ClockDivider light_divider_;
    rack::dsp::BooleanTrigger voice_triggers_[VOICES];
};

}  // namespace plugin
