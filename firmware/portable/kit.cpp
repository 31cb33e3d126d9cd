#include "kit.h"

#include "network_limits.h"
#include "sha256.h"

namespace exnihilo {
namespace {

constexpr double TOLERANCE_MAX = 0.05;
constexpr int CHECK_POINTS_MIN = 16;
constexpr int CHECK_POINTS_MAX = 256;
// The offset head stands one half above the micro-timing, which is above minus one half.
constexpr double EARLIEST = 0.0001;

constexpr const char* QUANTISATIONS[] = {"int16x8", "weight-only", "float32"};
constexpr const char* HEADS[] = {"onset", "velocity", "offset"};

bool same(const char* a, const char* b) {
    while (*a != 0 && *a == *b) ++a, ++b;
    return *a == *b;
}

// A number within bounds.
bool number_in(Json value, double low, double high, double& number) {
    return value.number(number) && number >= low && number <= high;
}

bool is_whole(Json value, double low, double high) {
    double number;
    return number_in(value, low, high, number) && number == floor_of(number);
}

// A name of a file in the kit: no path, and a decoder.
bool is_model_file(const char* name) {
    size_t stem = 0;
    for (; name[stem] != 0 && name[stem] != '.'; ++stem) {
        const char c = name[stem];
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (stem == 0 || (c != '_' && c != '-'))) return false;
    }
    return stem >= 1 && stem <= 41 && same(name + stem, ".tflite");
}

bool is_hash(const char* digits) {
    int count = 0;
    for (; digits[count] != 0; ++count) {
        const char c = digits[count];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) return false;
    }
    return count == 64;
}

}  // namespace

double KnobCurve::at(double position) const {
    if (position <= 0.0) return knots[0];
    if (position >= 1.0) return knots[count - 1];
    const double scaled = position * (count - 1);
    const int index = static_cast<int>(scaled);
    return knots[index] + (knots[index + 1] - knots[index]) * (scaled - index);
}

Reason KitVoice::begin(Json voice) {
    voice_ = voice;
    if (!voice.member("file").text(file_, sizeof file_) || !is_model_file(file_)) {
        return "a voice without the name of its .tflite file";
    }
    if (!voice.member("sha256").text(sha256_, sizeof sha256_) || !is_hash(sha256_)) {
        return "a voice without the hash of its file";
    }
    if (!is_whole(voice.member("size_bytes"), 1, 16 << 20)) return "a file without its size";
    voice.member("size_bytes").number(size_bytes_);
    int known = -1;
    for (int i = 0; i < 3; ++i) {
        if (voice.member("quantisation").is_text(QUANTISATIONS[i])) known = i;
    }
    if (known < 0) return "an unknown quantisation";
    quantisation_ = static_cast<Quantisation>(known);
    heads_ = 0;
    for (Json head = voice.member("outputs").first(); head.kind() != JsonKind::NONE;
         head = head.next()) {
        if (heads_ == 3 || !head.is_text(HEADS[heads_])) return "unknown outputs";
        ++heads_;
    }
    if (heads_ == 0) return "unknown outputs";
    if (!number_in(voice.member("tolerance"), 0, TOLERANCE_MAX, tolerance_) || tolerance_ == 0) {
        return "a tolerance out of range";
    }
    return read_curves();
}

Reason KitVoice::read_curves() {
    latents_ = 0;
    for (Json curve = voice_.member("warp").first(); curve.kind() != JsonKind::NONE;
         curve = curve.next()) {
        if (latents_ == LATENTS_MAX) return "not 2 to 4 latents";
        KnobCurve& read = curves_[latents_++];
        read.count = 0;
        for (Json knot = curve.first(); knot.kind() != JsonKind::NONE; knot = knot.next()) {
            if (read.count == KNOTS_MAX) return "a knob curve with too many knots";
            double& value = read.knots[read.count];
            if (!number_in(knot, -LATENT_MAX, LATENT_MAX, value)) return "a latent out of range";
            if (read.count > 0 && !(read.knots[read.count - 1] < value)) {
                return "a knob curve does not rise";
            }
            ++read.count;
        }
        if (read.count < 2) return "a knob curve with too few knots";
    }
    if (latents_ < 2) return "not 2 to 4 latents";
    const int points = voice_.member("check_points").size();
    return points < CHECK_POINTS_MIN || points > CHECK_POINTS_MAX ? "not 16 to 256 check points"
                                                                  : nullptr;
}

