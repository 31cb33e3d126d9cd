#include "clock_source.h"

namespace exnihilo {

void StateClock::make(const EngineState& state) {
    const bool midi = state.clock_source == ClockSource::MIDI;
    ExternalClock::Settings settings;
    settings.exact = midi;
    settings.ppqn = midi ? MIDI_PPQN : state.clock_in_ppqn;
    settings.milli_bpm = state.milli_bpm;
    settings.freewheel = state.freewheel != 0;
    settings.grace_ns = midi ? 0 : GRACE_NS;
    source_ = state.clock_source;
    follows_ = source_ == ClockSource::JACK || midi;
    internal_ = InternalClock(state.milli_bpm);
    external_ = ExternalClock(settings);
    quiet_ns_ = last_tick_ns_ = 0;
}

int64_t StateClock::next_deadline_ns() const {
    if (!follows_) return internal_.next_deadline_ns();
    const int64_t deadline_ns = external_.next_deadline_ns();
    const bool ends = source_ == ClockSource::AUTO && deadline_ns == NEVER;
    return ends ? quiet_ns_ + SILENCE_NS : deadline_ns;
}

void StateClock::stop(int64_t now_ns) {
    restart_silence(now_ns);
    if (follows_) {
        external_.stop();
    } else {
        internal_.stop();
    }
}

void StateClock::resume(int64_t now_ns) {
    restart_silence(now_ns);
    if (follows_) {
        external_.resume(now_ns);
    } else {
        internal_.resume(now_ns);
    }
}

void StateClock::reset(int64_t now_ns, bool immediate) {
    restart_silence(now_ns);
    if (follows_) {
        external_.reset(now_ns, immediate);
    } else {
        internal_.reset(now_ns, immediate);
    }
}

void StateClock::set_tempo(int64_t milli_bpm, int64_t now_ns) {
    internal_.set_tempo(milli_bpm, now_ns);
    external_.set_tempo(milli_bpm);
}

void StateClock::pulse(int64_t time_ns) {
    if (source_ != ClockSource::JACK && source_ != ClockSource::AUTO) return;
    if (!follows_) follow(time_ns);
    restart_silence(time_ns);
    external_.edge(time_ns);
}

bool StateClock::advance(int64_t now_ns, Tick& tick) {
    bool is_due = follows_ ? external_.advance(now_ns, tick) : internal_.advance(now_ns, tick);
    if (!is_due && takes_over(now_ns)) {
        go_on_alone(now_ns);
        is_due = internal_.advance(now_ns, tick);
    }
    if (is_due) last_tick_ns_ = tick.time_ns;
    return is_due;
}

// Whether the pulses give nothing more, and have had their time.
bool StateClock::takes_over(int64_t now_ns) const {
    return source_ == ClockSource::AUTO && follows_ &&
           external_.next_deadline_ns() == NEVER && now_ns >= quiet_ns_ + SILENCE_NS;
}

void StateClock::follow(int64_t now_ns) {
    external_.join(internal_.next_index(), now_ns, last_tick_ns_, internal_.running());
    internal_.stop();
    follows_ = true;
}

void StateClock::go_on_alone(int64_t now_ns) {
    follows_ = false;
    internal_.stop();
    internal_.locate(external_.next_index());
    if (external_.running()) internal_.resume(now_ns);
}

}  // namespace exnihilo
