// What the audio thread lets the display know, value by value.
#pragma once

#include <atomic>

#include "parameters.h"
#include "state.h"

namespace plugin {

struct VoiceMonitor {
    std::atomic<float> x{0.5f};
    std::atomic<float> y{0.5f};
    std::atomic<float> threshold{0.5f};
    std::atomic<int> length{exnihilo::STEPS};
    // The step of its pattern that the voice played last; -1 before the first.
    std::atomic<int> step{-1};
    std::atomic<bool> is_muted{false};
    std::atomic<float> onset[exnihilo::STEPS] = {};
};

struct Monitor {
    VoiceMonitor voices[VOICES];
    // The voice whose knobs are shown; the panel and an assigned CV choose it.
    std::atomic<int> selected{0};
    std::atomic<bool> is_running{false};
    std::atomic<bool> is_locked{false};
    std::atomic<int> milli_bpm{0};
};

}  // namespace plugin
