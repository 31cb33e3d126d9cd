"""The ten patches of the player's manual: what to connect, what to set, what to play."""

from dataclasses import dataclass

MODULE = "Ex Nihilo"


@dataclass(frozen=True, slots=True)
class Cable:
    """A patch cable from an output to an input, each given as its module and jack."""

    source: str
    output: str
    target: str
    input: str


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch: its cables in the order of plugging them in, its settings, what to play."""

    name: str
    title: str
    hear: str
    cables: tuple[Cable, ...]
    settings: str
    play: str


def _cables(text: str) -> tuple[Cable, ...]:
    """Parse lines of the form `Module: OUTPUT > Module: INPUT`."""
    return tuple(
        Cable(*(part.strip() for end in line.split(">") for part in end.split(":")))
        for line in text.strip().splitlines()
    )


PATCHES = (
    Patch(
        "one-synth",
        "One voice, one synth",
        "A bass line whose rhythm changes while you turn two knobs.",
        _cables(f"""
            {MODULE}: PITCH 1 > Oscillator: V/OCT
            {MODULE}: GATE 1 > Envelope: GATE
            Oscillator: SAW > VCA: IN
            Envelope: OUT > VCA: CV
        """),
        "Press button 1. On the page *pitch*, set a few of the eight pitches.",
        "Turn X to the left for few notes and to the right for many. Turn Y up for offbeats.",
    ),
    Patch(
        "three-drums",
        "Three drums",
        "A whole drum kit from one module.",
        _cables(f"""
            {MODULE}: GATE 1 > Kick: TRIG
            {MODULE}: ACCENT 1 > Kick: ACCENT
            {MODULE}: GATE 2 > Snare: TRIG
            {MODULE}: GATE 3 > Hat: TRIG
            {MODULE}: VELOCITY 3 > Hat: DECAY
        """),
        "On the page *gate*, set Gate to trigger for each voice.",
        "Hold a voice's button for a fill. Hold shift and press the button to mute it.",
    ),
    Patch(
        "clocked",
        "Under another clock",
        "Ex Nihilo keeps time with the rest of your case.",
        _cables(f"""
            Clock: x4 > {MODULE}: CLK IN
            Clock: RESET > {MODULE}: RESET
            {MODULE}: GATE 1 > Drum: TRIG
        """),
        "On the page *clock*, set Source to auto and Ppqn in to 4.",
        "Start the clock. Change its tempo: the module follows, and swing still works.",
    ),
    Patch(
        "wander",
        "A walk over the map",
        "A rhythm that never stands still, and never leaves your loops' style.",
        _cables(f"""
            Slow LFO: TRI > {MODULE}: X
            Slower LFO: SINE > {MODULE}: Y
            {MODULE}: GATE 1 > Drum: TRIG
        """),
        "On *cv*, set the amounts of x and y to 0.3. On *chance*, set Changes on to bar.",
        "Set the middle of the walk with the knobs; the LFOs move around it.",
    ),
    Patch(
        "eight-rhythms",
        "Eight rhythms in a row",
        "A sequencer picks another place on the map each time the pattern starts again.",
        _cables(f"""
            {MODULE}: CLK OUT > Sequencer: CLOCK
            Sequencer: CV > {MODULE}: X
            {MODULE}: GATE 1 > Drum: TRIG
        """),
        "On *clock*, set Output to cycle: one pulse each time the pattern starts again.",
        "Tune each stage of the sequencer to a rhythm that you like.",
    ),
    Patch(
        "joystick",
        "Density under your hand",
        "From silence to a storm with one movement.",
        _cables(f"""
            Joystick: Y > {MODULE}: THR
            Joystick: X > {MODULE}: X
            {MODULE}: GATE 1 > Drum: TRIG
        """),
        "On *cv*, set Density to on: a higher voltage now plays more steps.",
        "Push the joystick for more. Let go to return to the knobs' setting.",
    ),
    Patch(
        "velocity-filter",
        "Velocity opens the filter",
        "Loud steps are bright, as they were in your loops.",
        _cables(f"""
            {MODULE}: PITCH 2 > Oscillator: V/OCT
            {MODULE}: GATE 2 > Envelope: GATE
            {MODULE}: VELOCITY 2 > Filter: CUTOFF
            Oscillator: SAW > Filter: IN
            Filter: OUT > VCA: IN
            Envelope: OUT > VCA: CV
        """),
        "On *gate*, set Gate to share and Gate length to 0.4.",
        "Turn the filter's own cutoff low, and its CV amount up.",
    ),
    Patch(
        "fill",
        "A fill every fourth time",
        "The extra hits come by themselves.",
        _cables(f"""
            {MODULE}: CLK OUT > Gate sequencer: CLOCK
            Gate sequencer: GATE > {MODULE}: CV 1
            {MODULE}: GATE 2 > Snare: TRIG
        """),
        "On *clock*, set Output to cycle. On *cv*, set CV 1 moves to fill, CV 1 amount to 0.5. "
        "Give the gate sequencer four stages, with the last one on.",
        "Set the threshold high for a sparse beat; the fill adds the quieter steps.",
    ),
    Patch(
        "long-and-short",
        "Three lengths against each other",
        "Patterns that take many bars to repeat.",
        _cables(f"""
            {MODULE}: GATE 1 > Low drum: TRIG
            {MODULE}: GATE 2 > Mid drum: TRIG
            {MODULE}: GATE 3 > High drum: TRIG
        """),
        "On *pattern*, set Length to 16, 15 and 11 for voices 1, 2 and 3.",
        "On *map*, set Link to on, and move all three with one pair of knobs.",
    ),
    Patch(
        "midi",
        "A drum machine by MIDI",
        "Rhythms from the rack for the box beside it.",
        _cables(f"""
            {MODULE}: MIDI OUT > Drum machine: MIDI IN
            {MODULE}: CLK OUT > Delay: CLOCK
        """),
        "Voices 1 to 3 send on channels 1 to 3. Set their pitches to the drums' note numbers.",
        "Mute the voices with shift and their buttons to bring drums in and out.",
    ),
)
