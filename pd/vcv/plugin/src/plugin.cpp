#include "plugin.hpp"

rack::plugin::Plugin* exnihilo_plugin = nullptr;

void init(rack::plugin::Plugin* plugin) {
    exnihilo_plugin = plugin;
    plugin->addModel(exnihilo_model);
}
