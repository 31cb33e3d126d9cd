#include "display.h"

namespace plugin {
namespace {

constexpr float MARGIN = 2;
constexpr float ROW = 6;
constexpr float BAR = 3;
// The map is shaded anew when the threshold moves by one of so many steps.
constexpr int SHADES = 32;

const NVGcolor COLOURS[VOICES] = {nvgRGB(0xf3, 0x37, 0x4b), nvgRGB(0xff, 0xb4, 0x37),
                                  nvgRGB(0x00, 0xb5, 0x6e)};
const NVGcolor INK = nvgRGB(0xf2, 0xef, 0xe6);

void rectangle(NVGcontext* vg, float x, float y, float width, float height, NVGcolor colour) {
    nvgBeginPath(vg);
    nvgRect(vg, x, y, width, height);
    nvgFillColor(vg, colour);
    nvgFill(vg);
}

void dot(NVGcontext* vg, float x, float y, float radius, NVGcolor colour) {
    nvgBeginPath(vg);
    nvgCircle(vg, x, y, radius);
    nvgFillColor(vg, colour);
    nvgFill(vg);
}

int sounding(const uint8_t* onset, float threshold) {
    int count = 0;
    for (int step = 0; step < exnihilo::STEPS; ++step) count += onset[step] > threshold * 255;
    return count;
}

}  // namespace

Display::~Display() { forget_image(); }

void Display::onContextDestroy(const ContextDestroyEvent& event) {
    forget_image();
    Widget::onContextDestroy(event);
}

void Display::forget_image() {
    if (image_ >= 0) nvgDeleteImage(APP->window->vg, image_);
    image_ = -1;
    drawn_.reset();
}

void Display::drawLayer(const DrawArgs& args, int layer) {
    if (layer == 1) {
        const float size = box.size.y - VOICES * ROW - 2 * MARGIN;
        nvgSave(args.vg);
        nvgTranslate(args.vg, MARGIN, MARGIN);
        const std::shared_ptr<const KitPicture> picture =
            module != nullptr ? module->loader().picture() : nullptr;
        const int selected = module != nullptr ? module->monitor().selected.load() : 0;
        if (picture) draw_map(args.vg, *picture, selected, size);
        draw_words(args.vg, picture.get(), size);
        for (int voice = 0; voice < VOICES && module != nullptr; ++voice) {
            const float width = box.size.x - 2 * MARGIN;
            draw_pattern(args.vg, voice, {0, size + voice * ROW, width, ROW - 1});
        }
        nvgRestore(args.vg);
    }
    Widget::drawLayer(args, layer);
}

void Display::draw_map(NVGcontext* vg, const KitPicture& picture, int voice, float size) {
    update_map(vg, picture, voice);
    nvgBeginPath(vg);
    nvgRect(vg, 0, 0, size, size);
    nvgFillPaint(vg, nvgImagePattern(vg, 0, 0, size, size, 0, image_, 1));
    nvgFill(vg);
    // The foot of the picture is Y = 0.
    for (const VoiceMap::Loop& loop : picture.voices[voice].loops) {
        dot(vg, loop.x * size, (1 - loop.y) * size, 0.6f, nvgTransRGBA(INK, 0x90));
    }
    const float x = module->monitor().voices[voice].x * size;
    const float y = (1 - module->monitor().voices[voice].y) * size;
    nvgBeginPath(vg);
    nvgMoveTo(vg, x, 0);
    nvgLineTo(vg, x, size);
    nvgMoveTo(vg, 0, y);
    nvgLineTo(vg, size, y);
    nvgStrokeColor(vg, nvgTransRGBA(INK, 0x50));
    nvgStrokeWidth(vg, 0.5f);
    nvgStroke(vg);
    dot(vg, x, y, 2, INK);
    dot(vg, x, y, 1.2f, COLOURS[voice]);
}

// Shades the map by how many steps sound; the densest place is the brightest.
void Display::update_map(NVGcontext* vg, const KitPicture& picture, int voice) {
    const float threshold = module->monitor().voices[voice].threshold;
    const int shade = static_cast<int>(threshold * SHADES);
    if (drawn_.get() == &picture && drawn_voice_ == voice && drawn_threshold_ == shade) return;
    drawn_ = module->loader().picture();
    drawn_voice_ = voice;
    drawn_threshold_ = shade;
    int counts[MAP_SIZE][MAP_SIZE];
    int densest = 1;
    for (int row = 0; row < MAP_SIZE; ++row) {
        for (int column = 0; column < MAP_SIZE; ++column) {
            counts[row][column] = sounding(picture.voices[voice].onset[row][column], threshold);
            densest = std::max(densest, counts[row][column]);
        }
    }
    uint8_t pixels[MAP_SIZE][MAP_SIZE][4];
    const NVGcolor colour = COLOURS[voice];
    for (int row = 0; row < MAP_SIZE; ++row) {
        for (int column = 0; column < MAP_SIZE; ++column) {
            const float bright = 230.f * counts[MAP_SIZE - 1 - row][column] / densest;
            uint8_t* pixel = pixels[row][column];
            pixel[0] = static_cast<uint8_t>(colour.r * bright);
            pixel[1] = static_cast<uint8_t>(colour.g * bright);
            pixel[2] = static_cast<uint8_t>(colour.b * bright);
            pixel[3] = 0xff;
        }
    }
    if (image_ < 0) {
        image_ = nvgCreateImageRGBA(vg, MAP_SIZE, MAP_SIZE, NVG_IMAGE_NEAREST, pixels[0][0]);
    } else {
        nvgUpdateImage(vg, image_, pixels[0][0]);
    }
}

// A column a step, as high as its probability; bright where it sounds, white where it plays.
void Display::draw_pattern(NVGcontext* vg, int voice, rack::math::Rect area) {
    const VoiceMonitor& shown = module->monitor().voices[voice];
    const float width = area.size.x / exnihilo::STEPS;
    const int length = shown.length;
    const int step_now = shown.step;
    const float threshold = shown.threshold;
    for (int step = 0; step < length; ++step) {
        const float onset = shown.onset[step];
        const bool sounds = onset > threshold && !shown.is_muted;
        const float height = std::max(onset * area.size.y, 0.5f);
        const float x = area.pos.x + step * width;
        const NVGcolor colour = step == step_now ? INK : COLOURS[voice];
        rectangle(vg, x, area.pos.y + area.size.y - height, width - 0.5f, height,
                  nvgTransRGBA(colour, sounds ? 0xff : 0x60));
    }
    if (step_now >= 0) {
        rectangle(vg, area.pos.x + step_now * width, area.pos.y + area.size.y, width - 0.5f, 0.7f,
                  INK);
    }
}

// Beside the map: the threshold, the voice, the tempo, and the kit or why it was refused.
void Display::draw_words(NVGcontext* vg, const KitPicture* picture, float size) {
    const std::shared_ptr<rack::window::Font> font =
        APP->window->loadFont(rack::asset::system("res/fonts/DejaVuSans.ttf"));
    if (!font || font->handle < 0) return;
    const int voice = module != nullptr ? module->monitor().selected.load() : 0;
    const float threshold =
        module != nullptr ? module->monitor().voices[voice].threshold.load() : 0.5f;
    const float left = size + MARGIN;
    rectangle(vg, left, 0, BAR, size, nvgTransRGBA(INK, 0x20));
    rectangle(vg, left, size * (1 - threshold) - 0.5f, BAR, 1, INK);
    const float x = left + BAR + MARGIN;
    nvgFontFaceId(vg, font->handle);
    nvgTextAlign(vg, NVG_ALIGN_LEFT | NVG_ALIGN_TOP);
    nvgFontSize(vg, 15);
    nvgFillColor(vg, COLOURS[voice]);
    nvgText(vg, x, -1, rack::string::f("%d", voice + 1).c_str(), nullptr);
    nvgFontSize(vg, 8);
    nvgFillColor(vg, INK);
    if (module != nullptr) {
        const float tempo = module->monitor().milli_bpm / 1000.f;
        nvgText(vg, x + 13, 4, rack::string::f("%.1f", tempo).c_str(), nullptr);
    }
    const std::string reason = module != nullptr ? module->loader().reason() : "";
    const std::string name = picture != nullptr ? picture->name : "drop a kit here";
    nvgFontSize(vg, 7);
    const float width = box.size.x - 2 * MARGIN - x;
    nvgTextBox(vg, x, 17, width, (reason.empty() ? name : reason).c_str(), nullptr);
}

}  // namespace plugin
