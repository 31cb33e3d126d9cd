// The musical time, and the clock that counts by itself (firmware's clock and internal clock).
#pragma once

#include "numbers.h"

namespace exnihilo {

constexpr int64_t TICKS_PER_QUARTER = 96;
constexpr int64_t TICKS_PER_STEP = 24;
constexpr int MIDI_PPQN = 24;
constexpr int64_t TICK_NS_MILLI_BPM = 625'000'000'000;

// One tick that is due: its index in the song, when it was due, how long a tick lasts now.
struct Tick {
    int64_t index;
    int64_t time_ns;
    int64_t period_ns;
};

// Length of so many ticks at a tempo, in nanoseconds, rounded down once. Split in two so that
// no product leaves 64 bits.
inline int64_t ticks_ns(int64_t ticks, int64_t milli_bpm) {
    const int64_t whole = TICK_NS_MILLI_BPM / milli_bpm;
    const int64_t rest = TICK_NS_MILLI_BPM % milli_bpm;
    return ticks * whole + floor_div(ticks * rest, milli_bpm);
}

// Tempo in milli-BPM at which so many ticks last `length_ns`, rounded to nearest.
inline int64_t tempo_of(int64_t ticks, int64_t length_ns) {
    return floor_div(ticks * TICK_NS_MILLI_BPM + length_ns / 2, length_ns);
}

// Whether a clock output of `ppqn` (a divisor of 96) rises on this tick.
inline bool starts_pulse(int64_t index, int64_t ppqn) {
    return index % (TICKS_PER_QUARTER / ppqn) == 0;
}

// A clock at a set tempo. Tick n after the last change of tempo is due a whole number of
// nanoseconds after it, so nothing accumulates.
class InternalClock {
public:
    explicit InternalClock(int64_t milli_bpm = 120'000) : milli_bpm_(milli_bpm) {}

    bool running() const { return deadline_ns_ != NEVER; }
    int64_t milli_bpm() const { return milli_bpm_; }
    int64_t next_deadline_ns() const { return deadline_ns_; }
    // The song position of the next tick.
    int64_t next_index() const { return next_index_; }

    void stop() { deadline_ns_ = NEVER; }

    void resume(int64_t now_ns) {
        if (!running()) place(next_index_, now_ns);
    }

    void locate(int64_t index) {
        if (running()) {
            place(index, deadline_ns_);
        } else {
            next_index_ = index;
        }
    }

    void reset(int64_t now_ns, bool immediate) {
        if (immediate && running()) {
            place(0, now_ns);
        } else {
            locate(0);
        }
    }

    // Keeps the phase: what is left of this tick is stretched.
    void set_tempo(int64_t milli_bpm, int64_t now_ns) {
        if (running() && milli_bpm != milli_bpm_) {
            now_ns = greatest(now_ns, last_ns_);
            const int64_t left_ns = deadline_ns_ - now_ns;
            const int64_t scaled = floor_div(left_ns * milli_bpm_ + milli_bpm / 2, milli_bpm);
            milli_bpm_ = milli_bpm;
            place(next_index_, now_ns + scaled);
        }
        milli_bpm_ = milli_bpm;
    }

    // Takes the next tick due by `now_ns`, if there is one.
    bool advance(int64_t now_ns, Tick& tick) {
        if (!running() || now_ns < deadline_ns_) return false;
        tick = {next_index_, deadline_ns_, ticks_ns(1, milli_bpm_)};
        last_ns_ = deadline_ns_;
        ++next_index_;
        deadline_ns_ = base_ns_ + ticks_ns(next_index_ - base_index_, milli_bpm_);
        return true;
    }

private:
    void place(int64_t index, int64_t time_ns) {
        base_index_ = next_index_ = index;
        base_ns_ = deadline_ns_ = greatest(time_ns, last_ns_);
    }

    int64_t milli_bpm_;
    int64_t deadline_ns_ = NEVER;
    int64_t base_ns_ = 0;
    int64_t base_index_ = 0;
    int64_t next_index_ = 0;
    int64_t last_ns_ = 0;
};

}  // namespace exnihilo
