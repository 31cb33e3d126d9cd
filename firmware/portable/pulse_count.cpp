#include "pulse_count.h"

namespace exnihilo {
namespace {

constexpr int64_t MINUTE_NS = 60'000'000'000;
// Edges closer than this are one pulse: twice the fastest tempo, as a jump may overshoot.
constexpr int64_t FASTEST_BPM = 600;

}  // namespace

PulseCount::PulseCount(Follower follower_, int ppqn, bool freewheel, bool exact)
    : follower(follower_),
      freewheel_(freewheel),
      exact_(exact),
      closest_ns_(MINUTE_NS / (FASTEST_BPM * ppqn)) {}

void PulseCount::rest() {
    locked = false;
    edge_count_ = 0;
}

Reading PulseCount::read(int64_t time_ns) {
    const Reading reading = edge_count_ == 0 ? first(time_ns)
                            : exact_         ? next(time_ns)
                                             : by_time(time_ns);
    if (reading != Reading::DOUBLED && reading != Reading::OUTLIER) counted_ns_ = time_ns;
    // However the edges fall: no follower may believe what no clock can be.
    follower.period_ns = greatest(follower.period_ns, closest_ns_);
    if (reading != Reading::DOUBLED) {
        if (edge_count_ == 4) {
            for (int i = 1; i < 4; ++i) edges_[i - 1] = edges_[i];
            --edge_count_;
        }
        edges_[edge_count_++] = {time_ns, pulses};
    }
    return reading;
}

Reading PulseCount::first(int64_t time_ns) {
    rest();
    ++pulses;
    follower.restart(time_ns, follower.period_ns);
    return Reading::FIRST;
}

Reading PulseCount::next(int64_t time_ns) {
    if (!is_new_tempo(time_ns)) {
        ++pulses;
        if (time_ns - last().time_ns >= closest_ns_) follower.follow(time_ns, 1);
    }
    locked = edge_count_ > 1;
    return Reading::NEXT;
}

Reading PulseCount::by_time(int64_t time_ns) {
    const int64_t interval_ns = time_ns - last().time_ns;
    if (interval_ns < closest_ns_) return Reading::DOUBLED;
    if (!locked) return early(time_ns);
    const int64_t period_ns = follower.period_ns;
    if (8 * magnitude(interval_ns - period_ns) > period_ns && is_new_tempo(time_ns)) {
        return Reading::RECOUNTED;
    }
    return by_place(time_ns, places(time_ns));
}

int64_t PulseCount::places(int64_t time_ns) const {
    const int64_t period_ns = follower.period_ns;
    const int64_t smoothed =
        floor_div(2 * (time_ns - follower.phase_ns) + period_ns, 2 * period_ns);
    const int64_t raw = floor_div(2 * (time_ns - counted_ns_) + period_ns, 2 * period_ns);
    return magnitude(raw - 1) < magnitude(smoothed - 1) ? raw : smoothed;
}

Reading PulseCount::early(int64_t time_ns) {
    follower.follow(time_ns, 1);
    ++pulses;
    locked = edge_count_ > 1;
    return Reading::NEXT;
}

Reading PulseCount::by_place(int64_t time_ns, int64_t place) {
    if (place < 1) return Reading::OUTLIER;
    if (place > 2 && !freewheel_) return first(time_ns);
    follower.follow(time_ns, place);
    pulses += place;
    return place == 1 ? Reading::NEXT : Reading::MISSED;
}

bool PulseCount::is_new_tempo(int64_t time_ns) {
    return is_even(time_ns, 3, false) || is_even(time_ns, 2, true);
}

bool PulseCount::is_even(int64_t time_ns, int intervals, bool slower) {
    if (edge_count_ < intervals) return false;
    const Edge* edges = edges_ + edge_count_ - intervals;
    int64_t longest_ns = 0;
    int64_t shortest_ns = INT64_MAX;
    for (int i = 0; i < intervals; ++i) {
        const int64_t later_ns = i + 1 < intervals ? edges[i + 1].time_ns : time_ns;
        longest_ns = greatest(longest_ns, later_ns - edges[i].time_ns);
        shortest_ns = least(shortest_ns, later_ns - edges[i].time_ns);
    }
    const int64_t mean_ns = floor_div(time_ns - edges[0].time_ns, intervals);
    const int64_t period_ns = follower.period_ns;
    const bool far = slower ? 2 * mean_ns > 3 * period_ns : 10 * mean_ns < 7 * period_ns;
    const bool even = 4 * (longest_ns - shortest_ns) <= mean_ns;
    if (!far || !even || mean_ns < closest_ns_) return false;
    const int64_t counted = edges[0].pulses + intervals;
    follower.restart(time_ns, mean_ns);
    pulses = freewheel_ ? greatest(counted, pulses + 1) : counted;
    return true;
}

}  // namespace exnihilo
