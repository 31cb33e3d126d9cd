// The plugin as Rack loads it.
#pragma once

#include <rack.hpp>

extern rack::plugin::Plugin* exnihilo_plugin;
extern rack::plugin::Model* exnihilo_model;
