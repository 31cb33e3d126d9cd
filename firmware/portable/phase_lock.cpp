#include "phase_lock.h"

namespace exnihilo {
namespace {

constexpr int64_t EDGES_MAX = 96;

// Adds an item to the end of a short list; the oldest falls out.
template <typename T> void append(T* items, int& count, int count_max, T item) {
    if (count == count_max) {
        for (int i = 1; i < count_max; ++i) items[i - 1] = items[i];
        --count;
    }
    items[count++] = item;
}

}  // namespace

Follower::Follower(bool on_edge, int64_t period) : on_edge_(on_edge) { restart(0, period); }

int64_t Follower::late_ns() const {
    if (!on_edge_) return period_ns;
    int64_t longest_ns = period_ns;
    for (int i = greatest(0, interval_count_ - 2); i < interval_count_; ++i) {
        longest_ns = greatest(longest_ns, intervals_ns_[i]);
    }
    return floor_div(13 * longest_ns, 10);
}

void Follower::restart(int64_t time_ns, int64_t period) {
    phase_ns = time_ns;
    period_ns = period;
    interval_count_ = 0;
    edges_ = 1;
    lean_ns_ = error_ns_ = 0;
    jitter_ns_ = floor_div(period, 16);
    recent_[0] = {time_ns, 0};
    recent_count_ = 1;
}

void Follower::follow(int64_t time_ns, int64_t pulses) {
    if (on_edge_) {
        follow_edge(time_ns, pulses);
    } else {
        follow_line(time_ns, pulses);
    }
}

void Follower::follow_edge(int64_t time_ns, int64_t pulses) {
    const int64_t interval_ns = floor_div(time_ns - phase_ns, pulses);
    for (int64_t i = 0; i < least<int64_t>(pulses, 2); ++i) {
        append(intervals_ns_, interval_count_, 4, interval_ns);
    }
    phase_ns = time_ns;
    period_ns = median_period_ns();
}

int64_t Follower::median_period_ns() const {
    const int64_t last_ns = intervals_ns_[interval_count_ - 1];
    if (interval_count_ < 2) return last_ns;
    const int64_t before_ns = intervals_ns_[interval_count_ - 2];
    if (16 * magnitude(last_ns - before_ns) <= last_ns) return floor_div(before_ns + last_ns, 2);
    int64_t pairs[3];
    const int count = interval_count_ - 1;
    for (int i = 0; i < count; ++i) pairs[i] = intervals_ns_[i] + intervals_ns_[i + 1];
    const int64_t low = least(pairs[0], pairs[count > 1 ? 1 : 0]);
    if (count < 3) return floor_div(low, 2);
    const int64_t high = greatest(pairs[0], pairs[1]);
    return floor_div(greatest(low, least(high, pairs[2])), 2);
}

void Follower::follow_line(int64_t time_ns, int64_t pulses) {
    append(recent_, recent_count_, 3, Edge{time_ns, pulses});
    const int64_t predicted_ns = phase_ns + pulses * period_ns;
    const int64_t error_ns = cut(time_ns - predicted_ns);
    if (leans(error_ns)) {
        begin_anew();
        return;
    }
    const int64_t k = edges_ = least(edges_ + 1, EDGES_MAX);
    phase_ns = predicted_ns + floor_div(error_ns * 2 * (2 * k - 1), k * (k + 1));
    period_ns += floor_div(error_ns * 6, k * (k + 1) * pulses);
}

int64_t Follower::cut(int64_t error_ns) const {
    if (edges_ < 8) return error_ns;
    const int64_t bound_ns = 5 * expected_ns();
    return least(greatest(error_ns, -bound_ns), bound_ns);
}

int64_t Follower::expected_ns() const { return greatest(jitter_ns_, floor_div(period_ns, 128)); }

bool Follower::leans(int64_t error_ns) {
    jitter_ns_ += floor_div(magnitude(error_ns - error_ns_) - jitter_ns_, 16);
    error_ns_ = error_ns;
    lean_ns_ += floor_div(error_ns - lean_ns_, 4);
    return 2 * magnitude(lean_ns_) > 3 * expected_ns();
}

void Follower::begin_anew() {
    int64_t pulses = 0;
    for (int i = 1; i < recent_count_; ++i) pulses += recent_[i].pulses;
    phase_ns = recent_[recent_count_ - 1].time_ns;
    period_ns = floor_div(phase_ns - recent_[0].time_ns, pulses);
    edges_ = recent_count_;
}

}  // namespace exnihilo
