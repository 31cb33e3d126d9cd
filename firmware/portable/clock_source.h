// The clock that a state asks for (firmware's clock source and automatic clock).
#pragma once

#include "external_clock.h"
#include "state.h"

namespace exnihilo {

// The internal clock, or the one that follows pulses. With `AUTO` one hands the song to the
// other: a pulse takes over at once, as the pulse of its grid that is nearest to the song
// position; where the pulses have been silent for long enough, the internal clock goes on at
// the next tick.
class StateClock {
public:
    // Makes the clocks of a state anew: stopped, at tick 0.
    void make(const EngineState& state);

    bool running() const { return follows_ ? external_.running() : internal_.running(); }
    // No tick will come before a pulse, or before the internal clock takes over.
    bool waiting() const { return follows_ && external_.waiting(); }
    bool locked() const { return !follows_ || external_.locked(); }
    int64_t milli_bpm() const { return follows_ ? external_.milli_bpm() : internal_.milli_bpm(); }
    int64_t next_deadline_ns() const;

    void stop(int64_t now_ns);
    void resume(int64_t now_ns);
    void reset(int64_t now_ns, bool immediate);
    void set_tempo(int64_t milli_bpm, int64_t now_ns);
    // Takes a pulse of the clock jack; without effect while another clock counts.
    void pulse(int64_t time_ns);
    // Takes the next tick due by `now_ns`, if there is one.
    bool advance(int64_t now_ns, Tick& tick);

private:
    bool takes_over(int64_t now_ns) const;
    void follow(int64_t now_ns);
    void go_on_alone(int64_t now_ns);
    void restart_silence(int64_t now_ns) { quiet_ns_ = greatest(quiet_ns_, now_ns); }

    ClockSource source_ = ClockSource::INTERNAL;
    // Whether the clock that follows pulses counts.
    bool follows_ = false;
    InternalClock internal_;
    ExternalClock external_;
    int64_t quiet_ns_ = 0;
    int64_t last_tick_ns_ = 0;
};

}  // namespace exnihilo
