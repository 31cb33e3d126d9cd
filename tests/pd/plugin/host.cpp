// The Rack module without Rack as plain functions, with its allocations counted.
#include <cstdlib>
#include <new>

#include "kit_loader.h"
#include "performer.h"

namespace {

thread_local bool is_playing = false;
int64_t allocations = 0;

void* counted(std::size_t size) {
    if (is_playing) ++allocations;
    void* memory = std::malloc(size);
    if (memory == nullptr) std::abort();
    return memory;
}

struct Host {
    plugin::Performer performer;
    plugin::KitLoader loader{performer.kits()};
    std::string reason;
};

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept {
    if (is_playing) ++allocations;
    std::free(memory);
}
void operator delete[](void* memory) noexcept { operator delete(memory); }
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }
void operator delete[](void* memory, std::size_t) noexcept { operator delete(memory); }

extern "C" {

Host* host_new(double rate_hz) {
    Host* host = new Host;
    host->performer.set_sample_rate(rate_hz);
    return host;
}

void host_delete(Host* host) { delete host; }

// Gives why the kit is refused; "" if it is not.
const char* host_load(Host* host, const char* folder) {
    host->loader.load(folder);
    host->loader.wait();
    host->reason = host->loader.reason();
    return host->reason.c_str();
}

void host_follow(Host* host, const char* home) { host->loader.follow(home); }

bool host_save(Host* host, const char* folder) {
    const auto files = host->loader.files();
    return files && plugin::write_files(*files, folder);
}

const char* host_kit(Host* host) {
    const auto picture = host->loader.picture();
    host->reason = picture ? picture->name : "";
    return host->reason.c_str();
}

int host_loops(Host* host, int voice) {
    return static_cast<int>(host->loader.picture()->voices[voice].loops.size());
}

const uint8_t* host_map(Host* host, int voice) {
    return &host->loader.picture()->voices[voice].onset[0][0][0];
}

void host_select(Host* host, int voice) { host->performer.monitor().selected = voice; }
int host_selected(Host* host) { return host->performer.monitor().selected; }
int host_step(Host* host, int voice) { return host->performer.monitor().voices[voice].step; }

void host_onset(Host* host, int voice, float* onset) {
    for (int i = 0; i < exnihilo::STEPS; ++i) {
        onset[i] = host->performer.monitor().voices[voice].onset[i];
    }
}

// Plays frames of 8 inputs (5 CVs, clock, reset, run) into frames of 13 outputs; gives how
// often memory was asked for or given back.
int64_t host_process(Host* host, const float* parameters, const float* inputs,
                     bool run_is_patched, int count, float* outputs) {
    allocations = 0;
    for (int frame = 0; frame < count; ++frame, inputs += 8, outputs += 13) {
        plugin::InputVolts jacks{{inputs[0], inputs[1], inputs[2], inputs[3], inputs[4]},
                                 inputs[5], inputs[6], inputs[7], run_is_patched};
        plugin::OutputVolts volts;
        is_playing = true;
        host->performer.process(parameters, jacks, volts);
        is_playing = false;
        for (int voice = 0; voice < plugin::VOICES; ++voice) {
            const plugin::VoiceVolts& levels = volts.voices[voice];
            float* out = outputs + 4 * voice;
            out[0] = levels.pitch;
            out[1] = levels.velocity;
            out[2] = levels.accent;
            out[3] = levels.gate;
        }
        outputs[12] = volts.clock;
    }
    return allocations;
}

}
