# SPDX-License-Identifier: CERN-OHL-P-2.0
"""What a hand or a cable touches: connectors, jacks, pots, encoder, buttons, display.

Heights are those of the body behind the panel, or of a plug with what stands in it.
"""

from hardware.parts import Item

PANEL_GAP_MM = 10.0
"""From the boards' front to the panel's back: the body of a PJ398SM and of an RD901F."""

PI = Item(
    "J",
    "Connector:Raspberry_Pi_2_3",
    "Connector_PinSocket_2.54mm:PinSocket_2x20_P2.54mm_Vertical",
    "Raspberry Pi",
    "Samtec",
    "SSW-120-01-T-D",
    "any 2x20 socket, 2.54 mm, 8.5 mm high",
    height_mm=8.5,
)
RACK_POWER = Item(
    "J",
    "Connector_Generic:Conn_02x05_Odd_Even",
    "Connector_IDC:IDC-Header_2x05_P2.54mm_Vertical",
    "Eurorack power",
    "Amphenol",
    "T821110A1S100CEU",
    "any shrouded 2x5 header, 2.54 mm",
    height_mm=18.0,
)
VOICE_LINK = Item(
    "J",
    "Connector_Generic:Conn_02x07_Odd_Even",
    "Connector_IDC:IDC-Header_2x07_P2.54mm_Vertical",
    "voices",
    "Würth Elektronik",
    "61201421621",
    "any shrouded 2x7 header, 2.54 mm",
    height_mm=18.0,
)
VOICE_NUMBER = Item(
    "JP",
    "Connector_Generic:Conn_02x03_Odd_Even",
    "Connector_PinHeader_2.54mm:PinHeader_2x03_P2.54mm_Vertical",
    "voice number",
    "any",
    "2.54 mm header 2x3",
    height_mm=9.0,
)
SHUTDOWN_PINS = Item(
    "J",
    "Connector_Generic:Conn_01x02",
    "Connector_PinHeader_2.54mm:PinHeader_1x02_P2.54mm_Vertical",
    "shutdown",
    "any",
    "2.54 mm header 1x2",
    height_mm=9.0,
)
OLED = Item(
    "J",
    "Connector_Generic:Conn_01x07",
    "exnihilo:OLED_0.96_SPI",
    "OLED SSD1306 SPI",
    "any",
    "SSD1306, 128x64, pins GND VCC D0 D1 RES DC CS, 27 x 28 mm, holes 23.4 x 23.8 mm",
    "not 1.3 inch: an SH1106 needs another driver",
    height_mm=9.0,
)
ENCODER = Item(
    "SW",
    "Device:RotaryEncoder_Switch",
    "Rotary_Encoder:RotaryEncoder_Alps_EC11E-Switch_Vertical_H20mm",
    "EC11E",
    "Alps Alpine",
    "EC11E15244G1",
    "Bourns PEC11R-4215F-S0024",
    height_mm=7.0,
)
BUTTON = Item(
    "SW",
    "Switch:SW_Push",
    "Button_Switch_THT:SW_PUSH_6mm_H13mm",
    "button 13 mm",
    "any",
    "6 x 6 mm tactile switch, upright, wires through the board, 13 mm high over all",
    height_mm=4.0,
)
POT = Item(
    "RV",
    "Device:R_Potentiometer",
    "Potentiometer_THT:Potentiometer_Alpha_RD901F-40-00D_Single_Vertical",
    "B10k",
    "Alpha",
    "RD901F-40-15R1-B10K",
    "any 9 mm, 10k linear",
    height_mm=PANEL_GAP_MM,
)
JACK = Item(
    "J",
    "Connector:AudioJack2_SwitchT",
    "Connector_Audio:Jack_3.5mm_QingPu_WQP-PJ398SM_Vertical_CircularHoles",
    "PJ398SM",
    "QingPu",
    "WQP-PJ398SM",
    "Thonkiconn",
    height_mm=PANEL_GAP_MM,
)
MIDI_JACK = Item(
    "J",
    "Connector:AudioJack3",
    "exnihilo:Jack_PJ366ST",
    "TRS MIDI",
    "QingPu",
    "WQP-PJ366ST",
    "Thonkiconn stereo; a mono jack does not work",
    height_mm=PANEL_GAP_MM,
)
