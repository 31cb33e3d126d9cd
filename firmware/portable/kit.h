// A kit (a bundle): its manifest, and the voices whose models fit it (firmware's bundle).
//
// The host reads the files; the kit says which, and refuses what does not fit with the reason.
#pragma once

#include "decoder.h"
#include "json.h"
#include "state.h"

namespace exnihilo {

constexpr int KNOTS_MAX = 129;
constexpr size_t MANIFEST_BYTES_MAX = 4u << 20;

// Latent values at evenly spaced knob positions from 0 to 1, rising.
struct KnobCurve {
    int count = 0;
    double knots[KNOTS_MAX];

    double at(double position) const;
};

class KitVoice {
public:
    // Reads a voice of the manifest, whose text must outlive this.
    Reason begin(Json voice);
    // Takes the voice's file, whose bytes must outlive this, with as much scratch memory; holds
    // it to its hash and its check points.
    Reason load(const uint8_t* data, size_t size, uint8_t* scratch);

    const char* file() const { return file_; }
    int latents() const { return latents_; }
    int heads() const { return heads_; }
    // Decodes at knob positions 0..1, one per latent.
    void decode(const double* position, Pattern& pattern) const;
    // All outputs at knob positions, `STEPS` for each head.
    void outputs(const double* position, float* values) const;
    // The loops that it was trained on, as pairs of knob positions.
    Json training_points() const { return voice_.member("training_points"); }

private:
    Reason read_curves();
    Reason check_points() const;

    Json voice_;
    char file_[64] = {};
    char sha256_[65] = {};
    double size_bytes_ = 0;
    double tolerance_ = 0;
    Quantisation quantisation_ = Quantisation::INT16X8;
    int heads_ = 0;
    int latents_ = 0;
    KnobCurve curves_[LATENTS_MAX];
    Decoder decoder_;
};

class Kit {
public:
    // Reads a manifest, whose text must outlive this.
    Reason begin(const char* manifest, size_t size);

    const char* name() const { return name_; }
    int voice_count() const { return voice_count_; }
    KitVoice& voice(int index) { return voices_[index]; }

private:
    char name_[64] = {};
    int voice_count_ = 0;
    KitVoice voices_[VOICES];
};

}  // namespace exnihilo
