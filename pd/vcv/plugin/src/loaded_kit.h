// A kit in memory: what the audio thread decodes with, and what the display shows of it.
#pragma once

#include <memory>

#include "kit.h"
#include "kit_files.h"
#include "parameters.h"

namespace plugin {

// A kit and the bytes that it was read from, which it goes on reading.
class LoadedKit {
public:
    // Reads and verifies the kit in a folder; null with a reason where it is refused.
    static std::unique_ptr<LoadedKit> read(const std::string& folder, std::string& reason);

    const std::shared_ptr<const KitFiles>& files() const { return files_; }
    const char* name() const { return kit_.name(); }
    // The decoder of a voice; if the kit has fewer, voices share them in turn.
    exnihilo::KitVoice& voice(int index) { return kit_.voice(index % kit_.voice_count()); }

private:
    std::shared_ptr<const KitFiles> files_;
    exnihilo::Kit kit_;
};

constexpr int MAP_SIZE = 32;

// How many steps sound where on a voice's map, and the loops that it was trained on.
struct VoiceMap {
    struct Loop {
        float x;
        float y;
    };

    // Of all steps at a place, row by row of Y.
    uint8_t onset[MAP_SIZE][MAP_SIZE][exnihilo::STEPS];
    std::vector<Loop> loops;
};

// What the display shows of a kit; nothing of it changes any more.
struct KitPicture {
    explicit KitPicture(LoadedKit& kit);

    std::string name;
    VoiceMap voices[VOICES];
};

}  // namespace plugin
