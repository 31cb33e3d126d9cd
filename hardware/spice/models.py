# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Behavioural models of the active parts, from data-sheet figures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amplifier:
    """What a first-order amplifier model needs; typical figures of a data sheet."""

    bandwidth_hz: float
    slew_volts_per_second: float
    gain: float
    output_ohms: float
    short_circuit_amps: float
    headroom_volts: float
    """How near the output comes to either rail."""
    second_pole_hz: float
    input_diodes: bool
    """Whether the inputs are clamped to the rails by the chip."""

    def subcircuit(self, name: str) -> str:
        """Write the model: inputs plus and minus, rails plus and minus, output."""
        farads, most = 1e-9, self.short_circuit_amps
        siemens = 6.2832 * self.bandwidth_hz * farads
        limit = self.slew_volts_per_second * farads
        pole_farads = 1 / (6.2832 * self.second_pole_hz * 1e3)
        clamps = (
            "Dpp plus vp clamp\nDpn vn plus clamp\nDmp minus vp clamp\nDmn vn minus clamp\n"
            if self.input_diodes
            else ""
        )
        return f""".subckt {name} plus minus vp vn out
{clamps}Rin plus minus 1e12
Bgain 0 x I = {limit:.6g}*tanh({siemens:.6g}*V(plus,minus)/{limit:.6g})
Rgain x mid {self.gain / siemens:.6g}
Cgain x mid {farads:.6g}
Bmid mid 0 V = (V(vp)+V(vn))/2
Dhigh x high stop
Bhigh high 0 V = V(vp)-{self.headroom_volts}
Dlow low x stop
Blow low 0 V = V(vn)+{self.headroom_volts}
Rpole x y 1e3
Cpole y 0 {pole_farads:.6g}
Bout 0 out I = {most}*tanh((V(y)-V(out))/{self.output_ohms * most:.6g})
.ends
"""


TL074 = Amplifier(
    bandwidth_hz=3e6,
    slew_volts_per_second=13e6,
    gain=2e5,
    output_ohms=125.0,
    short_circuit_amps=40e-3,
    headroom_volts=1.5,
    second_pole_hz=9e6,
    input_diodes=False,
)
"""Texas Instruments SLOS080, typical; output resistance and second pole are assumed."""

MCP6004 = Amplifier(
    bandwidth_hz=1e6,
    slew_volts_per_second=0.6e6,
    gain=4e5,
    output_ohms=300.0,
    short_circuit_amps=15e-3,
    headroom_volts=0.025,
    second_pole_hz=5e6,
    input_diodes=True,
)
"""Microchip DS21733, typical; output resistance and second pole are assumed."""


@dataclass(frozen=True, slots=True)
class FieldEffect:
    """A MOSFET of the first order: threshold and resistance when it is fully on."""

    polarity: str
    """NMOS or PMOS."""
    threshold_volts: float
    gate_volts: float
    """At which the resistance holds."""
    on_ohms: float

    def model(self, name: str) -> str:
        """Write the model; its width and length are 1."""
        drive = abs(self.gate_volts) - abs(self.threshold_volts)
        siemens = 1 / (self.on_ohms * drive)
        values = f"Level=1 Vto={self.threshold_volts} Kp={siemens:.4g}"
        return f".model {name} {self.polarity}({values})"

    def body(self, source: str, drain: str) -> tuple[str, str]:
        """Give anode and cathode of the diode between the two."""
        return (source, drain) if self.polarity == "NMOS" else (drain, source)


FIELD_EFFECT = {
    "AO3401A": FieldEffect("PMOS", -0.9, -4.5, 0.060),
    "BSS138": FieldEffect("NMOS", 1.5, 4.5, 3.5),
}
"""Thresholds typical and at most, resistances at most, of the makers' data sheets."""

MODELS = {
    "B140": "B140",
    "1N4148W": "1N4148",
    "LED 3 mm red": "red",
}
"""Model of each diode's value."""

_FIELD_EFFECT = "\n".join(fet.model(name) for name, fet in FIELD_EFFECT.items())

LIBRARY = f"""{TL074.subcircuit("TL074")}{MCP6004.subcircuit("MCP6004")}
.model clamp D(Is=1e-14 N=1.0 Rs=10)
.model stop D(Is=1e-12 N=0.02)
.model B140 D(Is=3.2e-5 N=1.4 Rs=0.05 Cjo=110p BV=40)
.model 1N4148 D(Is=4.3e-9 N=1.9 Rs=0.6 Cjo=4p)
.model led D(Is=1e-17 N=1.5 Rs=5)
.model red D(Is=3e-18 N=2 Rs=5 BV=5)
.model body D(Is=1e-12 N=1 Rs=0.02)
.model BCM857BS PNP(Is=2e-14 Bf=250)
{_FIELD_EFFECT}
"""
"""`led` is an infrared emitter of 1.2 V at 5 mA, as optocouplers carry; `red` one of 1.75 V
at 1.5 mA that breaks down at 5 V, the least its data sheet promises."""

DAC_SLEW_VOLTS_PER_SECOND = 0.55e6
"""MCP4728, DS22187E section 1: typical."""
