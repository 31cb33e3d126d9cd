#include "engine.h"

namespace exnihilo {
namespace {

bool before(const Waiting& a, const Waiting& b) {
    if (a.time_ns != b.time_ns) return a.time_ns < b.time_ns;
    if (a.kind != b.kind) return a.kind < b.kind;
    return a.count < b.count;
}

void swap(Waiting& a, Waiting& b) {
    const Waiting held = a;
    a = b;
    b = held;
}

}  // namespace

bool WaitingHeap::push(const Waiting& item) {
    if (size_ == CAPACITY) return false;
    items_[size_] = item;
    items_[size_].count = ++count_;
    sift_up(size_++);
    return true;
}

Waiting WaitingHeap::pop() {
    const Waiting first = items_[0];
    items_[0] = items_[--size_];
    sift_down(0);
    return first;
}

void WaitingHeap::keep_outputs() {
    keep([](const Waiting& item) { return item.kind == WaitingKind::OUTPUT; });
}

void WaitingHeap::drop_stale(const int64_t* serials) {
    keep([serials](const Waiting& item) {
        const bool is_of_note =
            item.kind == WaitingKind::END || item.kind == WaitingKind::GLIDE;
        return !is_of_note || item.serial == serials[item.voice];
    });
}

template <typename Keeps> void WaitingHeap::keep(Keeps keeps) {
    int kept = 0;
    for (int i = 0; i < size_; ++i) {
        if (keeps(items_[i])) items_[kept++] = items_[i];
    }
    size_ = kept;
    for (int i = 1; i < size_; ++i) sift_up(i);
}

void WaitingHeap::sift_up(int index) {
    while (index > 0 && before(items_[index], items_[(index - 1) / 2])) {
        swap(items_[index], items_[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
}

void WaitingHeap::sift_down(int index) {
    for (;;) {
        int first = index;
        for (int child = 2 * index + 1; child <= 2 * index + 2; ++child) {
            if (child < size_ && before(items_[child], items_[first])) first = child;
        }
        if (first == index) return;
        swap(items_[index], items_[first]);
        index = first;
    }
}

}  // namespace exnihilo
