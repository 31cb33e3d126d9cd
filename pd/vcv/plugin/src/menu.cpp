#include "menu.h"

#include <osdialog.h>

namespace plugin {
namespace {

constexpr float SLIDER_PX = 220;

// What the hardware offers and Rack has no use for.
bool is_without_use(const std::string& choice) { return choice == "MIDI" || choice == "bundle"; }

std::string chosen_folder() {
    char* path = osdialog_file(OSDIALOG_OPEN_DIR, nullptr, nullptr, nullptr);
    const std::string folder = path != nullptr ? path : "";
    std::free(path);
    return folder;
}

void append_choice(rack::ui::Menu* menu, rack::engine::ParamQuantity* quantity,
                   const std::vector<std::string>& labels) {
    const auto number = [quantity] {
        return static_cast<size_t>(quantity->getValue() - quantity->getMinValue());
    };
    const std::string name = quantity->getLabel();
    menu->addChild(rack::createSubmenuItem(name, labels[number()], [=](rack::ui::Menu* sub) {
        for (size_t i = 0; i < labels.size(); ++i) {
            if (is_without_use(labels[i])) continue;
            sub->addChild(rack::createCheckMenuItem(
                labels[i], "", [=] { return number() == i; },
                [=] { quantity->setImmediateValue(quantity->getMinValue() + float(i)); }));
        }
    }));
}

void append_parameter(rack::ui::Menu* menu, RhythmModule* module, int number) {
    rack::engine::ParamQuantity* quantity = module->getParamQuantity(number);
    if (auto* choice = dynamic_cast<rack::engine::SwitchQuantity*>(quantity)) {
        append_choice(menu, quantity, choice->labels);
        return;
    }
    auto* slider = new rack::ui::Slider;
    slider->box.size.x = SLIDER_PX;
    slider->quantity = quantity;
    menu->addChild(slider);
}

// The parameters from one of the table up to another: those of a voice, or those of all.
void append_range(rack::ui::Menu* menu, RhythmModule* module, int from, int to, int voice) {
    for (const Parameter& parameter : PARAMETERS) {
        if (parameter.first < from || parameter.first > to) continue;
        const int first = parameter.first + (parameter.voices > 1 ? voice * parameter.count : 0);
        if (parameter.count == 1) {
            append_parameter(menu, module, first);
            continue;
        }
        const std::string name = parameter.name;
        const int count = parameter.count;
        menu->addChild(rack::createSubmenuItem(name, "", [=](rack::ui::Menu* sub) {
            for (int i = 0; i < count; ++i) append_parameter(sub, module, first + i);
        }));
    }
}

void append_kit(rack::ui::Menu* menu, RhythmModule* module) {
    KitLoader& loader = module->loader();
    const std::shared_ptr<const KitPicture> picture = loader.picture();
    menu->addChild(rack::createMenuLabel(picture ? "Kit: " + picture->name : "No kit"));
    if (!loader.reason().empty()) menu->addChild(rack::createMenuLabel(loader.reason()));
    menu->addChild(rack::createMenuItem("Load a kit...", "", [module] {
        const std::string folder = chosen_folder();
        if (!folder.empty()) module->load_kit(folder);
    }));
    if (!loader.followed().empty()) {
        menu->addChild(rack::createMenuItem("Stop following pushes", loader.followed(),
                                            [module] { module->loader().follow(""); }));
        return;
    }
    menu->addChild(rack::createMenuItem("Follow pushes into a home folder...", "", [module] {
        const std::string home = chosen_folder();
        if (!home.empty()) module->loader().follow(home);
    }));
}

}  // namespace

void append_menu(rack::ui::Menu* menu, RhythmModule* module) {
    menu->addChild(new rack::ui::MenuSeparator);
    append_kit(menu, module);
    menu->addChild(rack::createBoolMenuItem(
        "Polyphonic outputs of voice 1", "", [module] { return module->is_polyphonic.load(); },
        [module](bool is_polyphonic) { module->is_polyphonic = is_polyphonic; }));
    menu->addChild(new rack::ui::MenuSeparator);
    for (int voice = 0; voice < VOICES; ++voice) {
        menu->addChild(rack::createSubmenuItem(
            rack::string::f("Voice %d", voice + 1), "",
            [=](rack::ui::Menu* sub) { append_range(sub, module, Z, FILL, voice); }));
    }
    const struct {
        const char* name;
        int from;
        int to;
    } groups[] = {{"Song", TEMPO, ROOT},
                  {"CV inputs", CV_ASSIGN, CV_VOICES},
                  {"Clock", CLOCK, RESET_AT_ONCE}};
    for (const auto& group : groups) {
        const int from = group.from;
        const int to = group.to;
        menu->addChild(rack::createSubmenuItem(group.name, "", [=](rack::ui::Menu* sub) {
            append_range(sub, module, from, to, 0);
        }));
    }
}

}  // namespace plugin
