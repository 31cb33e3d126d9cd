#include "loaded_kit.h"

namespace plugin {
namespace {

constexpr size_t MODEL_BYTES_MAX = 16u << 20;
// Where the controls beyond X and Y rest while a map is computed.
constexpr double REST = 0.5;

std::vector<VoiceMap::Loop> loops_of(const exnihilo::KitVoice& voice) {
    std::vector<VoiceMap::Loop> loops;
    for (exnihilo::Json point = voice.training_points().first();
         point.kind() != exnihilo::JsonKind::NONE; point = point.next()) {
        double x = 0;
        double y = 0;
        const exnihilo::Json first = point.first();
        if (first.number(x) && first.next().number(y)) {
            loops.push_back({static_cast<float>(x), static_cast<float>(y)});
        }
    }
    return loops;
}

void draw(const exnihilo::KitVoice& voice, VoiceMap& map) {
    exnihilo::Pattern pattern;
    for (int row = 0; row < MAP_SIZE; ++row) {
        for (int column = 0; column < MAP_SIZE; ++column) {
            const double place[exnihilo::LATENTS_MAX] = {
                column / (MAP_SIZE - 1.0), row / (MAP_SIZE - 1.0), REST, REST};
            voice.decode(place, pattern);
            for (int step = 0; step < exnihilo::STEPS; ++step) {
                map.onset[row][column][step] =
                    static_cast<uint8_t>(pattern.onset[step] * 255 + 0.5);
            }
        }
    }
}

}  // namespace

std::unique_ptr<LoadedKit> LoadedKit::read(const std::string& folder, std::string& reason) {
    auto files = std::make_shared<KitFiles>();
    std::vector<uint8_t> bytes;
    if (!read_file(folder + "/manifest.json", exnihilo::MANIFEST_BYTES_MAX, bytes)) {
        reason = "no kit: manifest.json cannot be read";
        return nullptr;
    }
    files->manifest.assign(bytes.begin(), bytes.end());
    auto loaded = std::make_unique<LoadedKit>();
    exnihilo::Kit& kit = loaded->kit_;
    if (const char* why = kit.begin(files->manifest.data(), files->manifest.size())) {
        reason = why;
        return nullptr;
    }
    files->models.reserve(static_cast<size_t>(kit.voice_count()));
    for (int i = 0; i < kit.voice_count(); ++i) {
        const std::string name = kit.voice(i).file();
        if (!read_file(folder + "/" + name, MODEL_BYTES_MAX, bytes)) {
            reason = name + ": cannot be read";
            return nullptr;
        }
        files->models.push_back({name, bytes});
        std::vector<uint8_t> scratch(bytes.size());
        const std::vector<uint8_t>& kept = files->models.back().bytes;
        if (const char* why = kit.voice(i).load(kept.data(), kept.size(), scratch.data())) {
            reason = name + ": " + why;
            return nullptr;
        }
    }
    loaded->files_ = files;
    return loaded;
}

KitPicture::KitPicture(LoadedKit& kit) : name(kit.name()) {
    for (int i = 0; i < VOICES; ++i) {
        draw(kit.voice(i), voices[i]);
        voices[i].loops = loops_of(kit.voice(i));
    }
}

}  // namespace plugin
