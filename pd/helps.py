"""The help patches of the parts."""

from collections.abc import Callable
from functools import partial

from pd.patching import Canvas


def _help(title: str, words: tuple[str, ...], source: str) -> str:
    canvas = Canvas(620, 460)
    canvas.text(title, (20, 10))
    for line, text in enumerate(words):
        canvas.text(text, (20, 50 + 36 * line))
    canvas.skip(50 + 36 * len(words))
    canvas.write(source)
    return canvas.file()


_LINK = (
    "exnihilo-link: the OSC connection to a module",
    (
        (
            "Arguments: the module's address and port, and a local port to receive on. It "
            "listens on loopback if the module runs on this computer, else on every interface."
        ),
        "One is enough for all patches that are open.",
    ),
    """
    place =( /voice/1/x 0.3
    tempo =( /tempo 140
    say = s exnihilo-say
    place > say
    tempo > say
    link = exnihilo-link 127.0.0.1 9000 9001
    values = r exnihilo-received
    print = print values
    values > print
    there = r exnihilo-there
    lamp = tgl
    there > lamp
    """,
)
_VOICE = (
    "exnihilo-voice: plays a voice of the module",
    (
        (
            "Argument: the voice, 1 to 3. Out: notes (note and velocity, 0 ends it), the step, "
            "and all values received for the voice."
        ),
        "Needs an exnihilo-link; with follow 2 an exnihilo-clock too.",
    ),
    """
    none =( 0
    steps =( 1
    own =( 2
    follow = s exnihilo-follow
    none > follow
    steps > follow
    own > follow
    link = exnihilo-link 127.0.0.1 9000 9001
    clock = exnihilo-clock
    voice = exnihilo-voice 1
    note = print note
    step = print step
    voice > note
    voice:1 > step
    """,
)
_CLOCK = (
    "exnihilo-clock: Pd's own clock",
    (
        (
            "Runs while the module's run is on and follow is 2, with its tempo and swing. "
            "Every sixteenth goes to exnihilo-tick: its number from 0, its milliseconds."
        ),
        "A bang to exnihilo-restart begins again.",
    ),
    """
    clock = exnihilo-clock
    again = bng
    restart = s exnihilo-restart
    again > restart
    tick = r exnihilo-tick
    print = print tick
    tick > print
    """,
)
_SYNTH = (
    "exnihilo-synth: a sound for a voice",
    (
        "Argument: 1 a bass, 2 an electric piano, 3 struck wood. In: note and velocity.",
        "The sound is at catch~ exnihilo-sound, for all synths together.",
    ),
    """
    note =( 60 100
    off =( 60 0
    synth = exnihilo-synth 2
    note > synth
    off > synth
    sound = catch~ exnihilo-sound
    out = dac~
    sound > out
    sound > out:1
    """,
)
HELPS: dict[str, Callable[[], str]] = {
    f"exnihilo-{name}-help.pd": partial(_help, *content)
    for name, content in {
        "link": _LINK,
        "voice": _VOICE,
        "clock": _CLOCK,
        "synth": _SYNTH,
    }.items()
}
