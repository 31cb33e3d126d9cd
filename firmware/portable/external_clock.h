// The clock that follows pulses, from the clock jack or from MIDI (firmware's external clock).
#pragma once

#include "clock.h"
#include "pulse_count.h"

namespace exnihilo {

constexpr int64_t SILENCE_NS = 500'000'000;
constexpr int64_t GRACE_NS = 1'000'000;

class ExternalClock {
public:
    struct Settings {
        int ppqn = 4;
        int64_t milli_bpm = 120'000;
        bool freewheel = false;
        int64_t grace_ns = GRACE_NS;
        bool exact = false;
    };

    ExternalClock() : ExternalClock(Settings{}) {}
    explicit ExternalClock(const Settings& settings);

    bool running() const { return running_; }
    // No tick will come before an edge does; nothing should go on sounding.
    bool waiting() const { return running_ && origin_ns_ == NEVER; }
    bool locked() const { return count_.locked; }
    int64_t milli_bpm() const { return tempo_of(per_pulse_, count_.follower.period_ns); }
    int64_t next_deadline_ns() const { return deadline_ns_; }
    // The song position of the next tick.
    int64_t next_index() const { return next_index_; }

    void start(int64_t now_ns);
    void stop();
    void resume(int64_t now_ns);
    void locate(int64_t index, int64_t now_ns);
    void reset(int64_t now_ns, bool immediate);
    // Goes on, with the next edge, where another clock is: tick `index` is its next, and that
    // edge is the pulse nearest to it. No tick is due before `last_tick_ns`.
    void join(int64_t index, int64_t now_ns, int64_t last_tick_ns, bool running);
    void set_tempo(int64_t milli_bpm);
    void edge(int64_t time_ns);
    // Takes the next tick due by `now_ns`, if there is one; without one, may begin to wait.
    bool advance(int64_t now_ns, Tick& tick);

private:
    // What an edge is in the song: its pulse, and the tick from which on the song is played.
    struct Position {
        int64_t pulse = 0;
        int64_t tick = 0;
    };

    void take(int64_t time_ns, int64_t pulses, Reading reading);
    void arm(Position position, int64_t now_ns);
    bool is_just_past(int64_t now_ns) const;
    void play_from(Position position, int64_t origin_ns);
    int64_t pulse_to_resume() const;
    void fall_silent(int64_t now_ns);
    void silence();
    void schedule();
    int64_t due_ns() const;
    bool may_run_on(int64_t ticks) const;
    int64_t silent_ns() const;

    bool running_ = false;
    bool freewheel_ = false;
    int64_t per_pulse_ = 24;
    int64_t silence_unlocked_ns_ = 0;
    int64_t grace_ns_ = 0;
    PulseCount count_;
    int64_t deadline_ns_ = NEVER;
    // The pulse last counted, the next tick, and when the pulse was; NEVER while silent.
    int64_t pulse_ = 0;
    int64_t next_index_ = 0;
    int64_t origin_ns_ = NEVER;
    // What the next edge will be after a command, and when that was.
    bool is_armed_ = true;
    Position armed_;
    int64_t armed_ns_ = 0;
    int64_t edge_ns_ = NEVER;
    int64_t same_until_ns_ = NEVER;
    int64_t last_tick_ns_ = 0;
};

}  // namespace exnihilo
