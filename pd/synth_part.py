"""The part that sounds a voice in Pd: `exnihilo-synth`."""

SYNTH = """
in = inlet 0
both = unpack f f
loud = t f f
part = / 127
gate = select 0
in > both
both:1 > loud > part
loud:1 > gate
hit = t f f
pitch = f 60
note = mtof
pure = t f f
who = loadbang
number = f $1
ratio = expr if($f1 == 1 , 1 , if($f1 == 2 , 2 , 3.5))
who > number > ratio > modulator:1
both > pitch
sounding = spigot
gate:1 > sounding:1
off =( 0 40
zero =( 0
gate > zero > sounding:1
gate > off > loudness
loudness = vline~
strike =( $1 1 , 0 350 1
level = f 0
part > level:1
pitch > sounding > struck
struck = t b f
struck > level > strike > loudness
bright =( $1 1 , 0 120 1
brightness = vline~
struck:1 > note > pure > carrier
pure:1 > modulator
level > bright > brightness
carrier = sig~
modulator = * 1
wave = osc~
depth = *~
far = *~
deep = +~
tone = osc~
amount = *~ 2
voiced = *~
quiet = *~ 0.25
left = throw~ exnihilo-sound
modulator > wave > depth
brightness > amount > depth:1
depth > far
carrier > far:1
far > deep
carrier > deep:1
deep > tone > voiced > quiet > left
loudness > voiced:1
"""
