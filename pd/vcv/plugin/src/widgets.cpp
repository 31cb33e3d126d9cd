#include "widgets.h"

namespace plugin {
namespace {

const NVGcolor METAL = nvgRGB(0x9a, 0xa0, 0xa8);
const NVGcolor BODY = nvgRGB(0x33, 0x37, 0x3e);
const NVGcolor INK = nvgRGB(0xf2, 0xef, 0xe6);
const NVGcolor HOLE = nvgRGB(0, 0, 0);
const NVGcolor CAP = nvgRGB(0xc9, 0xcc, 0xd1);
const NVGcolor PRESSED = nvgRGB(0x8a, 0x8e, 0x94);
const NVGcolor LIT = nvgRGB(0xd8, 0x3a, 0x2e);

rack::math::Vec size_of(float diameter_mm) {
    return rack::mm2px(rack::math::Vec(diameter_mm, diameter_mm));
}

void disc(NVGcontext* vg, rack::math::Vec centre, float radius, NVGcolor colour) {
    nvgBeginPath(vg);
    nvgCircle(vg, centre.x, centre.y, radius);
    nvgFillColor(vg, colour);
    nvgFill(vg);
}

}  // namespace

PanelKnob::PanelKnob() {
    box.size = size_of(KNOB_MM);
    minAngle = -0.83f * float(M_PI);
    maxAngle = 0.83f * float(M_PI);
}

void PanelKnob::draw(const DrawArgs& args) {
    const rack::math::Vec centre = box.size.div(2);
    const float radius = centre.x;
    disc(args.vg, centre, radius, METAL);
    disc(args.vg, centre, radius * 0.92f, BODY);
    rack::engine::ParamQuantity* quantity = getParamQuantity();
    const float share = quantity != nullptr ? quantity->getScaledValue() : 0.5f;
    const float angle = rack::math::rescale(share, 0.f, 1.f, minAngle, maxAngle);
    const rack::math::Vec tip = rack::math::Vec(0, -radius * 0.95f).rotate(angle).plus(centre);
    const rack::math::Vec root = rack::math::Vec(0, -radius * 0.15f).rotate(angle).plus(centre);
    nvgBeginPath(args.vg);
    nvgMoveTo(args.vg, root.x, root.y);
    nvgLineTo(args.vg, tip.x, tip.y);
    nvgStrokeColor(args.vg, INK);
    nvgStrokeWidth(args.vg, radius * 0.12f);
    nvgStroke(args.vg);
    Knob::draw(args);
}

PanelJack::PanelJack() { box.size = size_of(JACK_MM); }

void PanelJack::draw(const DrawArgs& args) {
    const rack::math::Vec centre = box.size.div(2);
    disc(args.vg, centre, centre.x, METAL);
    disc(args.vg, centre, centre.x * 0.78f, BODY);
    disc(args.vg, centre, centre.x * 0.46f, HOLE);
    PortWidget::draw(args);
}

PanelButton::PanelButton() {
    box.size = size_of(BUTTON_MM);
    momentary = true;
}

void PanelButton::draw(const DrawArgs& args) {
    rack::engine::ParamQuantity* quantity = getParamQuantity();
    const bool is_down = quantity != nullptr && quantity->getScaledValue() > 0.5f;
    const rack::math::Vec centre = box.size.div(2);
    disc(args.vg, centre, centre.x, HOLE);
    disc(args.vg, centre, centre.x * 0.88f, is_down ? PRESSED : CAP);
    Switch::draw(args);
}

PanelLight::PanelLight() {
    box.size = size_of(LIGHT_MM);
    bgColor = nvgRGB(0x3a, 0x20, 0x1e);
    borderColor = nvgRGBA(0, 0, 0, 0x60);
    addBaseColor(LIT);
}

}  // namespace plugin
