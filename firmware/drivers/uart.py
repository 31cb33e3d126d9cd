"""Serial devices of raw bytes: the board's UART and raw ALSA devices, for MIDI."""

import os
import termios
import tty

BOARD_DEVICE = "/dev/ttyAMA0"
"""The UART; with the overlay `midi-uart0`, 38400 baud are MIDI's 31250."""


def open_device(path: str, direction: int) -> int:
    """Open a terminal or a raw ALSA device without blocking. Raises `OSError`."""
    descriptor = os.open(path, direction | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    if os.isatty(descriptor):
        tty.setraw(descriptor)
        attributes = termios.tcgetattr(descriptor)
        attributes[4] = attributes[5] = termios.B38400
        termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    return descriptor


def open_board(direction: int) -> int:
    """Open the board's UART. Raises `OSError`."""
    return open_device(BOARD_DEVICE, direction)
