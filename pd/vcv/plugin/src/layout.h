// Made by pd/vcv/make_plugin.py from hardware/panel; not to be edited.
#pragma once

namespace plugin::layout {

struct Place {
    float x;
    float y;
};

constexpr Place WINDOW = {2.400f, 16.190f};
constexpr Place WINDOW_SIZE = {35.180f, 22.910f};
constexpr Place ENCODER = {48.000f, 31.200f};
constexpr Place KNOB_X = {16.000f, 50.000f};
constexpr Place KNOB_Y = {35.500f, 50.000f};
constexpr Place KNOB_THRESHOLD = {55.000f, 50.000f};
constexpr Place BUTTON_VOICE_1 = {8.760f, 67.500f};
constexpr Place BUTTON_VOICE_2 = {22.160f, 67.500f};
constexpr Place BUTTON_VOICE_3 = {35.560f, 67.500f};
constexpr Place BUTTON_SHIFT = {48.960f, 67.500f};
constexpr Place CV_X = {8.760f, 88.000f};
constexpr Place CV_Y = {22.160f, 88.000f};
constexpr Place CV_THRESHOLD = {35.560f, 88.000f};
constexpr Place CV_ASSIGN_1 = {48.960f, 88.000f};
constexpr Place CV_ASSIGN_2 = {62.360f, 88.000f};
constexpr Place CLOCK_IN = {8.760f, 106.000f};
constexpr Place RESET_IN = {22.160f, 106.000f};
constexpr Place CLOCK_OUT = {35.560f, 106.000f};
constexpr Place RUN_IN = {48.960f, 106.000f};
constexpr Place RUN_BUTTON = {62.360f, 106.000f};
constexpr Place PITCH_1 = {81.280f, 52.000f};
constexpr Place VELOCITY_1 = {81.280f, 70.000f};
constexpr Place ACCENT_1 = {81.280f, 88.000f};
constexpr Place GATE_1 = {81.280f, 106.000f};
constexpr Place PITCH_2 = {101.600f, 52.000f};
constexpr Place VELOCITY_2 = {101.600f, 70.000f};
constexpr Place ACCENT_2 = {101.600f, 88.000f};
constexpr Place GATE_2 = {101.600f, 106.000f};
constexpr Place PITCH_3 = {121.920f, 52.000f};
constexpr Place VELOCITY_3 = {121.920f, 70.000f};
constexpr Place ACCENT_3 = {121.920f, 88.000f};
constexpr Place GATE_3 = {121.920f, 106.000f};
constexpr Place STATUS_LED = {59.300f, 67.500f};
constexpr Place CLOCK_LED = {65.700f, 67.500f};
constexpr Place GATE_LED_1 = {88.630f, 96.300f};
constexpr Place GATE_LED_2 = {108.950f, 96.300f};
constexpr Place GATE_LED_3 = {129.270f, 96.300f};

}  // namespace plugin::layout
