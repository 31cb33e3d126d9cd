"""The wires of the window: the selected voice, choices, bundles and faults, playing."""

from collections.abc import Sequence

from firmware.engine.scale import SCALE_NAMES
from firmware.instrument.parameters import NOTE_NAMES


def _named(name: str, choices: Sequence[str]) -> str:
    """Show the word of a choice beside its number."""
    numbers = " ".join(map(str, range(len(choices))))
    lines = [
        f"{name}values = r exnihilo-received",
        f"{name}kind = route {name}",
        f"{name}which = select {numbers}",
        f"{name}out = s exnihilo-{name}-name",
        f"{name}values > {name}kind > {name}which",
    ]
    for place, word in enumerate(choices):
        lines.append(f"{name}{place} =( label {word.replace(' ', '_')}")
        lines.append(f"{name}which:{place} > {name}{place} > {name}out")
    return "\n".join(lines) + "\n"


CHOICES = _named("scale", SCALE_NAMES) + _named("root", NOTE_NAMES)

MINE = """
values = r exnihilo-received
voiced = route voice
which = route 1 2 3
one = spigot 1
two = spigot
three = spigot
mine = s exnihilo-mine
values > voiced > which > one > mine
which:1 > two > mine
which:2 > three > mine
tab = r exnihilo-voice-moved
tell = t b f
is = t f f f
first = == 0
second = == 1
third = == 2
tab > tell
tell:1 > is > first > one:1
is:1 > second > two:1
is:2 > third > three:1
again = s exnihilo-resend
tell > again
"""

STATE = """
values = r exnihilo-received
kinds = route bundle bundles fault
name = symbol
set =( set $1
bundle = s exnihilo-bundle-shown
values > kinds > name > set > bundle
playing = symbol
name > playing:1

names = text define exnihilo-names
line = text set exnihilo-names 1000
list = list
fill = t b b l
empty =( clear
each = until
rest = list store
first = list split 1
kinds:1 > list > fill > each > rest > first > line
fill:1 > empty > names
fill:2 > rest:1
first:1 > rest:1
first:2 > each:1

next = r exnihilo-next-moved
press = t b b
place = text search exnihilo-names
after = + 1
many = text size exnihilo-names
around = mod 1
get = text get exnihilo-names
any = route symbol
chosen = t a a
say = list prepend /bundle
trim = list trim
out = s exnihilo-say
press:1 > many > around:1
next > press > playing > place > after > around > get > any > chosen > say > trim > out
chosen:1 > playing:1
typed = r exnihilo-bundle-moved
typed > say
text = symbol
label =( label $1
fault = s exnihilo-fault
kinds:2 > text > label > fault

preset = r exnihilo-preset-moved
number = f 1
recall = r exnihilo-recall-moved
save = r exnihilo-save-moved
which = int 1
kept = int 1
preset > which:1
preset > kept:1
recalls =( /preset/recall $1
saves =( /preset/save $1
recall > which > recalls > out
save > kept > saves > out
memory = r exnihilo-place-moved
go = r exnihilo-go-moved
keep = r exnihilo-keep-moved
target = int 1
source = int 1
memory > target:1
memory > source:1
goes =( /place/recall $1
keeps =( /place/keep $1
go > target > goes > out
keep > source > keeps > out
reset = r exnihilo-reset-moved
resets =( /reset
again = s exnihilo-restart
both = t b b
reset > both > resets > out
both:1 > again
tap = r exnihilo-tap-moved
taps =( /tap
tap > taps > out

there = r exnihilo-there
light = select 0 1
gone =( color #b23a2a
found =( color #4f9a4a
lamp = s exnihilo-light
there > light > gone > lamp
light:1 > found > lamp
load = loadbang
blank =( label empty
anew = t b b
load > anew > gone
anew:1 > blank > fault
"""

# There is no division 0 or -1: from above comes -2 instead, from below 1. The box shows it at
# once, so that dragging continues from there.
DIVISION = """
turned = r exnihilo-division-turned
whole = expr if(abs($f1 + 0.5) <= 1 , if($f2 > 0 , -2 , 1) , rint($f1))
said = t f f f
set =( set $1
shown = s exnihilo-division-shown
moved = s exnihilo-division-moved
first =( 1
begin = loadbang
mine = r exnihilo-mine
values = route division
turned > whole > said > moved
said:1 > set > shown
said:2 > whole:1
begin > first > whole:1
mine > values > whole:1
"""

# A voice's notes are sent if they began while sending was on, and with them their ends.
PLAY = """
load = loadbang
begin = t b b
clock = exnihilo-clock
one = exnihilo-voice 1
two = exnihilo-voice 2
three = exnihilo-voice 3
first = exnihilo-synth 1
second = exnihilo-synth 2
third = exnihilo-synth 3
one > first
two > second
three > third
follow = r exnihilo-follow-moved
source = s exnihilo-follow
follow > source
theirs =( 1
choose = s exnihilo-follow-shown
load > begin > theirs > choose
volume = r exnihilo-volume-moved
half =( 0.7
loud = s exnihilo-volume-shown
begin:1 > half > loud
level = pack f 20
smooth = line~
mix = catch~ exnihilo-sound
amount = *~
safe = clip~ -1 1
out = dac~
volume > level > smooth > amount:1
mix > amount > safe > out
safe > out:1
dsp = r exnihilo-dsp-moved
switch =( ; pd dsp $1
dsp > switch
note = r exnihilo-note
begun = array define exnihilo-begun 4
notes_in = t l l l
strength =( $3 $1
begins = route 0
who = unpack f f
sending = t b f
on = r exnihilo-midi-moved
state = f 0
keep = tabwrite exnihilo-begun
voice = unpack f
passes = tabread exnihilo-begun
midi = spigot
turned =( $2 $3 $1
send = noteout
on > state:1
note > notes_in > midi > turned > send
notes_in:1 > voice > passes > midi:1
notes_in:2 > strength > begins
begins:1 > who
who:1 > sending > state > keep
sending:1 > keep:1
"""
