"""The part that plays a voice: `exnihilo-voice`."""

# A note lasts a share of the room until the voice's next step. Two swung
# sixteenths together are as long as ever: swing changes only steps of an odd number of them.
VOICE = """
values = r exnihilo-received
voices = route voice
number = route $1
all = outlet 2
kinds = route pattern velocity notes length rotate division mute step gate
values > voices > number > kinds

pattern = array set $0-pattern
velocity = array set $0-velocity
notes = array set $0-notes
patterns = array define $0-pattern 32
velocities = array define $0-velocity 32
eight = array define $0-notes 8
kinds > pattern
kinds:1 > velocity
kinds:2 > notes

follow = r exnihilo-follow
who = t f f b
theirs = == 1
ours = == 2
follow > who > theirs
who:1 > ours

followed = spigot
known = t f b
sixteenth = f
from0 = - 1
kinds:7 > followed > known > from0
known:1 > sixteenth > room
theirs > followed:1

load = loadbang
begin = t b b b b
one =( 1
longest =( 32
half =( 0.5
usual =( 120
load > begin > one
begin:1 > longest
begin:2 > half
begin:3 > usual > beat

tick = r exnihilo-tick
ticked = spigot
time = unpack f f
counted = t f f f
slow = expr if($f2 > 0 && int($f1) % int(max($f2 , 1)) == 0 , int($f1 / max($f2 , 1)) , -1)
slowly = moses 0
fast = expr if($f2 < 0 , $f1 * abs($f2) , -1)
fastly = moses 0
tick > ticked > time > counted > slow > slowly
ours > ticked:1
first = select 0
counted:2 > first > forget
counted:1 > fast > fastly
one > slow:1
kinds:5 > slow:1
kinds:5 > fast:1

burst = t b f
base = +
again = t b b
zero =( 0
fits = abs
hits = f 1
each = until
place = f 0
next = + 1
spread = t f f
wait = expr $f1 * $f2 / max(abs($f3) , 1)
later = pipe 0
runs = route run
stops = select 0
forget =( clear
values > runs > stops > forget > later
who:2 > forget
fastly:1 > burst > again > hits > each > place > spread > base > later
burst:1 > base:1
again:1 > zero > place:1
kinds:5 > fits > hits:1
place > next > place:1
spread:1 > wait > later:1
time:1 > lasts
lasts = t f f
lasts:1 > wait:1
lasts > room
kinds:5 > wait:2

turn = expr (int($f1) % int(max($f2 , 1)) - int($f3) + 32 * int($f2)) % int(max($f2 , 1))
longest > turn:1
kinds:3 > turn:1
kinds:4 > turn:2
slowly:1 > turn
later > turn

play = t f f f f
turn > play
from0 > play
stepped = + 1
step = outlet 1
play:3 > stepped > step
eighth = mod 8
pitch = tabread $0-notes
play:2 > eighth > pitch
loud = tabread $0-velocity
least = max 1
play:1 > loud > least
on = tabread $0-pattern
sounds = select 1
muted = == 0
unmuted = spigot 1
sound = f 60
anew = t b b
end =( stop
play > on > sounds > unmuted > anew > sound
anew:1 > end > make
pitch > sound:1
kinds:6 > muted > unmuted:1

tempo = route tempo
beat = expr 15000 / max($f1 , 1)
values > tempo > beat
beat > sixteenth:1
beat > room:2
room = expr if($f2 < 0 , $f1 / abs($f2) , $f2 * $f3 + int($f2) % 2 * ($f1 - $f3))
one > room:1
kinds:5 > room:1
share = expr min(max($f2 * $f1 , 1) , max($f1 - 1 , $f1 / 2))
half > share:1
kinds:8 > share:1
room > share
make = makenote 64 62
sound > make
least > make:1
share > make:2
pair = pack f f
spoken = t l l
note = outlet 0
named = list prepend $1
played = s exnihilo-note
make > pair > spoken > note
make:1 > pair:1
spoken:1 > named > played
number > all
"""
