// Reads decoder files from standard input, each after its length in four bytes, and writes a
// character for each: 1 where the core accepts it and its outputs lie in 0..1, 0 where it
// refuses it. Built with sanitizers, so that no file makes the core read or compute wrongly.
#include <stdio.h>

#include <vector>

#include "decoder.h"

int main() {
    uint32_t size;
    static exnihilo::Network network;
    static exnihilo::Decoder decoder;
    while (fread(&size, sizeof size, 1, stdin) == 1) {
        // Allocated anew, so that a read beyond the end is seen.
        std::vector<uint8_t> data(size), scratch(size);
        if (size > 0 && fread(data.data(), size, 1, stdin) != 1) return 1;
        if (exnihilo::read_network(data.data(), size, scratch.data(), network) != nullptr) {
            putchar('0');
            continue;
        }
        decoder.begin(network);
        const double latents[4] = {0.5, -0.25, 1e6, -1e6};
        float outputs[exnihilo::OUTPUTS_WIDTH_MAX];
        decoder.run(latents, outputs);
        for (int i = 0; i < network.width(); ++i) {
            if (!(outputs[i] >= 0 && outputs[i] <= 1)) return 1;
        }
        putchar('1');
    }
    return 0;
}
