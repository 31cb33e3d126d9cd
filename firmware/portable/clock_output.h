// What others may follow: MIDI clock, and pulses on the clock output (firmware's clock output).
#pragma once

#include "voice.h"

namespace exnihilo {

class ClockOutput {
public:
    // Adds what leaves with a tick; `outputs` has room for five.
    int tick(const Tick& tick, const EngineState& state, Output* outputs);
    // Adds what leaves as the first voice begins its pattern anew.
    int cycle(int64_t time_ns, const EngineState& state, Output* outputs) const;
    // Gives what leaves as the music stops.
    Output stop(int64_t now_ns);

private:
    // Whether it has been said where the music began.
    bool announced_ = false;
};

}  // namespace exnihilo
