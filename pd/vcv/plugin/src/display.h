// The display: map, loops, cursor, the patterns of all voices and their playheads.
#pragma once

#include "module.h"

namespace plugin {

struct Display : rack::widget::Widget {
    // Null in the module browser.
    RhythmModule* module = nullptr;

    ~Display() override;
    void drawLayer(const DrawArgs& args, int layer) override;
    void onContextDestroy(const ContextDestroyEvent& event) override;

private:
    void draw_map(NVGcontext* vg, const KitPicture& picture, int voice, float size);
    void update_map(NVGcontext* vg, const KitPicture& picture, int voice);
    void draw_pattern(NVGcontext* vg, int voice, rack::math::Rect area);
    void draw_words(NVGcontext* vg, const KitPicture* picture, float size);
    void forget_image();

    int image_ = -1;
    std::shared_ptr<const KitPicture> drawn_;
    int drawn_voice_ = -1;
    int drawn_threshold_ = -1;
};

}  // namespace plugin
