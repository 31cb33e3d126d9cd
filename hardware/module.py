# SPDX-License-Identifier: CERN-OHL-P-2.0
"""The module's two boards, checked, each built once per run."""

from functools import cache

from hardware.board import Bench, Board
from hardware.main_board import main_board
from hardware.voice_card import voice_card


@cache
def benches() -> tuple[Bench, Bench]:
    """Wire the main board and the voice card."""
    return main_board(), voice_card()


@cache
def boards() -> tuple[Board, Board]:
    """Check and hand over the main board and the voice card."""
    main, voice = benches()
    return main.board(), voice.board()
