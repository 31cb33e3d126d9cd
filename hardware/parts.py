# SPDX-License-Identifier: CERN-OHL-P-2.0
"""What a line of the parts list is, and the passive parts.

`hardware.sources` says which makers' numbers were seen in a public source.
"""

from dataclasses import dataclass, replace

from hardware.constants import RAIL_FARADS

_0805 = "Resistor_SMD:R_0805_2012Metric"


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the catalogue."""

    prefix: str
    """Of the designator: R, C, U..."""
    symbol: str
    """KiCad `library:symbol`."""
    footprint: str
    """KiCad `library:footprint`."""
    value: str
    maker: str
    number: str
    alternates: str = ""
    height_mm: float = 1.0
    """Of the body above the board, from the maker's drawing, rounded up."""
    magnitude: float | None = None
    """Ohms, farads or henries, where the part has one."""
    tolerance: float = 0.01
    """As a fraction of the magnitude."""
    tempco: float = 100e-6
    """As a fraction of the magnitude per kelvin, at most."""
    series_ohms: float = 0.0
    """Of an electrolytic capacitor, at 100 kHz."""


def engineering(value: float, unit: str = "") -> str:
    """Write a value the way it is printed on a sheet: 13k, 470R, 220p, 4u7."""
    scales = (("M", 1e6), ("k", 1e3), (unit or "R", 1.0), ("m", 1e-3), ("u", 1e-6))
    for letter, scale in (*scales, ("n", 1e-9), ("p", 1e-12)):
        mantissa = round(value / scale, 6)
        if mantissa >= 1:
            digits = f"{mantissa:g}"
            return digits.replace(".", letter) if "." in digits else digits + letter
    msg = f"{value} is no component value; give ohms, farads or henries above zero"
    raise ValueError(msg)


def _digits(ohms: float) -> str:
    """Three-digit code of a resistor: 13000 -> 133."""
    power = 0
    while ohms >= 100:
        ohms /= 10
        power += 1
    return f"{round(ohms):02d}{power}"


def resistor(ohms: float) -> Item:
    """1 %, 100 ppm: where the value only has to be near."""
    value = engineering(ohms)
    number = f"RC0805FR-07{value.upper()}L"
    return Item("R", "Device:R", _0805, value, "Yageo", number, "any 0805, 1 %", magnitude=ohms)


def precise_resistor(ohms: float) -> Item:
    """0.1 %, 25 ppm: where the value is pitch."""
    plain, value = resistor(ohms), engineering(ohms)
    return replace(
        plain,
        value=f"{value} 0.1%",
        maker="Panasonic",
        number=f"ERA-6AEB{_digits(ohms)}V",
        alternates="Susumu RR1220P-B; any 0805, 0.1 %, 25 ppm",
        tolerance=0.001,
        tempco=25e-6,
    )


def strong_resistor(ohms: float) -> Item:
    """Half a watt: where a patch cable can short it to a rail."""
    plain, value = resistor(ohms), engineering(ohms)
    return replace(
        plain,
        footprint="Resistor_SMD:R_1210_3225Metric",
        value=f"{value} 0.5W",
        number=f"RC1210FR-07{value.upper()}L",
        alternates="any 1210, 0.5 W",
    )


_CAPACITORS = {
    "100p": ("0805_2012Metric", "GRM2165C1H101JA01D", "C0G 50 V"),
    "470p": ("0805_2012Metric", "GRM2165C1H471JA01D", "C0G 50 V"),
    "1n": ("0805_2012Metric", "GRM2165C1H102JA01D", "C0G 50 V"),
    "10n": ("0805_2012Metric", "GRM2195C1H103JA01D", "C0G 50 V"),
    "100n": ("0805_2012Metric", "GRM21BR71H104KA01L", "X7R 50 V"),
    "1u": ("0805_2012Metric", "GRM21BR71E105KA99L", "X7R 25 V"),
    "10u": ("1206_3216Metric", "GRM31CR71E106KA12L", "X7R 25 V"),
}
_ELECTROLYTICS = {"22u": ("EEE-FK1H220P", "50 V"), "47u": ("EEE-FK1V470P", "35 V")}


def capacitor(farads: float) -> Item:
    """Ceramic; C0G up to 10 nF, X7R above."""
    value = engineering(farads)
    size, number, kind = _CAPACITORS[value]
    return Item(
        "C",
        "Device:C",
        f"Capacitor_SMD:C_{size}",
        value,
        "Murata",
        number,
        f"any {kind}",
        height_mm=1.9 if size.startswith("1206") else 1.5,
        magnitude=farads,
    )


def rail_capacitor() -> Item:
    """4.7 uF for 50 V: on a 12 V rail that may ring to twice that when it is plugged in."""
    return replace(
        capacitor(10e-6),
        value="4u7 50V",
        number="GRM31CR71H475KA12L",
        alternates="any X7R 50 V",
        magnitude=RAIL_FARADS,
    )


def electrolytic(farads: float) -> Item:
    """Aluminium, low impedance: its own resistance damps the rail it stands on."""
    value = engineering(farads)
    number, volts = _ELECTROLYTICS[value]
    return Item(
        "C",
        "Device:C_Polarized",
        "Capacitor_SMD:CP_Elec_6.3x5.8",
        f"{value} {volts.replace(' ', '')}",
        "Panasonic",
        number,
        f"any {value[:-1]} uF, {volts} or more, 105 C, 6.3 x 5.8 mm",
        height_mm=6.1,
        magnitude=farads,
        series_ohms=0.36,
    )


CHOKE = Item(
    "L",
    "Device:L",
    "Inductor_SMD:L_Bourns-SRN6028",
    "10u",
    "Bourns",
    "SRN6028-100M",
    "any 10 uH, 1.5 A or more, 6 x 6 mm",
    height_mm=2.8,
    magnitude=10e-6,
)
PLUS_FUSE = Item(
    "F",
    "Device:Polyfuse",
    "Fuse:Fuse_1812_4532Metric",
    "MF-MSMF050",
    "Bourns",
    "MF-MSMF050-2",
    "any 1812, holds 0.5 A, 15 V or more",
    height_mm=1.2,
)
MINUS_FUSE = replace(
    PLUS_FUSE,
    value="MF-MSMF014",
    number="MF-MSMF014-2",
    alternates="any 1812, holds 0.14 A, 15 V or more",
)
TEST_POINT = Item(
    "TP",
    "Connector:TestPoint",
    "TestPoint:TestPoint_Pad_D1.5mm",
    "test point",
    "",
    "",
    "a bare pad; nothing to buy",
    height_mm=0.0,
)
