"""The window of the patch: its controls and its drawings."""

from firmware.engine.scale import SCALE_NAMES
from firmware.instrument.parameters import NOTE_NAMES
from firmware.instrument.preset import MEMORIES
from pd.field_logic import AXES, CELL, ENDS, LOOP, MAP, SPOT
from pd.patching import (
    INK,
    LANE,
    PAPER,
    QUIET,
    Canvas,
    button,
    number,
    panel,
    radio,
    slider,
    toggle,
)
from pd.steps import (
    DRAW,
    STEP_BASE,
    STEP_HEIGHT,
    STEP_PITCH,
    STEP_WIDTH,
    STEP_X,
    STEPS,
)
from pd.window_logic import CHOICES, DIVISION, MINE, PLAY, STATE

WIDTH, HEIGHT = 920, 660
_SHARES = {
    "groove": "groove",
    "dice": "probability",
    "ratchet_chance": "ratchet chance",
}
FIELD = 220
"""Sides of the X/Y field."""

PER_VOICE = (
    *("x", "y", "threshold", "length", "rotate", "division", "mute", "gate", "accent"),
    *("transpose", "groove", "dice", "ratchet", "ratchet_chance"),
)
WHOLE = ("length", "rotate", "division", "transpose", "ratchet")
SHARED = ("tempo", "run", "swing", "chaos", "quantum", "scale", "root")


def window() -> str:
    """Return `exnihilo.pd`."""
    c = Canvas(WIDTH, HEIGHT)
    _logic(c)
    c.gui(panel((WIDTH, HEIGHT), PAPER), (0, 0))
    c.gui(panel((WIDTH, 40), INK), (0, 0))
    c.gui(panel((150, 36), INK, text="Ex Nihilo", font=20, ink=PAPER), (14, 2))
    c.gui(panel((18, 18), "#b23a2a", "light"), (WIDTH - 54, 11))
    c.gui(panel((256, 26), PAPER), (566, 7))
    c.obj("exnihilo-link 127.0.0.1 9000 9001", (570, 9))
    _voice(c)
    _pitches(c)
    _transport(c)
    _recall(c)
    _feel(c)
    _steps(c)
    _fault(c)
    return c.file()


def _voice(c: Canvas) -> None:
    """Where on the map, and how it is played."""
    c.gui(radio(3, "voice", "voice"), (250, 70))
    c.gui(panel((FIELD, FIELD), LANE), (20, 60))
    c.sub(_field(), (20, 60))
    c.gui(slider("hsl", (FIELD, 16), (0, 1), "x", "X", offset=(FIELD + 8, 8)), (20, 288))
    c.gui(slider("vsl", (16, FIELD - 60), (0, 1), "y", "Y"), (256, 120))
    for end, at in zip(ENDS, ((20, 306), (196, 306), (262, 283), (246, 94)), strict=True):
        c.gui(panel((44, 14), PAPER, f"axis-{end}", font=10), at)
    c.gui(slider("vsl", (22, FIELD - 60), (0, 1), "threshold", "threshold"), (310, 120))
    c.gui(slider("vsl", (16, FIELD - 60), (0.01, 1), "gate", "gate"), (390, 120))
    c.gui(slider("vsl", (16, FIELD - 60), (0, 1), "accent", "accent"), (440, 120))
    c.gui(number(4, (1, 32), "length", "length"), (310, 310))
    c.gui(number(4, (0, 31), "rotate", "rotate"), (376, 310))
    c.gui(number(4, (-16, 16), "division", "division", says="turned"), (442, 310))
    c.gui(toggle("mute", "mute"), (440, 70))


def _pitches(c: Canvas) -> None:
    for place in range(8):
        name = f"pitch{place + 1}"
        at = (520 + 42 * place, 120)
        c.gui(slider("vsl", (20, FIELD - 60), (24, 96), name, "", offset=(0, 0)), at)
        c.gui(number(3, (0, 127), f"{name}-note", ""), (at[0] - 6, 310))
    c.gui(panel((120, 18), PAPER, text="eight pitches", font=12), (516, 92))


def _transport(c: Canvas) -> None:
    c.gui(toggle("run", "run"), (20, 340))
    c.gui(button("reset", "reset"), (90, 340))
    c.gui(button("tap", "tap"), (170, 340))
    c.gui(number(5, (20, 300), "tempo", "tempo"), (240, 352))
    c.gui(slider("hsl", (110, 16), (0.5, 0.75), "swing", "swing"), (320, 356))
    c.gui(slider("hsl", (110, 16), (0, 1), "chaos", "chaos"), (450, 356))
    c.gui(radio(3, "quantum", "changes on step beat bar"), (590, 352))
    c.gui(toggle("dsp", "sound"), (690, 352))
    c.gui(slider("hsl", (110, 16), (0, 1), "volume", "volume"), (780, 356))


