#include "module.h"

namespace plugin {
namespace {

constexpr int CONTROL_FRAMES = 32;
constexpr int LIGHT_FRAMES = 256;
constexpr float FULL_VOLTS = 5;

constexpr const char* CV_NAMES[CV_INPUTS] = {"X", "Y", "Threshold", "CV 1", "CV 2"};
constexpr const char* LEVEL_NAMES[] = {"Pitch (V/oct)", "Velocity (0-5 V)", "Accent (5 V)",
                                       "Gate (5 V)"};

std::vector<std::string> lines_of(const char* text) {
    return rack::string::split(text, "\n");
}

}  // namespace

RhythmModule::RhythmModule() {
    config(PARAMS, INPUTS, OUTPUTS, LIGHTS);
    for (const Parameter& parameter : PARAMETERS) configure(parameter);
    for (int i = 0; i < VOICES; ++i) {
        configButton(VOICE_BUTTON + i, rack::string::f("Voice %d", i + 1));
    }
    configSwitch(SHIFT_BUTTON, 0, 1, 0, "Shift: the next voice button mutes", {"off", "on"});
    configure_jacks();
    control_divider_.setDivision(CONTROL_FRAMES);
    light_divider_.setDivision(LIGHT_FRAMES);
    for (int i = 0; i < PARAMETER_COUNT; ++i) values_[i] = DEFAULTS[i];
}

void RhythmModule::configure(const Parameter& parameter) {
    const std::vector<std::string> choices = lines_of(parameter.choices);
    for (int i = 0; i < parameter.voices * parameter.count; ++i) {
        const int number = parameter.first + i;
        std::string name = parameter.name;
        if (parameter.voices > 1) name += rack::string::f(" %d", i / parameter.count + 1);
        if (parameter.count > 1) name += rack::string::f(", %d", i % parameter.count + 1);
        if (parameter.choices[0] != 0) {
            configSwitch(number, parameter.low, parameter.high, DEFAULTS[number], name, choices);
        } else {
            configParam(number, parameter.low, parameter.high, DEFAULTS[number], name);
        }
        paramQuantities[number]->snapEnabled = parameter.whole;
        // Other places on the maps are worth a try; another clock or range is a nuisance.
        paramQuantities[number]->randomizeEnabled = number < Z;
        paramQuantities[number]->description = parameter.meaning;
    }
}

void RhythmModule::configure_jacks() {
    for (int i = 0; i < CV_INPUTS; ++i) configInput(CV_INPUT + i, CV_NAMES[i]);
    configInput(CLOCK_INPUT, "Clock");
    configInput(RESET_INPUT, "Reset");
    configInput(RUN_INPUT, "Run gate");
    for (int i = 0; i < 4 * VOICES; ++i) {
        configOutput(VOICE_OUTPUT + i,
                     rack::string::f("%s of voice %d", LEVEL_NAMES[i % 4], i / 4 + 1));
    }
    configOutput(CLOCK_OUTPUT, "Clock (5 V)");
}

void RhythmModule::process(const ProcessArgs& args) {
    if (control_divider_.process()) {
        take_buttons();
        for (int i = 0; i < PARAMETER_COUNT; ++i) values_[i] = params[i].getValue();
    }
    InputVolts jacks;
    for (int i = 0; i < CV_INPUTS; ++i) jacks.cv[i] = inputs[CV_INPUT + i].getVoltage();
    jacks.clock = inputs[CLOCK_INPUT].getVoltage();
    jacks.reset = inputs[RESET_INPUT].getVoltage();
    jacks.run = inputs[RUN_INPUT].getVoltage();
    jacks.run_is_patched = inputs[RUN_INPUT].isConnected();
    OutputVolts volts;
    performer_.process(values_, jacks, volts);
    const bool poly = is_polyphonic.load(std::memory_order_relaxed);
    for (int i = 0; i < VOICES; ++i) {
        const VoiceVolts& voice = volts.voices[i];
        const float levels[] = {voice.pitch, voice.velocity, voice.accent, voice.gate};
        for (int level = 0; level < 4; ++level) {
            rack::engine::Output* jack = &outputs[VOICE_OUTPUT + level];
            jack[4 * i].setVoltage(levels[level]);
            if (poly && i > 0) jack->setVoltage(levels[level], i);
        }
    }
    for (int level = 0; level < 4; ++level) {
        outputs[VOICE_OUTPUT + level].setChannels(poly ? VOICES : 1);
    }
    outputs[CLOCK_OUTPUT].setVoltage(volts.clock);
    if (light_divider_.process()) show_lights(volts, args.sampleTime * LIGHT_FRAMES);
}

// A voice button chooses the voice whose knobs are shown, or with shift mutes it.
void RhythmModule::take_buttons() {
    for (int i = 0; i < VOICES; ++i) {
        if (!voice_triggers_[i].process(params[VOICE_BUTTON + i].getValue() > 0)) continue;
        if (params[SHIFT_BUTTON].getValue() > 0) {
            params[MUTE + i].setValue(1 - params[MUTE + i].getValue());
            params[SHIFT_BUTTON].setValue(0);
        } else {
            monitor().selected.store(i, std::memory_order_relaxed);
        }
    }
}

void RhythmModule::show_lights(const OutputVolts& volts, float seconds) {
    const bool runs = monitor().is_running.load(std::memory_order_relaxed);
    const int selected = monitor().selected.load(std::memory_order_relaxed);
    const bool is_locked = monitor().is_locked.load(std::memory_order_relaxed);
    lights[STATUS_LIGHT].setBrightness(runs && is_locked ? 1 : 0.25f);
    lights[RUN_LIGHT].setBrightness(runs ? 1 : 0);
    lights[SHIFT_LIGHT].setBrightness(params[SHIFT_BUTTON].getValue());
    lights[CLOCK_LIGHT].setBrightnessSmooth(volts.clock / FULL_VOLTS, seconds);
    for (int i = 0; i < VOICES; ++i) {
        const bool is_muted = params[MUTE + i].getValue() > 0;
        lights[VOICE_LIGHT + i].setBrightness(i == selected ? 1 : is_muted ? 0 : 0.25f);
        lights[GATE_LIGHT + i].setBrightnessSmooth(volts.voices[i].gate / FULL_VOLTS, seconds);
    }
}

void RhythmModule::onSampleRateChange(const SampleRateChangeEvent& event) {
    performer_.set_sample_rate(static_cast<double>(event.sampleRate));
}

void RhythmModule::load_kit(const std::string& folder) {
    kit_folder_ = folder;
    if (!folder.empty()) loader_.load(folder);
}

json_t* RhythmModule::dataToJson() {
    json_t* root = json_object();
    json_object_set_new(root, "kit", json_string(kit_folder_.c_str()));
    json_object_set_new(root, "follow", json_string(loader_.followed().c_str()));
    json_object_set_new(root, "polyphonic", json_boolean(is_polyphonic));
    json_object_set_new(root, "selected", json_integer(monitor().selected));
    return root;
}

void RhythmModule::dataFromJson(json_t* root) {
    const char* folder = json_string_value(json_object_get(root, "kit"));
    load_kit(folder != nullptr ? folder : "");
    const char* home = json_string_value(json_object_get(root, "follow"));
    loader_.follow(home != nullptr ? home : "");
    is_polyphonic = json_is_true(json_object_get(root, "polyphonic"));
    const int64_t selected = json_integer_value(json_object_get(root, "selected"));
    monitor().selected = selected > 0 && selected < VOICES ? static_cast<int>(selected) : 0;
}

// The kit that a saved patch keeps comes before the folder that it was loaded from.
void RhythmModule::onAdd(const AddEvent&) {
    const std::string folder = getPatchStorageDirectory();
    if (rack::system::isFile(rack::system::join(folder, "manifest.json"))) loader_.load(folder);
}

void RhythmModule::onSave(const SaveEvent&) {
    const std::shared_ptr<const KitFiles> files = loader_.files();
    if (files && !write_files(*files, createPatchStorageDirectory())) {
        WARN("Ex Nihilo: the kit could not be kept in the patch");
    }
}

}  // namespace plugin
