#include "external_clock.h"

namespace exnihilo {
namespace {

constexpr int PPQN_ON_EDGE_MAX = 4;
// A quarter note at 20 BPM, and a tenth more.
constexpr int64_t SLOWEST_QUARTER_NS = 3'300'000'000;

}  // namespace

ExternalClock::ExternalClock(const Settings& settings)
    : freewheel_(settings.freewheel),
      per_pulse_(TICKS_PER_QUARTER / settings.ppqn),
      silence_unlocked_ns_(greatest(SILENCE_NS, SLOWEST_QUARTER_NS / settings.ppqn)),
      grace_ns_(settings.grace_ns),
      count_(Follower(settings.ppqn <= PPQN_ON_EDGE_MAX,
                      ticks_ns(TICKS_PER_QUARTER / settings.ppqn, settings.milli_bpm)),
             settings.ppqn, settings.freewheel, settings.exact) {}

void ExternalClock::start(int64_t now_ns) {
    locate(0, now_ns);
    resume(now_ns);
}

void ExternalClock::stop() {
    if (!running_) return;
    running_ = false;
    if (!is_armed_) {
        armed_ = {pulse_to_resume(), next_index_};
        is_armed_ = true;
    }
    silence();
}

void ExternalClock::resume(int64_t now_ns) {
    if (running_) return;
    running_ = true;
    arm(is_armed_ ? armed_ : Position{}, now_ns);
}

void ExternalClock::locate(int64_t index, int64_t now_ns) {
    silence();
    arm({floor_div(index, per_pulse_), index}, now_ns);
}

void ExternalClock::reset(int64_t now_ns, bool immediate) {
    arm(Position{}, now_ns);
    if (immediate && is_armed_ && running_) {
        play_from(armed_, now_ns);
        same_until_ns_ = now_ns + grace_ns_;
        schedule();
    }
}

void ExternalClock::join(int64_t index, int64_t now_ns, int64_t last_tick_ns, bool running) {
    const int64_t pulse = floor_div(2 * index + per_pulse_, 2 * per_pulse_);
    count_.rest();
    silence();
    edge_ns_ = NEVER;
    running_ = running;
    next_index_ = index;
    last_tick_ns_ = last_tick_ns;
    arm({pulse, index}, now_ns);
}

void ExternalClock::set_tempo(int64_t milli_bpm) {
    if (locked()) return;
    count_.follower.period_ns = ticks_ns(per_pulse_, milli_bpm);
    schedule();
}

void ExternalClock::edge(int64_t time_ns) {
    const int64_t counted = count_.pulses;
    const Reading reading = count_.read(time_ns);
    if (reading == Reading::DOUBLED || reading == Reading::OUTLIER) return;
    edge_ns_ = time_ns;
    if (running_) take(time_ns, count_.pulses - counted, reading);
    schedule();
}

bool ExternalClock::advance(int64_t now_ns, Tick& tick) {
    if (deadline_ns_ == NEVER || now_ns < deadline_ns_) return false;
    const int64_t time_ns = due_ns();
    const bool is_due = time_ns != NEVER && time_ns <= now_ns;
    if (is_due) {
        const int64_t period_ns = floor_div(count_.follower.period_ns, per_pulse_);
        tick = {next_index_, time_ns, period_ns};
        ++next_index_;
        last_tick_ns_ = time_ns;
    }
    schedule();
    if (time_ns == NEVER) fall_silent(now_ns);
    return is_due;
}

void ExternalClock::take(int64_t time_ns, int64_t pulses, Reading reading) {
    if (is_armed_ && time_ns >= armed_ns_ - grace_ns_) {
        play_from(armed_, count_.follower.phase_ns);
        return;
    }
    if (is_armed_ && origin_ns_ == NEVER) return;
    if (same_until_ns_ == NEVER || time_ns > same_until_ns_) pulse_ += pulses;
    same_until_ns_ = NEVER;
    origin_ns_ = count_.follower.phase_ns;
    const int64_t first_index = pulse_ * per_pulse_;
    if ((reading == Reading::FIRST || reading == Reading::RECOUNTED) &&
        first_index < next_index_) {
        next_index_ = first_index;
    }
}

void ExternalClock::arm(Position position, int64_t now_ns) {
    armed_ = position;
    is_armed_ = true;
    armed_ns_ = now_ns;
    if (running_ && is_just_past(now_ns)) play_from(position, count_.follower.phase_ns);
    schedule();
}

bool ExternalClock::is_just_past(int64_t now_ns) const {
    return grace_ns_ > 0 && edge_ns_ != NEVER && now_ns - edge_ns_ <= grace_ns_;
}

void ExternalClock::play_from(Position position, int64_t origin_ns) {
    pulse_ = position.pulse;
    next_index_ = position.tick;
    origin_ns_ = origin_ns;
    is_armed_ = false;
    same_until_ns_ = NEVER;
}

int64_t ExternalClock::pulse_to_resume() const {
    const int64_t steps = -floor_div(-next_index_, TICKS_PER_STEP);
    const int64_t pulse = floor_div(steps * TICKS_PER_STEP, per_pulse_);
    return per_pulse_ > TICKS_PER_STEP ? least(pulse, pulse_ + 1) : pulse_ + 1;
}

void ExternalClock::fall_silent(int64_t now_ns) {
    const int64_t silent = silent_ns();
    if (silent != NEVER && silent <= now_ns) {
        count_.rest();
        silence();
    }
}

void ExternalClock::silence() {
    origin_ns_ = NEVER;
    schedule();
}

void ExternalClock::schedule() {
    const int64_t due = due_ns();
    deadline_ns_ = due == NEVER ? silent_ns() : due;
}

int64_t ExternalClock::due_ns() const {
    if (origin_ns_ == NEVER) return NEVER;
    const int64_t ticks = next_index_ - pulse_ * per_pulse_;
    if (ticks >= per_pulse_ && !may_run_on(ticks)) return NEVER;
    int64_t due = origin_ns_ + floor_div(ticks * count_.follower.period_ns, per_pulse_);
    if (ticks >= per_pulse_) due = greatest(due, origin_ns_ + count_.follower.late_ns());
    return greatest(due, last_tick_ns_);
}

bool ExternalClock::may_run_on(int64_t ticks) const {
    if (is_armed_ || !locked()) return false;
    return freewheel_ || ticks < 2 * per_pulse_;
}

int64_t ExternalClock::silent_ns() const {
    if (origin_ns_ == NEVER) return NEVER;
    if (!locked()) return origin_ns_ + silence_unlocked_ns_;
    return origin_ns_ + greatest(SILENCE_NS, floor_div(5 * count_.follower.period_ns, 2));
}

}  // namespace exnihilo