Reason KitVoice::load(const uint8_t* data, size_t size, uint8_t* scratch) {
    char digits[65];
    if (static_cast<double>(size) != size_bytes_) return "does not have the size in the manifest";
    sha256_hex(data, size, digits);
    if (!same(digits, sha256_)) return "does not match its hash in the manifest";
    Network network;
    if (Reason reason = read_network(data, size, scratch, network)) return reason;
    if (network.quantisation != quantisation_) return "is quantised in another way";
    if (network.latents() != latents_ || network.width() != STEPS * heads_) {
        return "has other latents or outputs than the manifest says";
    }
    decoder_.begin(network);
    return check_points();
}

Reason KitVoice::check_points() const {
    for (Json point = voice_.member("check_points").first(); point.kind() != JsonKind::NONE;
         point = point.next()) {
        double position[LATENTS_MAX];
        int count = 0;
        for (Json item = point.member("position").first(); item.kind() != JsonKind::NONE;
             item = item.next(), ++count) {
            if (count == latents_ || !number_in(item, 0, 1, position[count])) {
                return "a check point has a wrong position";
            }
        }
        if (count != latents_) return "a check point has a wrong position";
        float values[OUTPUTS_WIDTH_MAX];
        outputs(position, values);
        count = 0;
        for (Json item = point.member("expected").first(); item.kind() != JsonKind::NONE;
             item = item.next(), ++count) {
            double expected;
            if (count == STEPS * heads_ || !number_in(item, 0, 1, expected)) {
                return "a check point has wrong outputs";
            }
            if (!(magnitude(values[count] - expected) <= tolerance_)) {
                return "computes other values than its check points";
            }
        }
        if (count != STEPS * heads_) return "a check point has wrong outputs";
    }
    return nullptr;
}

void KitVoice::outputs(const double* position, float* values) const {
    double latents[LATENTS_MAX];
    for (int i = 0; i < latents_; ++i) latents[i] = curves_[i].at(position[i]);
    decoder_.run(latents, values);
}

void KitVoice::decode(const double* position, Pattern& pattern) const {
    float values[OUTPUTS_WIDTH_MAX];
    outputs(position, values);
    for (int step = 0; step < STEPS; ++step) {
        pattern.onset[step] = values[step];
        pattern.velocity[step] = values[heads_ > 1 ? STEPS + step : step];
        const double late = heads_ > 2 ? values[2 * STEPS + step] : 0.5;
        pattern.offset[step] = greatest(late, EARLIEST) - 0.5;
    }
}

Reason Kit::begin(const char* manifest, size_t size) {
    voice_count_ = 0;
    if (size > MANIFEST_BYTES_MAX) return "a manifest larger than 4 MiB";
    if (!check_json(manifest, size)) return "a manifest that is not JSON";
    const char* at = manifest;
    while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t') ++at;
    const Json document(at, manifest + size);
    if (!document.member("format").is_text("exnihilo-bundle")) return "not a kit";
    if (!is_whole(document.member("version"), 1, 1)) return "another version of the format";
    if (!document.member("name").text(name_, sizeof name_)) return "a kit without a name";
    for (Json voice = document.member("voices").first(); voice.kind() != JsonKind::NONE;
         voice = voice.next()) {
        if (voice_count_ == VOICES) return "more than 3 voices";
        KitVoice& read = voices_[voice_count_];
        if (Reason reason = read.begin(voice)) return reason;
        for (int i = 0; i < voice_count_; ++i) {
            if (same(voices_[i].file(), read.file())) return "two voices name the same file";
        }
        ++voice_count_;
    }
    return voice_count_ == 0 ? "no voices" : nullptr;
}

}  // namespace exnihilo
