// Which pulse an edge is (firmware's pulse count).
#pragma once

#include "phase_lock.h"

namespace exnihilo {

enum class Reading {
    NEXT,       // the pulse after the last
    MISSED,     // a pulse after others that did not come
    DOUBLED,    // the last pulse again; ignored
    OUTLIER,    // at no place where a pulse can be; ignored
    RECOUNTED,  // a new tempo's, in whose light the last few edges have other numbers
    FIRST,      // the first one, or the first after a long pause
};

// Counts the pulses behind the edges, and keeps the follower that knows their tempo.
class PulseCount {
public:
    PulseCount() = default;
    PulseCount(Follower follower_, int ppqn, bool freewheel, bool exact);

    // Forgets the edges; the tempo is remembered, not trusted.
    void rest();
    Reading read(int64_t time_ns);

    int64_t pulses = 0;
    bool locked = false;
    Follower follower;

private:
    struct Edge {
        int64_t time_ns;
        int64_t pulses;
    };

    const Edge& last() const { return edges_[edge_count_ - 1]; }
    Reading first(int64_t time_ns);
    Reading next(int64_t time_ns);
    Reading by_time(int64_t time_ns);
    int64_t places(int64_t time_ns) const;
    Reading early(int64_t time_ns);
    Reading by_place(int64_t time_ns, int64_t place);
    bool is_new_tempo(int64_t time_ns);
    bool is_even(int64_t time_ns, int intervals, bool slower);

    bool freewheel_ = false;
    bool exact_ = false;
    int64_t closest_ns_ = 0;
    Edge edges_[4] = {};
    int edge_count_ = 0;
    int64_t counted_ns_ = 0;
};

}  // namespace exnihilo
