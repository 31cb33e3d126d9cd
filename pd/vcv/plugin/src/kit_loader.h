// Loads kits on a thread of its own, and follows the kit that a home folder plays.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "kit_exchange.h"

namespace plugin {

class KitLoader {
public:
    // Gives what it loads to `exchange`, which must outlive this.
    explicit KitLoader(KitExchange& exchange);
    ~KitLoader();
    KitLoader(const KitLoader&) = delete;
    KitLoader& operator=(const KitLoader&) = delete;

    // Loads the kit in a folder soon; a request that has not begun yet is forgotten.
    void load(const std::string& folder);
    // Loads whatever kit plays in a home folder, now and after every push; "" follows none.
    void follow(const std::string& home);
    // Waits until nothing is left to load.
    void wait();

    std::string followed() const;
    // Why the last request was refused; "" if it was not.
    std::string reason() const;
    // What the display shows; null before the first kit.
    std::shared_ptr<const KitPicture> picture() const;
    // The files of the last kit, to be kept in a patch; null before the first kit.
    std::shared_ptr<const KitFiles> files() const;

private:
    void run();
    void load_now(const std::string& folder);
    bool has_changed(const std::string& home);

    KitExchange& exchange_;
    mutable std::mutex mutex_;
    std::condition_variable wakes_;
    std::condition_variable rests_;
    bool ends_ = false;
    bool is_busy_ = false;
    std::string wanted_;
    std::string followed_;
    std::string reason_;
    std::shared_ptr<const KitPicture> picture_;
    std::shared_ptr<const KitFiles> files_;
    // The manifest that the followed home had last.
    std::vector<uint8_t> manifest_;
    std::thread thread_;
};

}  // namespace plugin
