# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The parts that may be used: KiCad symbol, footprint, maker's number, what may replace it.

Makers' numbers follow the makers' own numbering; no stock or price was looked up, and the
price column of the parts list is the builder's.
"""

from dataclasses import dataclass, replace

_0805 = "Resistor_SMD:R_0805_2012Metric"
SOIC_14 = "Package_SO:SOIC-14_3.9x8.7mm_P1.27mm"
PIN_ROW = "Connector_PinHeader_2.54mm:PinHeader_1x{0:02d}_P2.54mm_Vertical"


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
    through_hole: str = "the same"
    """What takes its place on perforated board."""
    magnitude: float | None = None
    """Ohms, farads or henries, where the part has one."""
    tolerance: float = 0.01
    """As a fraction of the magnitude."""
    tempco: float = 100e-6
    """As a fraction of the magnitude per kelvin, at most."""


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
    axial = f"MFR-25FBF52-{value.upper()}; any axial, 1 %"
    return Item("R", "Device:R", _0805, value, "Yageo", number, "any 0805, 1 %", axial, ohms)


def precise_resistor(ohms: float) -> Item:
    """0.1 %, 25 ppm: where the value is pitch."""
    plain, value = resistor(ohms), engineering(ohms)
    return replace(
        plain,
        value=f"{value} 0.1%",
        maker="Panasonic",
        number=f"ERA-6AEB{_digits(ohms)}V",
        alternates="Susumu RR1220P-B; any 0805, 0.1 %, 25 ppm",
        through_hole=f"YR1B{value.upper()}CC; any axial, 0.1 %, 25 ppm",
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
        through_hole="any axial, 0.5 W",
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
        f"any {kind}, 5.08 mm",
        farads,
    )


def pin_row(count: int) -> Item:
    """Give a row of pins at 2.54 mm."""
    symbol = f"Connector_Generic:Conn_01x{count:02d}"
    value = f"1x{count}"
    return Item("J", symbol, PIN_ROW.format(count), value, "any", f"2.54 mm header {value}")


ELECTROLYTIC = Item(
    "C",
    "Device:C_Polarized",
    "Capacitor_THT:CP_Radial_D5.0mm_P2.00mm",
    "22u",
    "Panasonic",
    "EEU-FC1H220",
    "any 22 uF, 35 V or more, 105 C",
    magnitude=22e-6,
)
CHOKE = Item(
    "L",
    "Device:L",
    "Inductor_THT:L_Radial_D8.7mm_P5.00mm_Fastron_07HCP",
    "10u",
    "Fastron",
    "07HCP-100M-50",
    "any 10 uH, 1 A or more",
    magnitude=10e-6,
)
FUSE = Item(
    "F",
    "Device:Polyfuse",
    "Fuse:Fuse_Bourns_MF-RHT050",
    "MF-RHT050",
    "Bourns",
    "MF-RHT050",
    "for Pi 3A+ and 4: MF-RHT100",
)
SCHOTTKY = Item(
    "D",
    "Diode:1N5819",
    "Diode_THT:D_DO-41_SOD81_P10.16mm_Horizontal",
    "1N5819",
    "onsemi",
    "1N5819G",
    "1N5817, 1N5818",
)
SIGNAL_DIODE = Item(
    "D",
    "Diode:1N4148",
    "Diode_THT:D_DO-35_SOD27_P7.62mm_Horizontal",
    "1N4148",
    "onsemi",
    "1N4148",
    "1N914",
)
CONVERTER_5V = Item(
    "U",
    "Regulator_Switching:TSR_1-2450",
    "Converter_DCDC:Converter_DCDC_TRACO_TSR-1_THT",
    "TSR 1-2450",
    "Traco Power",
    "TSR 1-2450",
    "Recom R-78E5.0-1.0; for Pi 4: TSR 2-2450",
)
REFERENCE_3V3 = Item(
    "U",
    "Reference_Voltage:REF3033",
    "Package_TO_SOT_SMD:SOT-23",
    "REF3033",
    "Texas Instruments",
    "REF3033AIDBZT",
    "REF3133AIDBZT",
    "on a SOT-23 to SIP-3 adapter",
)
REFERENCE_4V096 = Item(
    "U",
    "Reference_Voltage:REF5040AD",
    "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm",
    "REF5040",
    "Texas Instruments",
    "REF5040AIDR",
    "REF5040IDR (3 ppm); ADR4540BRZ",
    "on a SOIC-8 to DIP-8 adapter",
)
ADC = Item(
    "U",
    "Analog_ADC:MCP3208",
    "Package_SO:SOIC-16_3.9x9.9mm_P1.27mm",
    "MCP3208",
    "Microchip",
    "MCP3208-CI/SL",
    "MCP3208-BI/SL",
    "MCP3208-CI/P",
)
DAC = Item(
    "U",
    "Analog_DAC:MCP4728",
    "Package_SO:MSOP-10_3x3mm_P0.5mm",
    "MCP4728",
    "Microchip",
    "MCP4728-E/UN",
    "voice 2: MCP4728A1-E/UN, voice 3: MCP4728A2-E/UN",
    "on an MSOP-10 to DIP-10 adapter",
)
INPUT_AMPLIFIER = Item(
    "U",
    "Amplifier_Operational:MCP6004",
    SOIC_14,
    "MCP6004",
    "Microchip",
    "MCP6004-I/SL",
    "MCP6004T-I/SL",
    "MCP6004-I/P",
)
OUTPUT_AMPLIFIER = Item(
    "U",
    "Amplifier_Operational:TL074",
    SOIC_14,
    "TL074",
    "Texas Instruments",
    "TL074CDR",
    "TL074HIDR, OPA4171AIDR",
    "TL074CN",
)
BUFFER = Item(
    "U",
    "74xx:74LVC125",
    SOIC_14,
    "74AHCT125",
    "Texas Instruments",
    "SN74AHCT125DR",
    "SN74HCT125DR",
    "SN74AHCT125N",
)
OPTOCOUPLER = Item(
    "U",
    "Isolator:H11L1",
    "Package_DIP:DIP-6_W7.62mm",
    "H11L1",
    "onsemi",
    "H11L1M",
    "H11L2M, H11L3M",
)
PI = Item(
    "J",
    "Connector:Raspberry_Pi_2_3",
    "Connector_PinSocket_2.54mm:PinSocket_2x20_P2.54mm_Vertical",
    "Raspberry Pi",
    "Samtec",
    "SSW-120-01-T-D",
    "any 2x20 socket, 2.54 mm",
    "2x20 header, for a ribbon cable",
)
RACK_POWER = Item(
    "J",
    "Connector_Generic:Conn_02x05_Odd_Even",
    "Connector_IDC:IDC-Header_2x05_P2.54mm_Vertical",
    "Eurorack power",
    "Amphenol",
    "T821110A1S100CEU",
    "any shrouded 2x5 header, 2.54 mm",
)
VOICE_LINK = Item(
    "J",
    "Connector_Generic:Conn_01x08",
    "Connector_JST:JST_XH_B8B-XH-A_1x08_P2.50mm_Vertical",
    "voice",
    "JST",
    "B8B-XH-A",
    "any locking 1x8 connector",
    "1x8 header, 2.54 mm, with a locking housing",
)
OLED = replace(
    pin_row(7),
    footprint="Connector_PinSocket_2.54mm:PinSocket_1x07_P2.54mm_Vertical",
    value="OLED SSD1306 SPI",
    number="128x64 SSD1306, 4-wire SPI, GND VCC D0 D1 RES DC CS",
    alternates="1.3 inch SH1106 needs another driver",
)
ENCODER = Item(
    "SW",
    "Device:RotaryEncoder_Switch",
    "Rotary_Encoder:RotaryEncoder_Alps_EC11E-Switch_Vertical_H20mm",
    "EC11E",
    "Alps Alpine",
    "EC11E15244G1",
    "Bourns PEC11R-4215F-S0024",
    "the same, five wires to a row of pins",
)
POT = Item(
    "RV",
    "Device:R_Potentiometer",
    "Potentiometer_THT:Potentiometer_Alpha_RD901F-40-00D_Single_Vertical",
    "B10k",
    "Alpha",
    "RD901F-40-15R1-B10K",
    "any 9 mm, 10k linear",
    "the same, three wires to a row of pins",
)
JACK = Item(
    "J",
    "Connector:AudioJack2_SwitchT",
    "Connector_Audio:Jack_3.5mm_QingPu_WQP-PJ398SM_Vertical_CircularHoles",
    "PJ398SM",
    "QingPu",
    "WQP-PJ398SM",
    "Thonkiconn",
    "the same, three wires to a row of pins",
)
MIDI_JACK = Item(
    "J",
    "Connector:AudioJack3",
    PIN_ROW.format(3),
    "TRS MIDI",
    "QingPu",
    "PJ366ST",
    "any panel 3.5 mm stereo jack, three wires to the header",
)
