// The whole of playing: clock, sequencer and voices under a given time (firmware's engine).
//
// `advance` is given the time and gathers what must be written now; `next_deadline_ns` says
// when to call again. Nothing is allocated: what waits stands in a heap of fixed size.
#pragma once

#include "clock_output.h"
#include "clock_source.h"

namespace exnihilo {

// What waits for its time; at equal times in this order, then in that of its coming.
enum class WaitingKind : uint8_t { END, NOTE_OFF, STEP_PLAYED, NOTE_ON, GLIDE, OUTPUT };

struct Waiting {
    int64_t time_ns;
    uint64_t count;
    WaitingKind kind;
    int8_t voice;
    uint8_t step;
    bool wrapped;
    int64_t serial;
    union {
        NoteOn note;
        Output output;
    };
};

// A binary heap of what waits, the earliest first.
class WaitingHeap {
public:
    static constexpr int CAPACITY = 4096;

    bool empty() const { return size_ == 0; }
    // Whether more than half is taken; a tick adds far less than the other half.
    bool crowded() const { return size_ > CAPACITY / 2; }
    const Waiting& first() const { return items_[0]; }
    // Adds an item, or drops it where there is no room; gives whether there was.
    bool push(const Waiting& item);
    Waiting pop();
    // Forgets all but outputs.
    void keep_outputs();
    // Forgets the ends and slides of notes other than the last of each voice: they do nothing.
    void drop_stale(const int64_t* serials);

private:
    template <typename Keeps> void keep(Keeps keeps);
    void sift_up(int index);
    void sift_down(int index);

    int size_ = 0;
    uint64_t count_ = 0;
    Waiting items_[CAPACITY];
};

class Engine {
public:
    static constexpr int OUTPUTS_MAX = 256;
    // How many ticks are taken from the clock before they are played.
    static constexpr int TICKS_MAX = 4096;

    // Begins stopped and silent; the first state starts it.
    Engine();

    // Takes the desired state; what must wait for a boundary waits.
    void set_state(const EngineState& state, int64_t now_ns);
    // Takes a pulse of the clock jack; without effect while another clock counts.
    void pulse(int64_t time_ns);
    // Goes to the first step, as a pulse on the reset jack does.
    void reset(int64_t time_ns);
    // Brings all voices to 0 V and ends all notes.
    void panic(int64_t now_ns);
    // Gathers what must be written now, in order; to be called again while it is `full`.
    void advance(int64_t now_ns);

    const Output* outputs() const { return outputs_; }
    int output_count() const { return output_count_; }
    bool full() const { return output_count_ > OUTPUTS_MAX - 8; }
    // When `advance` is next due; NEVER if only a pulse or a state can change that.
    int64_t next_deadline_ns() const;

    bool running() const { return clock_.running(); }
    bool locked() const { return clock_.locked(); }
    int64_t milli_bpm() const { return clock_.milli_bpm(); }
    // The recall of the state that plays: the wanted one's once that has landed.
    int32_t recall() const { return playing_.recall; }
    int64_t tick() const { return tick_; }
    // The step of its pattern that a voice played last; -1 before the first.
    int step(int voice) const { return steps_[voice]; }
    // How much was lost because the heap was full.
    int64_t dropped() const { return dropped_; }

private:
    bool play_due_ticks(int64_t now_ns);
    void collect_ticks(int64_t now_ns);
    void play(const EngineState& state, int64_t now_ns);
    void play_tick(const Tick& tick);
    void act(const Waiting& item, int64_t now_ns);
    void sound(const Waiting& item, int64_t now_ns);
    void fall_silent(int64_t now_ns);
    void emit(const Outputs& outputs, int64_t time_ns);
    void write(const Output& output);
    void push(const Waiting& item);
    void push_outputs(const Output* outputs, int count);
    static void take_event(void* engine, int voice, const StepEvent& event);

    EngineState playing_{};
    EngineState wanted_{};
    // Whether what is wanted is not yet what plays.
    bool pending_ = false;
    StateClock clock_;
    Sequencer sequencer_;
    ClockOutput clock_output_;
    Voice voices_[VOICES];
    WaitingHeap heap_;
    Output outputs_[OUTPUTS_MAX];
    int output_count_ = 0;
    Tick due_[TICKS_MAX];
    int due_count_ = 0;
    int due_next_ = 0;
    // Whether the last call left outputs behind.
    bool drains_ = false;
    int64_t tick_ = 0;
    int64_t tick_time_ns_ = 0;
    int32_t steps_[VOICES] = {-1, -1, -1};
    bool was_playing_ = false;
    int64_t dropped_ = 0;
};

}  // namespace exnihilo