def _recall(c: Canvas) -> None:
    c.put("symbolatom 20 0 0 1 kit exnihilo-bundle-shown exnihilo-bundle-moved 12", (560, 60))
    c.gui(button("next", "next"), (770, 56))
    c.gui(number(3, (1, 64), "preset", "preset"), (20, 400))
    c.gui(button("recall", "recall"), (70, 400))
    c.gui(button("save", "save"), (150, 400))
    c.gui(radio(3, "follow", "Pd plays: nothing | module's steps | own clock"), (240, 400))
    c.gui(number(3, (1, MEMORIES), "place", "place"), (580, 400))
    c.gui(button("go", "go"), (630, 400))
    c.gui(button("keep", "keep"), (690, 400))
    c.gui(toggle("midi", "MIDI out"), (780, 400))


def _feel(c: Canvas) -> None:
    """Put what shapes a voice's pattern, and the scale of all."""
    c.gui(number(4, (-60, 60), "transpose", "transpose"), (20, 456))
    for place, (name, text) in enumerate(_SHARES.items()):
        c.gui(slider("hsl", (110, 16), (0, 1), name, text), (100 + 130 * place, 460))
    c.gui(number(3, (2, 8), "ratchet", "hits"), (490, 456))
    for name, text, choices, x in (
        ("scale", "scale", SCALE_NAMES, 560),
        ("root", "root", NOTE_NAMES, 750),
    ):
        c.gui(number(3, (0, len(choices) - 1), name, text), (x, 456))
        c.gui(panel((110, 18), PAPER, f"{name}-name", font=12), (x + 46, 458))


def _fault(c: Canvas) -> None:
    c.gui(panel((STEP_PITCH * STEPS, 22), PAPER, "fault"), (STEP_X, STEP_BASE + 26))


def _steps(c: Canvas) -> None:
    """Thirty-two bars whose heights are velocities, and a lamp under each."""
    for step in range(STEPS):
        x = STEP_X + STEP_PITCH * step
        shade = LANE if step // 4 % 2 else "#cfc9ba"
        c.gui(panel((STEP_WIDTH, STEP_HEIGHT), shade), (x, STEP_BASE - STEP_HEIGHT))
        c.gui(panel((STEP_WIDTH, 3), QUIET, f"bar{step}"), (x, STEP_BASE - 3))
        c.gui(panel((STEP_WIDTH, 8), LANE, f"lamp{step}"), (x, STEP_BASE + 8))


def _field() -> Canvas:
    """Make a field in which a cross is dragged: X to the right, Y up."""
    field = Canvas(FIELD, FIELD, name="exnihilo-field")
    field.coords = f"0 1000 1000 0 {FIELD} {FIELD} 2"
    return field


def _logic(c: Canvas) -> None:
    """All wires, in boxes that the window's paper covers."""
    sources = {
        "play": PLAY,
        "mine": MINE,
        "draw": DRAW,
        "state": STATE,
        "cell": CELL,
        "loop": LOOP,
        "spot": SPOT + MAP,
        "axes": AXES,
        "choices": CHOICES,
    }
    for place, (name, source) in enumerate(sources.items()):
        inside = Canvas(900, 700, name=name)
        inside.write(source)
        c.sub(inside, (190 + 26 * place, 12))
    _controls(c)
    steps = Canvas(900, 700, name="steps")
    for step in range(STEPS):
        steps.obj(f"exnihilo-step {step} {STEP_X + STEP_PITCH * step}")
    c.sub(steps, (490, 12))


def _controls(c: Canvas) -> None:
    inside = Canvas(900, 700, name="controls")
    for name in PER_VOICE:
        inside.obj(f"exnihilo-control {name} {name} {name} 0 {int(name in WHOLE)}")
    for place in range(8):
        for name in (f"pitch{place + 1}", f"pitch{place + 1}-note"):
            inside.obj(f"exnihilo-control {name} pitch/{place + 1} pitch {place} 1")
    for name in SHARED:
        inside.obj(f"exnihilo-global {name}")
    inside.write(DIVISION)
    c.sub(inside, (430, 12))
