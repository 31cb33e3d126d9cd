#include "engine.h"

namespace exnihilo {
namespace {

constexpr int64_t GATE_MIN_NS = 1'000'000;

// A state before the first: stopped, silent, as firmware's own defaults are.
EngineState stopped() {
    EngineState state{};
    for (VoiceState& voice : state.voices) {
        voice.threshold = voice.gate = 0.5;
        voice.groove = 1.0;
        voice.accent = 0.75;
        voice.length = STEPS;
        voice.division = 1;
        voice.ratchet = 2;
        for (int32_t& pitch : voice.pitches) pitch = 60;
    }
    state.swing = 0.5;
    state.milli_bpm = 120'000;
    state.quantum_ticks = static_cast<int32_t>(TICKS_PER_STEP);
    state.clock_in_ppqn = state.clock_out_ppqn = 4;
    return state;
}

bool same_clock(const EngineState& a, const EngineState& b) {
    return a.clock_source == b.clock_source && a.clock_in_ppqn == b.clock_in_ppqn &&
           !a.freewheel == !b.freewheel;
}

Waiting waiting_for(WaitingKind kind, int voice, int64_t time_ns) {
    Waiting item{};
    item.kind = kind;
    item.voice = static_cast<int8_t>(voice);
    item.time_ns = time_ns;
    return item;
}

}  // namespace

Engine::Engine() : playing_(stopped()), wanted_(playing_) { clock_.make(playing_); }

int64_t Engine::next_deadline_ns() const {
    const int64_t clock_ns = clock_.next_deadline_ns();
    if (heap_.empty()) return clock_ns;
    return clock_ns == NEVER ? heap_.first().time_ns : least(clock_ns, heap_.first().time_ns);
}

void Engine::set_state(const EngineState& state, int64_t now_ns) {
    wanted_ = state;
    if (clock_.waiting() || !(running() && state.running)) {
        play(state, now_ns);
        pending_ = false;
        return;
    }
    pending_ = true;
    if (state.recall != playing_.recall) return;
    // All but the patterns lands at once: those that play are kept until the boundary.
    EngineState mixed = state;
    for (int i = 0; i < VOICES; ++i) {
        mixed.voices[i].pattern = playing_.voices[i].pattern;
        mixed.voices[i].moves = playing_.voices[i].moves;
    }
    play(mixed, now_ns);
}

void Engine::pulse(int64_t time_ns) { clock_.pulse(time_ns); }

void Engine::reset(int64_t time_ns) { clock_.reset(time_ns, playing_.reset_at_once != 0); }

void Engine::panic(int64_t now_ns) {
    output_count_ = 0;
    heap_.keep_outputs();
    for (int i = 0; i < VOICES; ++i) {
        Outputs outputs;
        voices_[i].silence(i, outputs);
        emit(outputs, now_ns);
    }
}

void Engine::advance(int64_t now_ns) {
    output_count_ = 0;
    if (!drains_) {
        if (!play_due_ticks(now_ns)) return;
        const bool playing = running() && !clock_.waiting();
        if (was_playing_ && !playing) fall_silent(now_ns);
        was_playing_ = playing;
    }
    drains_ = false;
    while (!heap_.empty() && heap_.first().time_ns <= now_ns) {
        // What is left comes before any further tick.
        drains_ = full();
        if (drains_) return;
        act(heap_.pop(), now_ns);
    }
}

// Plays all ticks that are due; gives whether that was all, or the host must take outputs first.
bool Engine::play_due_ticks(int64_t now_ns) {
    if (due_next_ == due_count_) collect_ticks(now_ns);
    for (;;) {
        for (; due_next_ < due_count_; ++due_next_) {
            const Tick& tick = due_[due_next_];
            // Only a host that comes very late has so much waiting.
            while (heap_.crowded() && heap_.first().time_ns < tick.time_ns) {
                if (full()) return false;
                act(heap_.pop(), now_ns);
            }
            play_tick(tick);
        }
        const bool is_all = due_count_ < TICKS_MAX;
        due_next_ = due_count_ = 0;
        if (is_all) return true;
        collect_ticks(now_ns);
    }
}

// Takes ticks together, as one may bring another clock or tempo, which count from now on.
void Engine::collect_ticks(int64_t now_ns) {
    due_next_ = due_count_ = 0;
    while (due_count_ < TICKS_MAX && clock_.advance(now_ns, due_[due_count_])) ++due_count_;
}

void Engine::play(const EngineState& state, int64_t now_ns) {
    const bool other_clock = !same_clock(state, playing_);
    const bool other_tempo = state.milli_bpm != playing_.milli_bpm;
    const bool was_running = playing_.running != 0;
    playing_ = state;
    sequencer_.changed();
    if (other_clock) clock_.make(state);
    if (other_tempo) clock_.set_tempo(state.milli_bpm, now_ns);
    if (!state.running) {
        clock_.stop(now_ns);
    } else if (state.clock_source != ClockSource::MIDI && (other_clock || !was_running)) {
        clock_.resume(now_ns);
    }
}

void Engine::play_tick(const Tick& tick) {
    tick_ = tick.index;
    if (pending_ && tick.index % wanted_.quantum_ticks == 0) {
        play(wanted_, tick.time_ns);
        pending_ = false;
    }
    tick_time_ns_ = tick.time_ns;
    sequencer_.tick(tick, playing_, {this, take_event});
    Output outputs[5];
    push_outputs(outputs, clock_output_.tick(tick, playing_, outputs));
}

void Engine::take_event(void* context, int voice, const StepEvent& event) {
    Engine& engine = *static_cast<Engine*>(context);
    constexpr WaitingKind KINDS[] = {WaitingKind::STEP_PLAYED, WaitingKind::NOTE_ON,
                                     WaitingKind::NOTE_OFF};
    Waiting item = waiting_for(KINDS[static_cast<int>(event.kind)], voice,
                               engine.tick_time_ns_ + event.offset_ns);
    item.step = event.step;
    item.wrapped = event.wrapped;
    item.note = event.note;
    engine.push(item);
}

void Engine::act(const Waiting& item, int64_t now_ns) {
    Voice& voice = voices_[item.voice < 0 ? 0 : item.voice];
    Outputs outputs;
    switch (item.kind) {
        case WaitingKind::OUTPUT:
            write(item.output);
            return;
        case WaitingKind::STEP_PLAYED: {
            steps_[item.voice] = item.step;
            if (!item.wrapped || item.voice != 0) return;
            Output pulses[2];
            push_outputs(pulses, clock_output_.cycle(item.time_ns, playing_, pulses));
            return;
        }
        case WaitingKind::NOTE_ON:
            sound(item, now_ns);
            return;
        case WaitingKind::NOTE_OFF:
            voice.release(item.voice, outputs);
            break;
        case WaitingKind::END:
            if (item.serial == voice.serial()) voice.release(item.voice, outputs);
            break;
        case WaitingKind::GLIDE:
            if (item.serial != voice.serial()) return;
            voice.glide(item.voice, item.time_ns, outputs);
            break;
    }
    emit(outputs, item.time_ns);
    if (item.kind == WaitingKind::GLIDE && voice.sliding()) {
        Waiting next = item;
        next.time_ns += SLIDE_STEP_NS;
        push(next);
    }
}

void Engine::sound(const Waiting& item, int64_t now_ns) {
    Voice& voice = voices_[item.voice];
    Outputs outputs;
    voice.play(item.voice, item.note, item.time_ns, outputs);
    emit(outputs, item.time_ns);
    const int64_t shortest_ns = now_ns + least(item.note.length_ns, GATE_MIN_NS);
    const int64_t end_ns = greatest(item.time_ns + item.note.length_ns, shortest_ns);
    Waiting end = waiting_for(WaitingKind::END, item.voice, end_ns);
    end.serial = voice.serial();
    push(end);
    if (voice.sliding()) {
        Waiting glide =
            waiting_for(WaitingKind::GLIDE, item.voice, item.time_ns + SLIDE_STEP_NS);
        glide.serial = voice.serial();
        push(glide);
    }
}

void Engine::fall_silent(int64_t now_ns) {
    heap_.keep_outputs();
    for (int i = 0; i < VOICES; ++i) {
        Outputs outputs;
        voices_[i].release(i, outputs);
        emit(outputs, now_ns);
    }
    write(clock_output_.stop(now_ns));
}

void Engine::emit(const Outputs& outputs, int64_t time_ns) {
    for (int i = 0; i < outputs.count; ++i) {
        Output output = outputs.items[i];
        output.time_ns = time_ns;
        write(output);
    }
}

void Engine::write(const Output& output) { outputs_[output_count_++] = output; }

void Engine::push(const Waiting& item) {
    if (heap_.crowded()) {
        int64_t serials[VOICES];
        for (int i = 0; i < VOICES; ++i) serials[i] = voices_[i].serial();
        heap_.drop_stale(serials);
    }
    if (!heap_.push(item)) ++dropped_;
}

void Engine::push_outputs(const Output* outputs, int count) {
    for (int i = 0; i < count; ++i) {
        Waiting item = waiting_for(WaitingKind::OUTPUT, NO_VOICE, outputs[i].time_ns);
        item.output = outputs[i];
        push(item);
    }
}

}  // namespace exnihilo
