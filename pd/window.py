"""The window of the patch: what a hand moves, and what is seen."""

from pd.patching import (
    ACCENT,
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

WIDTH, HEIGHT = 920, 600
STEPS = 32
STEP_X, STEP_BASE, STEP_PITCH, STEP_WIDTH, STEP_HEIGHT = 30, 540, 27, 21, 110
FIELD = 220
"""Sides of the X/Y field."""

PER_VOICE = ("x", "y", "threshold", "length", "rotate", "division", "mute", "gate", "accent")
WHOLE = ("length", "rotate", "division")
SHARED = ("tempo", "run", "swing", "chaos", "quantum")

LEFT, MIDDLE_X, RIGHT = "px(0:1)(-30:970)", "px(0:1)(0:1000)", "px(0:1)(30:1030)"
DOWN, MIDDLE_Y, UP = "py(0:1)(-30:970)", "py(0:1)(0:1000)", "py(0:1)(30:1030)"
"""The sides of the handle, which move with the place. Only corners can be gripped, so there is
one in its middle too. The field is 1000 wide because Pd takes corners for whole numbers. What
is told before the handle is drawn is kept for it."""

SPOT = f"""
load = loadbang
later = delay 20
all = t b b b b b
clean =( ; pd-exnihilo-field clear
keptx = f 0.5
kepty = f 0.5
drawn =( 1
find =( traverse pd-exnihilo-field , bang
place = pointer
make = append exnihilo-spot px py
load > later > all
all:4 > clean
all:3 > find > place > make:2
all:2 > kepty > make:1
all:1 > keptx > make
all > drawn > passx:1
drawn > passy:1
spot = struct exnihilo-spot float px float py
across = drawpolygon 0 1 0 {MIDDLE_Y} 1000 {MIDDLE_Y}
up = drawpolygon 0 1 {MIDDLE_X} 0 {MIDDLE_X} 1000
handle = filledpolygon 952 0 1 {LEFT} {DOWN} {RIGHT} {DOWN} {RIGHT} {UP} {LEFT} {UP}
grip = drawpolygon 0 1 {MIDDLE_X} {MIDDLE_Y} {MIDDLE_X} {MIDDLE_Y}
changed = route change
there = pointer
read = get exnihilo-spot px py
spot > changed > there > read
inside = clip 0 1
within = clip 0 1
sayx = s exnihilo-x-shown
sayy = s exnihilo-y-shown
read > inside > sayx
read:1 > within > sayy
movedx = r exnihilo-x-moved
movedy = r exnihilo-y-moved
toldx = r exnihilo-mine
kinds = route x y
newx = t f f
newy = t f f
passx = spigot
passy = spigot
toldx > kinds > newx > passx > setx
kinds:1 > newy > passy > sety
newx:1 > keptx:1
newy:1 > kepty:1
movedx > newx
movedy > newy
setx = set exnihilo-spot px
sety = set exnihilo-spot py
make > setx:1
make > sety:1
"""

MINE = """
told = r exnihilo-told
voiced = route voice
which = route 1 2 3
one = spigot 1
two = spigot
three = spigot
mine = s exnihilo-mine
told > voiced > which > one > mine
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
again = s exnihilo-tell
tell > again
"""

STEP = f"""
draw = r exnihilo-draw
here = f $1
step = t f f f f
loud = tabread exnihilo-loud
least = max 1
on = tabread exnihilo-on
level = * 0
seen = tabwrite exnihilo-seen
draw > here > step
step:3 > seen:1
step:2 > loud > least > level:1
step:1 > on > level
shown = t f f f
level > shown > seen
height = expr if($f1 > 0 , 10 + $f1 / 127 * {STEP_HEIGHT - 10} , 3)
tall = t f f
size =( vis_size {STEP_WIDTH} $1
top = expr {STEP_BASE} - $f1
place = list prepend $2
pos = list prepend pos
posed = list trim
bar = s exnihilo-bar$1
shown:2 > height > tall > size > bar
tall:1 > top > place > pos > posed > bar
length = v exnihilo-length
asked = t f b
kind = expr if($f1 > 0 , if($f2 < $f3 , 1 , 2) , 0)
known = f $1
load = loadbang
load > known > kind:1
shown:1 > asked > kind > colour
asked:1 > length > kind:2
colour = select 0 1
none =( color {QUIET}
full =( color {ACCENT}
beyond =( color {QUIET}
colour > none > bar
colour:1 > full > bar
colour:2 > beyond > bar
head = r exnihilo-head
mine = == $1
changed = change
light = select 0 1
dark =( color {LANE}
lit =( color {INK}
lamp = s exnihilo-lamp$1
head > mine > changed > light > dark > lamp
light:1 > lit > lamp
load > dark
"""

DRAW = f"""
mine = r exnihilo-mine
kinds = route pattern velocity length step
on = array define exnihilo-on {STEPS}
loud = array define exnihilo-loud {STEPS}
seen = array define exnihilo-seen {STEPS}
seton = array set exnihilo-on
setloud = array set exnihilo-loud
length = v exnihilo-length
first = t b l
second = t b l
third = t b f
soon = delay 5
mine > kinds > first > soon
first:1 > seton
kinds:1 > second > soon
second:1 > setloud
kinds:2 > third > soon
third:1 > length
start = t b b
draw = s exnihilo-draw
done = array get exnihilo-seen
load = loadbang
load > soon
named = list prepend 1
shown = s exnihilo-shown
soon > start > done > named > shown
start:1 > draw
tab = r exnihilo-voice-moved
from1 = + 1
off =( -1
head = s exnihilo-head
tab > from1 > named:1
tab > off > head
from0 = - 1
kinds:3 > from0 > head
"""

STATE = """
told = r exnihilo-told
kinds = route bundle bundles fault
name = symbol
set =( set $1
bundle = s exnihilo-bundle-shown
told > kinds > name > set > bundle
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
# once, so that a hand that goes on dragging goes on from there.
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
told = route division
turned > whole > said > moved
said:1 > set > shown
said:2 > whole:1
begin > first > whole:1
mine > told > whole:1
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
heard = t l l l
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
note > heard > midi > turned > send
heard:1 > voice > passes > midi:1
heard:2 > strength > begins
begins:1 > who
who:1 > sending > state > keep
sending:1 > keep:1
"""


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
    c.gui(radio(3, "quantum", "land on step beat bar"), (590, 352))
    c.gui(toggle("dsp", "sound"), (690, 352))
    c.gui(slider("hsl", (110, 16), (0, 1), "volume", "volume"), (780, 356))


def _recall(c: Canvas) -> None:
    c.put(
        "symbolatom 20 0 0 1 bundle exnihilo-bundle-shown exnihilo-bundle-moved 12", (560, 60)
    )
    c.gui(button("next", "next"), (770, 56))
    c.gui(number(3, (1, 64), "preset", "preset"), (20, 400))
    c.gui(button("recall", "recall"), (70, 400))
    c.gui(button("save", "save"), (150, 400))
    c.gui(radio(3, "follow", "Pd plays: nothing | module's steps | own clock"), (240, 400))
    c.gui(toggle("midi", "MIDI out"), (690, 400))


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
    for place, (name, source) in enumerate(
        (("play", PLAY), ("mine", MINE), ("draw", DRAW), ("state", STATE), ("spot", SPOT))
    ):
        inside = Canvas(900, 700, name=name)
        inside.write(source)
        c.sub(inside, (190 + 60 * place, 12))
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
