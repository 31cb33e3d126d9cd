"""Whether a step sounds: threshold, hysteresis, chaos, probability and fill.

This is the definition that other implementations of the engine follow. Numbers are IEEE double
precision; values that came in single precision are widened first. With `L` the length, `s` the
pattern step (0 to L - 1) and `o[s]` its onset probability:

1. A muted voice is silent; its memory stays.
2. `level = o[s] + chaos * (u - 0.5)`, with `u` of the chaos stream; `level = o[s]` if chaos
   is 0. `margin = level - threshold`.
3. While chaos draws anew (chaos is not 0 and the state is not frozen), the memory of step `s`
   is cleared and the step passes if `margin > 0`. Otherwise it passes if
   `margin > HYSTERESIS`, fails if `margin <= -HYSTERESIS`, and in between does as it did when
   it was decided last, or passes if `margin > 0` where that is not remembered. The memory of
   step `s` is then what was decided.
4. All memory of a voice is cleared before that, if its `moves` or the state's `recall` differ
   from those at the last decision, or if `abs(threshold - t) > THRESHOLD_MOVE`, where `t` is
   the threshold at which the memory was cleared last. A change of song position other than to
   the next tick (reset, start, locate) clears it too.
5. A step that passes sounds unless its probability-based triggering holds it back: with
   `probability` 0 it always sounds, else if `v >= probability * (1 - o[s])`, with `v` of the
   probability stream.
6. A step that fails sounds as a fill if `fill` is above 0, `o[s]` is above 0, and fewer than
   `extra` steps come before it among the quiet ones, those with `o <= threshold`: before it
   come those with a greater probability, and of equal ones those with a lower number.
   `extra = fill * max(n, (L + 3) // 4)`, where n counts the steps 0 to L - 1 with
   `o > threshold`. Chaos and probability hold no fill back.
7. Where no step of a pattern is quiet, a fill raises the chance of a ratchet to
   `fill / 4` if it is lower.
"""

from typing import NamedTuple

from firmware.engine.pattern import STEPS
from firmware.engine.state import EngineState, VoiceState

HYSTERESIS = 0.02
"""How far a step's probability must be beyond the threshold to change what it did last."""

THRESHOLD_MOVE = 0.008
"""A threshold that moved further was moved on purpose: 40 mV of a CV of 5 V."""

STREAM_CHAOS, STREAM_PROBABILITY, STREAM_RATCHET = range(3)
_MASK = (1 << 64) - 1


class StepRandom(NamedTuple):
    """Random numbers that depend on nothing but the seed and the step."""

    seed: int
    voice: int
    cycle: int
    step: int

    def uniform(self, stream: int) -> float:
        """Return a number in 0..1 for this step, one per stream (SplitMix64's finaliser)."""
        counter = ((self.cycle * STEPS + self.step) * 4 + stream) * 4 + self.voice
        mixed = (self.seed * 0x9E3779B97F4A7C15 + counter * 0xD1342543DE82EF95) & _MASK
        mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & _MASK
        return (mixed ^ mixed >> 31) / 2**64


class Decision(NamedTuple):
    """Whether a step sounds, and whether only a fill makes it."""

    sounds: bool
    filled: bool = False


class StepMemory(NamedTuple):
    """What was decided last, a bit per step: `known` says where `passed` means something."""

    known: int = 0
    passed: int = 0
    moves: int = 0
    recall: int = 0
    threshold: float = 0.5

    def current(self, voice: VoiceState, recall: int) -> "StepMemory":
        """Return the memory, cleared if the voice was moved on purpose (rule 4)."""
        moved = abs(voice.threshold - self.threshold) > THRESHOLD_MOVE
        if moved or voice.moves != self.moves or recall != self.recall:
            return StepMemory(0, 0, voice.moves, recall, voice.threshold)
        return self

    def remembered(self, step: int) -> bool | None:
        """Return what was decided about a step; None if that is not remembered."""
        return bool(self.passed >> step & 1) if self.known >> step & 1 else None

    def with_step(self, step: int, *, passed: bool | None) -> "StepMemory":
        """Return the memory with what was decided about a step; None forgets it."""
        if self.remembered(step) is passed:
            return self
        bit = 1 << step
        return self._replace(
            known=self.known & ~bit if passed is None else self.known | bit,
            passed=self.passed | bit if passed else self.passed & ~bit,
        )


def decide(
    state: EngineState, random: StepRandom, memory: StepMemory
) -> tuple[Decision, StepMemory]:
    """Decide a step of a voice; return the decision and what is remembered from then on."""
    voice, step = state.voices[random.voice], random.step
    if voice.mute:
        return Decision(sounds=False), memory
    memory = memory.current(voice, state.recall)
    onset = voice.pattern.onset[step]
    level = onset
    if state.chaos:
        level += state.chaos * (random.uniform(STREAM_CHAOS) - 0.5)
    margin = level - voice.threshold
    drawn_anew = bool(state.chaos) and not state.freeze
    passed = margin > 0 if drawn_anew else _passes(margin, last=memory.remembered(step))
    memory = memory.with_step(step, passed=None if drawn_anew else passed)
    if passed:
        least = voice.probability * (1.0 - onset)
        held = bool(voice.probability) and random.uniform(STREAM_PROBABILITY) < least
        return Decision(sounds=not held), memory
    filled = bool(voice.fill) and is_filled(voice, step)
    return Decision(filled, filled), memory


def _passes(margin: float, *, last: bool | None) -> bool:
    if last is None:
        return margin > 0
    return margin > (-HYSTERESIS if last else HYSTERESIS)


def is_filled(voice: VoiceState, step: int) -> bool:
    """Return whether a fill adds a step that does not pass the threshold."""
    onsets = voice.pattern.onset[: voice.length]
    onset, threshold = onsets[step], voice.threshold
    passing = sum(level > threshold for level in onsets)
    extra = voice.fill * max(passing, (voice.length + 3) // 4)
    before = sum(
        level <= threshold and (level > onset or (level == onset and other < step))
        for other, level in enumerate(onsets)
    )
    return onset > 0 and before < extra


def ratchet_chance(voice: VoiceState) -> float:
    """Return how often a sounding step is a ratchet: a fill adds some to a full pattern."""
    if voice.fill and min(voice.pattern.onset[: voice.length]) > voice.threshold:
        return max(voice.ratchet_chance, voice.fill / 4)
    return voice.ratchet_chance
