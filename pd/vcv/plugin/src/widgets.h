// Knobs, jacks, buttons and lights, drawn as those of the hardware look.
#pragma once

#include "layout.h"
#include "plugin.hpp"

namespace plugin {

constexpr float KNOB_MM = 15, JACK_MM = 8, BUTTON_MM = 5.5f, LIGHT_MM = 3;

inline rack::math::Vec at(layout::Place place) { return rack::mm2px(rack::math::Vec(place.x, place.y)); }

struct PanelKnob : rack::app::Knob {
    PanelKnob();
    void draw(const DrawArgs& args) override;
};

struct PanelJack : rack::app::PortWidget {
    PanelJack();
    void draw(const DrawArgs& args) override;
};

// A button that is down while it is held.
struct PanelButton : rack::app::Switch {
    PanelButton();
    void draw(const DrawArgs& args) override;
};

// A button that stays down until it is pressed again.
struct LatchingButton : PanelButton {
    LatchingButton() { momentary = false; }
};

struct PanelLight : rack::app::ModuleLightWidget {
    PanelLight();
};

}  // namespace plugin
