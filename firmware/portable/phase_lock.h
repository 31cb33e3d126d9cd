// Where the pulses of an external clock lie in time (firmware's phase lock).
#pragma once

#include "numbers.h"

namespace exnihilo {

// Follows edges. At 4 ppqn and below the phase is the edge and the period the mean of the last
// two intervals, or half the median of the last pairs; above, a second-order loop takes the
// jitter out of the edges, with gains that narrow as more of them agree.
class Follower {
public:
    Follower() = default;
    Follower(bool on_edge, int64_t period_ns);

    // How long after the last pulse the next is to be thought missed.
    int64_t late_ns() const;
    // Begins anew at an edge, with what is believed of the period.
    void restart(int64_t time_ns, int64_t period_ns);
    // Takes the edge that lies `pulses` (1 or more) after the last.
    void follow(int64_t time_ns, int64_t pulses);

    int64_t phase_ns = 0;
    int64_t period_ns = 0;

private:
    struct Edge {
        int64_t time_ns;
        int64_t pulses;
    };

    void follow_edge(int64_t time_ns, int64_t pulses);
    void follow_line(int64_t time_ns, int64_t pulses);
    int64_t median_period_ns() const;
    int64_t cut(int64_t error_ns) const;
    int64_t expected_ns() const;
    bool leans(int64_t error_ns);
    void begin_anew();

    bool on_edge_ = true;
    // Of the edge follower: the last four intervals, oldest first.
    int64_t intervals_ns_[4] = {};
    int interval_count_ = 0;
    // Of the loop.
    int64_t edges_ = 1;
    int64_t lean_ns_ = 0;
    int64_t error_ns_ = 0;
    int64_t jitter_ns_ = 0;
    Edge recent_[3] = {};
    int recent_count_ = 0;
};

}  // namespace exnihilo
