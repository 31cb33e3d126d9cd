// Plays on one thread while another loads kits again and again, for the thread sanitizer.
#include <cstdio>

#include "kit_loader.h"
#include "performer.h"

int main(int count, char** folders) {
    plugin::Performer performer;
    plugin::KitLoader loader(performer.kits());
    performer.set_sample_rate(48'000);
    std::atomic<bool> ends{false};
    std::thread player([&] {
        const plugin::InputVolts inputs{};
        plugin::OutputVolts outputs;
        while (!ends) performer.process(plugin::DEFAULTS, inputs, outputs);
    });
    int shown = 0;
    for (int turn = 0; turn < 4; ++turn) {
        loader.load(folders[1 + turn % (count - 1)]);
        if (turn % 2 != 0) loader.wait();
        const auto picture = loader.picture();
        shown += picture ? 1 : 0;
    }
    loader.wait();
    ends = true;
    player.join();
    std::printf("%s, %d\n", loader.picture()->name.c_str(), shown > 0);
    return 0;
}
