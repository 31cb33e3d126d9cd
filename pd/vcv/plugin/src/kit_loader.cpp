#include "kit_loader.h"

#include <chrono>

namespace plugin {
namespace {

// How often a followed home is looked at.
constexpr std::chrono::milliseconds PERIOD{500};
// The link in a home to the kit that plays.
constexpr const char* CURRENT = "/current";

}  // namespace

KitLoader::KitLoader(KitExchange& exchange)
    : exchange_(exchange), thread_([this] { run(); }) {}

KitLoader::~KitLoader() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        ends_ = true;
    }
    wakes_.notify_all();
    thread_.join();
}

void KitLoader::load(const std::string& folder) {
    const std::lock_guard<std::mutex> lock(mutex_);
    wanted_ = folder;
    wakes_.notify_all();
}

void KitLoader::follow(const std::string& home) {
    const std::lock_guard<std::mutex> lock(mutex_);
    followed_ = home;
    manifest_.clear();
    wakes_.notify_all();
}

void KitLoader::wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    rests_.wait(lock, [this] { return wanted_.empty() && !is_busy_; });
}

std::string KitLoader::followed() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return followed_;
}

std::string KitLoader::reason() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return reason_;
}

std::shared_ptr<const KitPicture> KitLoader::picture() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return picture_;
}

std::shared_ptr<const KitFiles> KitLoader::files() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return files_;
}

void KitLoader::run() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!ends_) {
        std::string folder;
        folder.swap(wanted_);
        const std::string home = followed_;
        is_busy_ = true;
        lock.unlock();
        exchange_.collect();
        if (!folder.empty()) load_now(folder);
        if (!home.empty() && has_changed(home)) load_now(home + CURRENT);
        lock.lock();
        is_busy_ = false;
        rests_.notify_all();
        if (!ends_ && wanted_.empty() && home == followed_) wakes_.wait_for(lock, PERIOD);
    }
}

bool KitLoader::has_changed(const std::string& home) {
    std::vector<uint8_t> manifest;
    const std::string path = home + CURRENT + "/manifest.json";
    if (!read_file(path, exnihilo::MANIFEST_BYTES_MAX, manifest)) return false;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (manifest == manifest_ || home != followed_) return false;
    manifest_ = manifest;
    return true;
}

void KitLoader::load_now(const std::string& folder) {
    std::string reason;
    std::unique_ptr<LoadedKit> kit = LoadedKit::read(folder, reason);
    std::shared_ptr<const KitPicture> picture;
    if (kit) picture = std::make_shared<KitPicture>(*kit);
    const std::lock_guard<std::mutex> lock(mutex_);
    reason_ = reason;
    if (!kit) return;
    picture_ = picture;
    files_ = kit->files();
    exchange_.offer(std::move(kit));
}

}  // namespace plugin
