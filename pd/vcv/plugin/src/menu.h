// The context menu: kits, outputs, and every parameter without a knob of its own.
#pragma once

#include "module.h"

namespace plugin {

void append_menu(rack::ui::Menu* menu, RhythmModule* module);

}  // namespace plugin
