# SPDX-License-Identifier: CERN-OHL-P-2.0
"""Diodes, transistors, references and integrated circuits."""

from hardware.parts import Item

_SOT_23 = "Package_TO_SOT_SMD:SOT-23"
_SOIC_14 = "Package_SO:SOIC-14_3.9x8.7mm_P1.27mm"
_SOIC_MM = 1.8
_SOT_MM = 1.2

SCHOTTKY = Item(
    "D",
    "Diode:B140-E3",
    "Diode_SMD:D_SMA",
    "B140",
    "Vishay",
    "B140-E3/61T",
    "SS14; any 1 A, 40 V Schottky in SMA",
    height_mm=2.3,
)
SIGNAL_DIODE = Item(
    "D",
    "Diode:1N4148W",
    "Diode_SMD:D_SOD-123",
    "1N4148W",
    "Vishay",
    "1N4148W-E3-08",
    "any 1N4148 in SOD-123",
    height_mm=1.4,
)
LED = Item(
    "D",
    "Device:LED",
    "LED_THT:LED_D3.0mm",
    "LED 3 mm red",
    "Kingbright",
    "WP710A10LID",
    "any 3 mm LED that is bright at 1.5 mA",
    height_mm=10.0,
)
SWITCH = Item(
    "Q",
    "Transistor_FET:AO3401A",
    _SOT_23,
    "AO3401A",
    "Alpha & Omega",
    "AO3401A",
    "DMG2305UX-7",
    height_mm=_SOT_MM,
)
COMPARATOR_PAIR = Item(
    "Q",
    "Transistor_BJT:BC857BS",
    "Package_TO_SOT_SMD:SOT-363_SC-70-6",
    "BCM857BS",
    "Nexperia",
    "BCM857BS,115",
    "a matched pair only: the two must see the same 70 mV",
    height_mm=_SOT_MM,
)
BUS_SWITCH = Item(
    "Q",
    "Transistor_FET:BSS138",
    _SOT_23,
    "BSS138",
    "onsemi",
    "BSS138LT1G",
    "any BSS138",
    height_mm=_SOT_MM,
)
CONVERTER_5V = Item(
    "U",
    "Regulator_Switching:TSR_1-2450",
    "Converter_DCDC:Converter_DCDC_TRACO_TSR-1_THT",
    "TSR 1-2450",
    "Traco Power",
    "TSR 1-2450",
    "Recom R-78E5.0-1.0",
    height_mm=10.3,
)
REFERENCE_3V3 = Item(
    "U",
    "Reference_Voltage:REF3033",
    _SOT_23,
    "REF3033",
    "Texas Instruments",
    "REF3033AIDBZT",
    "REF3133AIDBZT",
    height_mm=_SOT_MM,
)
REGULATOR_3V3 = Item(
    "U",
    "Regulator_Linear:MCP1700x-330xxTT",
    _SOT_23,
    "MCP1700-3302",
    "Microchip",
    "MCP1700T-3302E/TT",
    "MCP1702T-3302E/CB",
    height_mm=_SOT_MM,
)
REFERENCE_4V096 = Item(
    "U",
    "Reference_Voltage:REF5040AD",
    "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm",
    "REF5040",
    "Texas Instruments",
    "REF5040AIDR",
    "REF5040IDR (3 ppm); ADR4540BRZ",
    height_mm=_SOIC_MM,
)
ADC = Item(
    "U",
    "Analog_ADC:MCP3208",
    "Package_SO:SOIC-16_3.9x9.9mm_P1.27mm",
    "MCP3208",
    "Microchip",
    "MCP3208-CI/SL",
    "MCP3208-BI/SL",
    height_mm=_SOIC_MM,
)
DAC = Item(
    "U",
    "Analog_DAC:MCP4728",
    "Package_SO:MSOP-10_3x3mm_P0.5mm",
    "MCP4728",
    "Microchip",
    "MCP4728-E/UN",
    "voice 2: MCP4728A1-E/UN, voice 3: MCP4728A2-E/UN",
    height_mm=_SOT_MM,
)
INPUT_AMPLIFIER = Item(
    "U",
    "Amplifier_Operational:MCP6004",
    _SOIC_14,
    "MCP6004",
    "Microchip",
    "MCP6004-I/SL",
    "MCP6004T-I/SL",
    height_mm=_SOIC_MM,
)
OUTPUT_AMPLIFIER = Item(
    "U",
    "Amplifier_Operational:TL074",
    _SOIC_14,
    "TL074",
    "Texas Instruments",
    "TL074CDR",
    "TL074HIDR, OPA4171AIDR",
    height_mm=_SOIC_MM,
)
BUFFER = Item(
    "U",
    "74xx:74LVC125",
    _SOIC_14,
    "74AHCT125",
    "Texas Instruments",
    "SN74AHCT125DR",
    "SN74HCT125DR",
    height_mm=_SOIC_MM,
)
OPTOCOUPLER = Item(
    "U",
    "Isolator:H11L1",
    "Package_DIP:SMDIP-6_W9.53mm",
    "H11L1",
    "onsemi",
    "H11L1SR2M",
    "H11L1SM; not H11L2 or H11L3, which want more current than a MIDI sender gives",
    height_mm=4.0,
)
