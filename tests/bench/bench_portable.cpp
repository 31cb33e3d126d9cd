// Times the portable core: `bench_portable model FILE` or `bench_portable engine STATE_FILE`.
#include <stdio.h>
#include <string.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <vector>

#include "decoder.h"
#include "engine.h"

using Clock = std::chrono::steady_clock;

static double us_since(Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

static void time_model(const std::vector<uint8_t>& data) {
    static exnihilo::Network network;
    static exnihilo::Decoder decoder;
    std::vector<uint8_t> scratch(data.size());
    double read_us = 1e9, run_us = 1e9;
    float outputs[exnihilo::OUTPUTS_WIDTH_MAX];
    double latents[exnihilo::LATENTS_MAX] = {0.3, -0.4, 0.2, 0.1};
    for (int turn = 0; turn < 2000; ++turn) {
        auto start = Clock::now();
        exnihilo::read_network(data.data(), data.size(), scratch.data(), network);
        read_us = std::min(read_us, us_since(start));
        decoder.begin(network);
        start = Clock::now();
        for (int i = 0; i < 10; ++i) {
            latents[0] += 1e-4;
            decoder.run(latents, outputs);
        }
        run_us = std::min(run_us, us_since(start) / 10);
    }
    printf("%f %f\n", read_us, run_us);
}

// Plays a minute in blocks of 512 frames at 48 kHz and prints its share of real time.
static void time_engine(const std::vector<uint8_t>& data) {
    static exnihilo::Engine engine;
    static exnihilo::EngineState state;
    memcpy(&state, data.data(), sizeof state);
    engine.set_state(state, 0);
    const int64_t blocks = 60 * 48'000 / 512;
    const auto start = Clock::now();
    for (int64_t block = 1; block <= blocks; ++block) {
        const int64_t end_ns = block * 512 * 1'000'000'000 / 48'000;
        for (;;) {
            const int64_t due_ns = engine.next_deadline_ns();
            if (due_ns == exnihilo::NEVER || due_ns > end_ns) break;
            engine.advance(due_ns);
        }
    }
    printf("%f\n", us_since(start) / 60e6);
}

int main(int, char** arguments) {
    std::ifstream file(arguments[2], std::ios::binary);
    const std::vector<uint8_t> data((std::istreambuf_iterator<char>(file)), {});
    if (strcmp(arguments[1], "model") == 0) {
        time_model(data);
    } else {
        time_engine(data);
    }
}
