#include "clock_output.h"

namespace exnihilo {
namespace {

constexpr int64_t PULSE_NS = 5'000'000;
constexpr uint8_t MIDI_POSITION = 0xF2;
constexpr uint8_t MIDI_CLOCK = 0xF8;
constexpr uint8_t MIDI_START = 0xFA;
constexpr uint8_t MIDI_CONTINUE = 0xFB;
constexpr uint8_t MIDI_STOP = 0xFC;

Output midi(int64_t time_ns, uint8_t status) {
    Output output{};
    output.time_ns = time_ns;
    output.voice = NO_VOICE;
    output.kind = OutputKind::MIDI;
    output.size = 1;
    output.data[0] = status;
    return output;
}

Output level(int64_t time_ns, bool up) {
    Output output{};
    output.time_ns = time_ns;
    output.voice = NO_VOICE;
    output.kind = OutputKind::CLOCK_OUT;
    output.size = 1;
    output.data[0] = up ? 1 : 0;
    return output;
}

int pulse(int64_t time_ns, Output* outputs) {
    outputs[0] = level(time_ns, true);
    outputs[1] = level(time_ns + PULSE_NS, false);
    return 2;
}

}  // namespace

int ClockOutput::tick(const Tick& tick, const EngineState& state, Output* outputs) {
    int count = 0;
    if (starts_pulse(tick.index, MIDI_PPQN)) {
        if (tick.index == 0) {
            outputs[count++] = midi(tick.time_ns, MIDI_START);
            announced_ = true;
        } else if (!announced_ && tick.index % TICKS_PER_STEP == 0) {
            const int64_t sixteenths = tick.index / TICKS_PER_STEP;
            Output& position = outputs[count++] = midi(tick.time_ns, MIDI_POSITION);
            position.size = 3;
            position.data[1] = static_cast<uint8_t>(sixteenths & 0x7F);
            position.data[2] = static_cast<uint8_t>(sixteenths >> 7 & 0x7F);
            outputs[count++] = midi(tick.time_ns, MIDI_CONTINUE);
            announced_ = true;
        }
        outputs[count++] = midi(tick.time_ns, MIDI_CLOCK);
    }
    const bool pulses = state.clock_out == ClockOut::CLOCK
                            ? starts_pulse(tick.index, state.clock_out_ppqn)
                            : state.clock_out == ClockOut::RESET && tick.index == 0;
    return pulses ? count + pulse(tick.time_ns, outputs + count) : count;
}

int ClockOutput::cycle(int64_t time_ns, const EngineState& state, Output* outputs) const {
    return state.clock_out == ClockOut::END_OF_CYCLE ? pulse(time_ns, outputs) : 0;
}

Output ClockOutput::stop(int64_t now_ns) {
    announced_ = false;
    return midi(now_ns, MIDI_STOP);
}

}  // namespace exnihilo
