"""What each process holds."""

import subprocess
import sys

from firmware.board.constants import DAC_ADDRESSES, PINS
from firmware.drivers.gpio import CLOCK_LINES, ENCODER_LINES
from firmware.drivers.oled import OLED_LINES
from firmware.simulator.clock import VirtualTime
from firmware.simulator.rack import Rack


def test_no_line_is_requested_twice():
    lines = [*CLOCK_LINES, *ENCODER_LINES, *OLED_LINES, PINS.clock_out]
    assert len(lines) == len(set(lines))


def test_the_player_has_a_dac_per_voice_in_order():
    player = Rack(VirtualTime()).player()
    assert tuple(dac.address for dac in player.dacs) == DAC_ADDRESSES


def test_the_player_s_imports_leave_pictures_and_numbers_to_the_panel():
    script = "import sys, firmware.drivers.devices; print({'PIL', 'numpy'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
