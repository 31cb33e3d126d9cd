"""The committed boards are the circuits, keep the rules and match their gerbers."""

from dataclasses import replace

import pytest

from hardware.module import boards
from hardware.pcb import verify
from hardware.pcb.board_file import read
from hardware.pcb.copper import pieces, too_near, unjoined
from hardware.pcb.export import NAMES, board_path

CIRCUITS = pytest.mark.parametrize("index", [0, 1])


def _board(index):
    return read(board_path(boards()[index].name))


@CIRCUITS
def test_the_board_is_the_circuit_and_keeps_the_rules(index):
    assert verify.problems(boards()[index], _board(index)) == []


@pytest.mark.parametrize("name", NAMES)
def test_gerbers_are_the_board(name):
    assert verify.gerber_problems(name) == []


def _voice():
    return boards()[1], _board(1)


def test_a_lost_track_is_noticed():
    _circuit, board = _voice()
    track = next(track for track in board.tracks if track.net == "SDA")
    cut = replace(board, tracks=tuple(t for t in board.tracks if t is not track))
    assert "SDA" in unjoined(pieces(cut))


def test_a_track_that_touches_another_net_is_noticed():
    _circuit, board = _voice()
    track = next(track for track in board.tracks if track.net == "SDA")
    crossed = replace(board, tracks=(*board.tracks, replace(track, net="SCL")))
    assert too_near(pieces(crossed))


def test_a_pad_on_the_wrong_net_is_noticed():
    circuit, board = _voice()
    part = next(part for part in board.footprints if part.ref == "R3")
    pads = (replace(part.pads[0], net="GND"), *part.pads[1:])
    others = tuple(p for p in board.footprints if p is not part)
    wrong = replace(board, footprints=(*others, replace(part, pads=pads)))
    assert any("R3 pin" in problem for problem in verify.problems(circuit, wrong))


def test_a_pin_without_a_pad_is_noticed():
    circuit, board = _voice()
    part = next(part for part in board.footprints if part.ref == "J2")
    others = tuple(p for p in board.footprints if p is not part)
    pads = tuple(pad for pad in part.pads if pad.number != "T")
    wrong = replace(board, footprints=(*others, replace(part, pads=pads)))
    assert "J2 pin T has no pad" in verify.problems(circuit, wrong)


def test_another_value_or_footprint_is_noticed():
    circuit, board = _voice()
    part = next(part for part in board.footprints if part.ref == "C1")
    others = tuple(p for p in board.footprints if p is not part)
    wrong = replace(board, footprints=(*others, replace(part, value="1n")))
    assert any(p.startswith("C1 is not a") for p in verify.problems(circuit, wrong))


@CIRCUITS
def test_power_runs_on_wide_tracks(index):
    power = {"+12V", "-12V", "+5V", "+5V_CONVERTER", "CONVERTER"}
    power |= {f"{kind}{rail}12" for kind in ("RACK", "FUSED") for rail in "+-"}
    tracks = [track for track in _board(index).tracks if track.net in power]
    assert tracks
    length = dict.fromkeys({track.width for track in tracks}, 0.0)
    for track in tracks:
        (x1, y1), (x2, y2) = track.start, track.end
        length[track.width] += ((x1 - x2) ** 2 + (y1 - y2) ** 2) ** 0.5
    narrow = sum(millimetres for width, millimetres in length.items() if width < 0.8)
    assert narrow < 0.02 * sum(length.values()), length


@CIRCUITS
def test_every_board_has_fiducials_for_the_machine(index):
    marks = [part for part in _board(index).footprints if part.ref.startswith("FID")]
    assert len(marks) == 3
    assert {part.layer for part in marks} == {"B.Cu"}
