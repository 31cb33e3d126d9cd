"""The front panel as text: pure functions from values to lines."""

from collections.abc import Mapping, Sequence

from PIL import Image

from firmware.desk.controls import Control
from firmware.engine.state import VOICES
from firmware.osc.packet import Argument
from firmware.simulator.trace import GATE_HIGH_VOLTS

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a Braille character's dots, by row and column (Unicode, 2800-28FF)."""

_BARS = " ▁▂▃▄▅▆▇█"
TRAVEL = 15

KEYS = "? help  q quit"
"""First in the status, so that no terminal is too small for it."""

Latest = Mapping[str, tuple[Argument, ...]]


def screen(image: Image.Image) -> str:
    """Draw the display in Braille: two pixels wide and four high per character."""
    pixels = image.load()
    assert pixels is not None  # noqa: S101 - an image that is in memory
    return "\n".join(
        "".join(
            chr(
                0x2800
                + sum(
                    bit
                    for y, row in enumerate(_DOTS)
                    for x, bit in enumerate(row)
                    if pixels[left + x, top + y]
                )
            )
            for left in range(0, image.width, 2)
        )
        for top in range(0, image.height, 4)
    )


def control_rows(controls: Sequence[Control], chosen: int) -> str:
    """Draw knobs and jacks, the chosen one marked."""
    return "\n".join(_hand(control, marked=n == chosen) for n, control in enumerate(controls))


def _hand(control: Control, *, marked: bool) -> str:
    place = round(control.share * (TRAVEL - 1))
    travel = "".join("●" if n == place else "─" for n in range(TRAVEL))
    return f"{'▶' if marked else ' '} {control.label:<12}{travel} {control.reading:>7}"


def pattern(latest: Latest, voice: int) -> str:
    """Draw a voice's 32 steps: bars by velocity where it sounds, the step that plays below."""
    head = f"/voice/{voice + 1}"
    on = latest.get(f"{head}/pattern", ())
    loud = latest.get(f"{head}/velocity", ())
    bars = "".join(
        _BARS[max(1, round(int(v) / 127 * 8))] if sounds else "·"
        for sounds, v in zip(on, loud, strict=False)
    )
    (step,) = latest.get(f"{head}/step", (0,))
    mute = " mute" if latest.get(f"{head}/mute") == (1,) else ""
    lamp = "".join("▲" if n + 1 == step else " " for n in range(len(on)))
    return f"{voice + 1} {_in_beats(bars)}{mute}\n  {_in_beats(lamp)}"


def patterns(latest: Latest) -> str:
    """Draw all voices' steps."""
    return "\n".join(pattern(latest, voice) for voice in range(VOICES))


def meters(volts: Sequence[Sequence[float]]) -> str:
    """Draw the values of each voice's jacks: pitch, velocity, accent, gate."""
    lines = ["  pitch   velocity   accent gate"]
    for voice, jacks in enumerate(volts):
        # Rounded first: a value just below zero needs no minus.
        pitch, velocity, accent, gate = (round(volt, 3) + 0.0 for volt in jacks)
        bar = "█" * round(max(velocity, 0.0)) + "·" * (5 - round(max(velocity, 0.0)))
        lamps = " ".join("●" if v > GATE_HIGH_VOLTS else "○" for v in (accent, gate))
        lines.append(f"{voice + 1} {pitch:+6.3f}  {bar} {velocity:4.2f}   {lamps:>6}")
    return "\n".join(lines)


def status(latest: Latest, *, responds: bool, places: str) -> str:
    """Return one line: how to get help and quit, what plays, or how to start it."""
    if not responds:
        state = "the module does not answer" if latest else "starting"
        return f"{KEYS}   {state}   {places}"
    running, _, tempo = latest.get("/state", (0, 1, 0.0))
    (bundle,) = latest.get("/bundle", ("",))
    plays = "plays" if running else "stopped (space: run)"
    return f"{KEYS}   {plays}  {float(tempo):.1f} BPM  {bundle or 'loading'}   {places}"


def help_text(keys: Sequence[tuple[str, str]]) -> str:
    """Return the page of help: keys and what they do."""
    return "\n".join(f"{key:>5}  {action}" for key, action in keys)


def _in_beats(line: str) -> str:
    return " ".join(line[n : n + 4] for n in range(0, len(line), 4))
