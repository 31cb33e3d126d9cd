// The engine for hosts in other languages: plain functions over memory that the host gives.
#include "engine.h"

namespace {

struct Memory {};

}  // namespace

inline void* operator new(size_t, void* at, Memory) noexcept { return at; }

using exnihilo::Engine;
using exnihilo::EngineState;
using exnihilo::Output;

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT uint32_t exnihilo_engine_bytes() { return sizeof(Engine); }
EXPORT void exnihilo_engine_begin(void* memory) { new (memory, Memory{}) Engine; }

EXPORT void exnihilo_engine_set_state(Engine* engine, const EngineState* state, int64_t now_ns) {
    engine->set_state(*state, now_ns);
}

EXPORT void exnihilo_engine_pulse(Engine* engine, int64_t time_ns) { engine->pulse(time_ns); }
EXPORT void exnihilo_engine_reset(Engine* engine, int64_t time_ns) { engine->reset(time_ns); }

// Gives how many outputs there are to read.
EXPORT int32_t exnihilo_engine_panic(Engine* engine, int64_t now_ns) {
    engine->panic(now_ns);
    return engine->output_count();
}

// Gives how many outputs there are to read; to be called again while the engine is full.
EXPORT int32_t exnihilo_engine_advance(Engine* engine, int64_t now_ns) {
    engine->advance(now_ns);
    return engine->output_count();
}

EXPORT const Output* exnihilo_engine_outputs(const Engine* engine) { return engine->outputs(); }
EXPORT int32_t exnihilo_engine_full(const Engine* engine) { return engine->full(); }

EXPORT int64_t exnihilo_engine_next_deadline_ns(const Engine* engine) {
    return engine->next_deadline_ns();
}

EXPORT int32_t exnihilo_engine_running(const Engine* engine) { return engine->running(); }
EXPORT int32_t exnihilo_engine_locked(const Engine* engine) { return engine->locked(); }
EXPORT int64_t exnihilo_engine_milli_bpm(const Engine* engine) { return engine->milli_bpm(); }
EXPORT int64_t exnihilo_engine_tick(const Engine* engine) { return engine->tick(); }
EXPORT int64_t exnihilo_engine_dropped(const Engine* engine) { return engine->dropped(); }

EXPORT int32_t exnihilo_engine_step(const Engine* engine, int32_t voice) {
    return engine->step(voice);
}
