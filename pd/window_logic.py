"""The wires of the window: the X/Y field, the selected voice, bundles and faults, playing."""

LEFT, MIDDLE_X, RIGHT = "px(0:1)(-30:970)", "px(0:1)(0:1000)", "px(0:1)(30:1030)"
DOWN, MIDDLE_Y, UP = "py(0:1)(-30:970)", "py(0:1)(0:1000)", "py(0:1)(30:1030)"
"""The sides of the handle, which move with the position. Only corners can be dragged, so one is
in its middle too. The field is 1000 wide because Pd reads corners as whole numbers. Values that
arrive before the handle is drawn are stored for it."""

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
valuex = r exnihilo-mine
kinds = route x y
newx = t f f
newy = t f f
passx = spigot
passy = spigot
valuex > kinds > newx > passx > setx
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

ENDS = ("left", "right", "bottom", "top")
"""The ends of X and Y whose meaning the field is labelled with."""

AXES = (
    "".join(f"{end} =( label $1\nto{end} = s exnihilo-axis-{end}\n" for end in ENDS)
    + """
values = r exnihilo-mine
kind = route axes
ends = unpack s s s s
values > kind > ends > left > toleft
ends:1 > right > toright
ends:2 > bottom > tobottom
ends:3 > top > totop
"""
)

MINE = """
values = r exnihilo-told
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
values = r exnihilo-told
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
