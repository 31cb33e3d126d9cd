// Hands kits to the audio thread and back without a lock.
#pragma once

#include <atomic>
#include <memory>

#include "loaded_kit.h"

namespace plugin {

// One kit on its way to the audio thread and one on its way back. `offer` and `collect` are the
// loader's, `take` the audio thread's.
class KitExchange {
public:
    ~KitExchange() {
        delete offered_.load();
        delete returned_.load();
        delete playing_;
    }

    // Offers a kit; one that was offered before and not taken is dropped.
    void offer(std::unique_ptr<LoadedKit> kit) {
        delete offered_.exchange(kit.release(), std::memory_order_acq_rel);
        collect();
    }

    // Frees the kit that the audio thread has given back, if there is one.
    void collect() { delete returned_.exchange(nullptr, std::memory_order_acq_rel); }

    // Takes the offered kit, if there is one and the last one given back was collected; gives
    // whether another kit plays now.
    bool take() {
        if (offered_.load(std::memory_order_relaxed) == nullptr) return false;
        if (returned_.load(std::memory_order_relaxed) != nullptr) return false;
        LoadedKit* kit = offered_.exchange(nullptr, std::memory_order_acq_rel);
        if (kit == nullptr) return false;
        returned_.store(playing_, std::memory_order_release);
        playing_ = kit;
        return true;
    }

    // What the audio thread plays; null before the first kit.
    LoadedKit* playing() { return playing_; }

private:
    std::atomic<LoadedKit*> offered_{nullptr};
    std::atomic<LoadedKit*> returned_{nullptr};
    LoadedKit* playing_ = nullptr;
};

}  // namespace plugin
