"""The parts of the patch, which other patches can use too, written as boxes and wires."""

from collections.abc import Callable
from functools import partial

from pd.patching import Canvas
from pd.steps import STEP
from pd.synth_part import SYNTH
from pd.voice_part import VOICE

LINK = """
load = loadbang
values = r exnihilo-received
say = r exnihilo-say

host = symbol $1
where = select 127.0.0.1 localhost
near = f $3
anywhere = t b
far = f $3
hear =( listen $1 127.0.0.1
hearall =( listen $1
receive = netreceive -u -b
parse = oscparse
trim = list trim
voiced = route voice
number = list split 1
digit = list fromsymbol
value = - 48
whole = list append
voice = list prepend voice
trimmed = list trim
out = s exnihilo-received
load > host > where > near > hear > receive
where:1 > near
where:2 > anywhere > far > hearall > receive
receive > parse > trim > voiced > number > digit > value > whole > voice > trimmed > out
number:1 > whole:1
voiced:1 > out

message = list append
twice = t l l
path = list split 1
set = list prepend set
settrim = list trim
arguments = list split 1
form = oscformat
send = list prepend send
sendtrim = list trim
open = spigot
socket = netsend -u -b
state = t f f
closed = == 0
say > message > twice > arguments
twice:1 > path > set > settrim > form
arguments:1 > form > send > sendtrim > open > socket > state > closed
state:1 > open:1

pulse = metro 500
first = t b b b b
again = symbol $1
there = pack s $2
connect =( connect $1 $2
once = spigot 1
port = f $3
ask =( /subscribe $1
asking = s exnihilo-say
load > pulse > first > late
late = realtime
held = moses 700
first:1 > late:1
late > held
held:1 > mine
first:2 > port > ask > asking
first:3 > again > there > connect > once > socket
closed > once:1

hello = route hello
alive = t b b
lost = delay 2500
gone =( 0
found =( 1
light = change
lit = s exnihilo-there
anew = select 1
token = route token
pair = t b f
own = f $3
proof = pack f f
prove =( /subscribe $1 $2
values > token > pair > own > proof > prove > asking
pair:1 > proof:1
values > hello > alive > lost > gone > light > lit
alive:1 > found > light > anew
tell = r exnihilo-resend
mine = f $3
forget = t f f
bye =( /unsubscribe $1
back =( /subscribe $1
anew > mine > forget > back > asking
tell > mine
forget:1 > bye > asking
"""

CLOCK = """
values = r exnihilo-received
kinds = route tempo swing run
follow = r exnihilo-follow
restart = r exnihilo-restart
step = expr 15000 / max($f1 , 1)
period = * 2
values > kinds > step > lengths
lengths = t f f
own = == 2
now = t b f
both = expr $f1 && $f2
going = change
begin = t f f
started = select 1
anew = t b
zero =( 0
running = metro 250
follow > own > now > both > going > begin > running
now:1 > both:1
kinds:2 > both
begin:1 > started > anew > zero > count:1
stopped = select 0
halt =( stop
started:1 > stopped > halt > odd
restart > anew2
anew2 = t b b
anew2:1 > zero
on =( 1
if = spigot
anew2 > on > if > running
going > if:1
lengths > period > running:1
pairs = t b b
count = f 0
plus = + 2
late = expr 2 * $f1 * $f2 ; 2 * $f1 * (1 - $f2)
odd = delay 125
lengths:1 > late
swung = t b f
kinds:1 > swung
swung:1 > late:1
stored = f 125
lengths:1 > stored:1
swung > stored > late
late > odd:1
default =( 0.5
load = loadbang
load > default > late:1
running > pairs > count > evens
pairs:1 > odd
evens = t f f
evens > even
evens:1 > plus > count:1
even = pack f f
uneven = pack f f
odds = f 0
plus > minus > odds:1
minus = - 1
odd > odds > uneven
late > even:1
late:1 > uneven:1
tick = s exnihilo-tick
even > tick
uneven > tick
"""

# While the user moves a control, received values do not; after that the last one is shown.
_CONTROL = """
moved = r exnihilo-$1-moved
value = t f b b
address = list prepend
trim = list trim
say = s exnihilo-say
moved > value
address > trim > say
shut =( 0
wait = delay 400
open =( 1
pass = spigot 1
value:2 > shut > pass:1
value:1 > wait > still
still = t b b
still:1 > open > pass:1
update = t f f
last = list store
known = route float
set =( set $1
shown = s exnihilo-$1-shown
update > pass > set > shown
update:1 > last:1
still > last > known > set
load = loadbang
"""

CONTROL = (
    _CONTROL
    + """
first =( 0
tab = r exnihilo-voice-moved
from1 = + 1
path = makefilename /voice/%d/$2
load > first > from1
tab > from1 > path > address:1
whole = expr if($5 , rint($f1) , $f1)
value > whole > address
mine = r exnihilo-mine
kind = route $3
skip = list split $4
one = unpack f
mine > kind > skip
skip:1 > one > update
"""
)

GLOBAL = (
    _CONTROL
    + """
path = symbol /$1
load > path > address:1
value > address
values = r exnihilo-received
kind = route $1
values > kind > update
"""
)


def _file(source: str) -> str:
    canvas = Canvas(900, 860)
    canvas.write(source)
    return canvas.file()


PARTS: dict[str, Callable[[], str]] = {
    f"exnihilo-{name}.pd": partial(_file, source)
    for name, source in {
        "link": LINK,
        "voice": VOICE,
        "clock": CLOCK,
        "synth": SYNTH,
        "control": CONTROL,
        "step": STEP,
        "global": GLOBAL,
    }.items()
}
