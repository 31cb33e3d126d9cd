// The decoder for hosts in other languages: plain functions over memory that the host gives.
#include "decoder.h"

namespace {

struct Model {
    exnihilo::Network network;
    exnihilo::Decoder decoder;
};

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT uint32_t exnihilo_model_bytes() { return sizeof(Model); }

// Reads a decoder file of `size` bytes, which must stay where it is, with as much scratch
// memory. Gives null, or why it is refused.
EXPORT const char* exnihilo_model_begin(Model* model, const uint8_t* data, uint32_t size,
                                        uint8_t* scratch) {
    const char* reason = exnihilo::read_network(data, size, scratch, model->network);
    if (reason == nullptr) model->decoder.begin(model->network);
    return reason;
}

EXPORT int32_t exnihilo_model_latents(const Model* model) { return model->network.latents(); }
EXPORT int32_t exnihilo_model_width(const Model* model) { return model->network.width(); }

EXPORT int32_t exnihilo_model_quantisation(const Model* model) {
    return static_cast<int32_t>(model->network.quantisation);
}

EXPORT void exnihilo_model_run(const Model* model, const double* latents, float* outputs) {
    model->decoder.run(latents, outputs);
}
