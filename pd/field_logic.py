"""The wires of the X/Y field: its map and loops, the handle on them, and what its ends mean."""

LEFT, MIDDLE_X, RIGHT = "px(0:1)(-30:970)", "px(0:1)(0:1000)", "px(0:1)(30:1030)"
DOWN, MIDDLE_Y, UP = "py(0:1)(-30:970)", "py(0:1)(0:1000)", "py(0:1)(30:1030)"
"""The sides of the handle, which move with the position. Only corners can be dragged, so one is
in its middle too. The field is 1000 wide because Pd reads corners as whole numbers. Values that
arrive before the handle is drawn are stored for it."""

SPOT = f"""
load = loadbang
later = delay 20
all = t b b b b b b b
clean =( ; pd-exnihilo-field clear
keptx = f 0.5
kepty = f 0.5
drawn =( 1
find =( traverse pd-exnihilo-field , bang
place = pointer
make = append exnihilo-spot px py
load > later > all
all:6 > clean
all:5 > find > place > cell:3
all:4 > cells
all:3 > dots
dot > make:2
all:2 > kepty > make:1
all:1 > keptx > make
all > drawn > passx:1
drawn > passy:1
drawn > passpaint:1
drawn > paint
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
onx = f 0.5
ony = f 0.5
newx:1 > onx:1
newy:1 > ony:1
onx > passx
ony > passy
setx = set exnihilo-spot px
sety = set exnihilo-spot py
make > setx:1
make > sety:1
"""

SIDE = 16
"""Cells of the map along X and along Y, as the module sends it."""
LOOPS = 32
"""The most loops that the module sends."""

_CELL = 1000 / SIDE

CELL = f"""
face = struct exnihilo-cell float x float y float c
square = filledpolygon -x c c 0 0 0 {_CELL:g} 0 {_CELL:g} {_CELL:g} 0 {_CELL:g}
"""
LOOP = """
face = struct exnihilo-loop float x float y
diamond = filledpolygon -x 222 222 0 -8 0 0 8 8 0 0 -8
"""

# The map and the loops lie below the handle. What is set is drawn anew on top of all, so the
# map is painted from the bottom up: cells, loops, and the handle last.
MAP = f"""
cells = t b b b
cells0 =( 0
cellsn =( {SIDE * SIDE}
eachcell = until
cellat = f 0
nextcell = + 1
cellsplit = t f f f
cellx = expr int($f1) % {SIDE} * {_CELL:g}
celly = expr int($f1 / {SIDE}) * {_CELL:g}
cell = append exnihilo-cell x y c
blank =( 887
cells:2 > cells0 > cellat:1
cells:1 > blank > cell:2
cells > cellsn > eachcell > cellat > cellsplit > cellx > cell
cellsplit:1 > celly > cell:1
cellsplit:2 > nextcell > cellat:1
cell > dot:2

dots = t b
dotsn =( {LOOPS}
eachdot = until
origin = f 0
dot = append exnihilo-loop x y
dots > dotsn > eachdot > origin > dot

values = r exnihilo-mine
sorts = route map loops
density = array define exnihilo-map {SIDE * SIDE}
where = array define exnihilo-loops {2 * LOOPS}
setmap = array set exnihilo-map
setloops = array set exnihilo-loops
gotmap = t b s
gotloops = t b l l
counted = list length
pairs = / 2
soon = delay 10
digits = list fromsymbol
word = symbol
values > sorts > word > gotmap > soon
gotmap:1 > digits > setmap
sorts:1 > gotloops > soon
gotloops:1 > setloops
gotloops:2 > counted > pairs > many
many = f 0

soon > passpaint
passpaint = spigot
passpaint > paint
paint = t b b b b b
begin =( traverse pd-exnihilo-field
walk = pointer
reset =( 0
paintcells =( {SIDE * SIDE}
eachpaint = until
onecell = t b b
next =( next
which = t b
at = f 0
after = + 1
digit = tabread exnihilo-map
level = max 48
from0 = - 48
colour = expr 800 + 10 * int(8 - $f1 * 5 / 9) + int(7 - $f1 * 6 / 9)
setc = set exnihilo-cell c
paint:4 > begin > walk
paint:3 > reset > at:1
paint:2 > paintcells > eachpaint > onecell
onecell:1 > next > walk > setc:1
onecell > which > at > digit > level > from0 > colour > setc
at > after > at:1

paintdots =( {LOOPS}
eachspot = until
onedot = t b b
nextdot =( next
walk > setdot:2
dotreset =( 0
dotat = f 0
dotafter = + 1
pick = expr if($f2 > 0 , 2 * (int($f1) % int(max($f2 , 1))) , -1)
both = t f f
second = + 1
lookx = tabread exnihilo-loops
looky = tabread exnihilo-loops
wide = * 1000
high = * 1000
setdot = set exnihilo-loop x y
paint:1 > dotsgo
dotsgo = t b b b
dotsgo:2 > many > pick:1
dotsgo:1 > dotreset > dotat:1
dotsgo > paintdots > eachspot > onedot
onedot:1 > nextdot > walk
onedot > dotat > pick > both > lookx > wide > setdot
dotat > dotafter > dotat:1
both:1 > second > looky > high > setdot:1
raise = t b b
paint > raise > onx
raise:1 > ony
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
