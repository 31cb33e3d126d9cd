"""The drawing of the steps: a bar and a lamp for each."""

from pd.patching import ACCENT, INK, LANE, QUIET

STEPS = 32
STEP_X, STEP_BASE, STEP_PITCH, STEP_WIDTH, STEP_HEIGHT = 30, 600, 27, 21, 110

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
