// The panel as Rack shows it.
#include "display.h"
#include "menu.h"
#include "widgets.h"

namespace plugin {
namespace {

constexpr layout::Place KNOB_PLACES[] = {layout::KNOB_X, layout::KNOB_Y, layout::KNOB_THRESHOLD};
constexpr int KNOBS[] = {X, Y, THRESHOLD};
constexpr layout::Place BUTTON_PLACES[VOICES] = {layout::BUTTON_VOICE_1, layout::BUTTON_VOICE_2,
                                                 layout::BUTTON_VOICE_3};
constexpr layout::Place GATE_LIGHT_PLACES[VOICES] = {layout::GATE_LED_1, layout::GATE_LED_2,
                                                     layout::GATE_LED_3};
constexpr layout::Place INPUT_PLACES[RhythmModule::INPUTS] = {
    layout::CV_X,        layout::CV_Y,     layout::CV_THRESHOLD, layout::CV_ASSIGN_1,
    layout::CV_ASSIGN_2, layout::CLOCK_IN, layout::RESET_IN,     layout::RUN_IN};
constexpr layout::Place OUTPUT_PLACES[RhythmModule::OUTPUTS] = {
    layout::PITCH_1, layout::VELOCITY_1, layout::ACCENT_1, layout::GATE_1,
    layout::PITCH_2, layout::VELOCITY_2, layout::ACCENT_2, layout::GATE_2,
    layout::PITCH_3, layout::VELOCITY_3, layout::ACCENT_3, layout::GATE_3,
    layout::CLOCK_OUT};
}  // namespace

struct RhythmWidget : rack::app::ModuleWidget {
    explicit RhythmWidget(RhythmModule* module) {
        setModule(module);
        setPanel(rack::createPanel(rack::asset::plugin(exnihilo_plugin, "res/ExNihilo.svg")));
        auto* display = new Display;
        display->module = module;
        display->box.pos = at(layout::WINDOW);
        display->box.size = at(layout::WINDOW_SIZE);
        addChild(display);
        add_knobs();
        add_buttons();
        for (int i = 0; i < RhythmModule::INPUTS; ++i) {
            addInput(rack::createInputCentered<PanelJack>(at(INPUT_PLACES[i]), module, i));
        }
        for (int i = 0; i < RhythmModule::OUTPUTS; ++i) {
            addOutput(rack::createOutputCentered<PanelJack>(at(OUTPUT_PLACES[i]), module, i));
        }
    }

    // The knobs of the selected voice are those that are shown.
    void step() override {
        auto* shown = static_cast<RhythmModule*>(module);
        const int selected = shown != nullptr ? shown->monitor().selected.load() : 0;
        for (int voice = 0; voice < VOICES; ++voice) {
            for (PanelKnob* knob : knobs_[voice]) knob->visible = voice == selected;
        }
        ModuleWidget::step();
    }

    // A kit is loaded by dropping its folder, or a file in it.
    void onPathDrop(const PathDropEvent& event) override {
        auto* shown = static_cast<RhythmModule*>(module);
        if (shown == nullptr || event.paths.empty()) return;
        const std::string& path = event.paths.front();
        const bool is_folder = rack::system::isDirectory(path);
        shown->load_kit(is_folder ? path : rack::system::getDirectory(path));
        event.consume(this);
    }

    void appendContextMenu(rack::ui::Menu* menu) override {
        append_menu(menu, static_cast<RhythmModule*>(module));
    }

private:
    void add_knobs() {
        for (int i = 0; i < 3; ++i) {
            for (int voice = 0; voice < VOICES; ++voice) {
                auto* knob = rack::createParamCentered<PanelKnob>(at(KNOB_PLACES[i]), module,
                                                                  KNOBS[i] + voice);
                knobs_[voice][i] = knob;
                addParam(knob);
            }
        }
        addParam(rack::createParamCentered<PanelKnob>(at(layout::ENCODER), module, TEMPO));
    }

    void add_buttons() {
        for (int i = 0; i < VOICES; ++i) {
            const layout::Place place = BUTTON_PLACES[i];
            const int button = RhythmModule::VOICE_BUTTON + i;
            addParam(rack::createParamCentered<PanelButton>(at(place), module, button));
            add_light(place, RhythmModule::VOICE_LIGHT + i);
            add_light(GATE_LIGHT_PLACES[i], RhythmModule::GATE_LIGHT + i);
        }
        addParam(rack::createParamCentered<LatchingButton>(at(layout::BUTTON_SHIFT), module,
                                                           RhythmModule::SHIFT_BUTTON));
        addParam(rack::createParamCentered<LatchingButton>(at(layout::RUN_BUTTON), module, RUN));
        add_light(layout::BUTTON_SHIFT, RhythmModule::SHIFT_LIGHT);
        add_light(layout::RUN_BUTTON, RhythmModule::RUN_LIGHT);
        add_light(layout::STATUS_LED, RhythmModule::STATUS_LIGHT);
        add_light(layout::CLOCK_LED, RhythmModule::CLOCK_LIGHT);
    }

    void add_light(layout::Place place, int light) {
        addChild(rack::createLightCentered<PanelLight>(at(place), module, light));
    }

    PanelKnob* knobs_[VOICES][3] = {};
};

}  // namespace plugin

rack::plugin::Model* exnihilo_model =
    rack::createModel<plugin::RhythmModule, plugin::RhythmWidget>("ExNihilo");
