"""The committed boards are made from the circuits and the placement tables."""

from dataclasses import replace
from functools import cache

import pytest

from hardware.board import Board
from hardware.module import boards
from hardware.pcb import builder
from hardware.pcb.board_file import plain, read
from hardware.pcb.export import FOLDER, board_path
from hardware.pcb.placement import Place, PlacementError, read_places, table
from hardware.pcb.sexpr import child, children, parse, write
from hardware.pcb.verify import problems

CIRCUITS = pytest.mark.parametrize("index", [0, 1])


def _table_path(name):
    return FOLDER / name / f"{name}-placement.csv"


@cache
def _parts(index):
    circuit = boards()[index]
    return circuit, read_places(_table_path(circuit.name)), _drawing(circuit.name)


def _drawing(name):
    return parse(board_path(name).read_text())


@CIRCUITS
def test_the_committed_board_is_what_the_builder_makes(index):
    circuit = boards()[index]
    assert plain(builder.made(circuit)) == read(board_path(circuit.name))


@CIRCUITS
def test_the_routed_parts_lie_where_the_table_says(index):
    circuit, places, _ = _parts(index)
    layers = {"front": "F.Cu", "back": "B.Cu"}
    wanted = {(p.ref, (p.x_mm, p.y_mm), p.degrees, layers[p.side]) for p in places}
    placed = read(board_path(circuit.name)).footprints
    assert {(part.ref, part.at, part.degrees, part.layer) for part in placed} == wanted


def test_without_its_tracks_a_board_is_unjoined_and_nothing_else():
    circuit, places, drawing = _parts(1)
    bare = builder.unrouted(builder.build(circuit, places, drawing))
    board = plain(bare)
    assert (board.tracks, board.vias, board.fills) == ((), (), ())
    assert len(children(bare, "zone")) == 4
    found = problems(circuit, board)
    assert found
    assert all("pieces" in problem for problem in found)


def test_a_moved_part_no_longer_meets_its_tracks():
    circuit, places, drawing = _parts(1)
    moved = tuple(replace(p, x_mm=p.x_mm + 0.7) if p.ref == "R3" else p for p in places)
    board = plain(builder.build(circuit, moved, drawing))
    assert problems(circuit, board)


def test_copper_of_a_net_that_is_gone_goes():
    circuit, places, drawing = _parts(1)
    renamed = Board(
        circuit.name,
        tuple(
            replace(
                part,
                pins={pin: "DATA" if net == "SDA" else net for pin, net in part.pins.items()},
            )
            for part in circuit.parts
        ),
    )
    before, after = plain(drawing), plain(builder.build(renamed, places, drawing))
    lost = [track for track in before.tracks if track.net == "SDA"]
    assert lost
    assert len(after.tracks) == len(before.tracks) - len(lost)
    assert {track.net for track in after.tracks} <= set(renamed.nets)
    assert {pad.net for pad in after.pads} >= {"DATA"}


@pytest.mark.parametrize("change", ["forgotten", "invented", "twice"])
def test_a_table_of_other_parts_is_refused(change):
    circuit, places, drawing = _parts(1)
    other = {
        "forgotten": places[1:],
        "invented": (*places, replace(places[0], ref="R99")),
        "twice": (*places, places[0]),
    }[change]
    with pytest.raises(PlacementError, match=r"C1|R99"):
        builder.build(circuit, other, drawing)


def test_a_flipped_part_is_mirrored():
    circuit, places, drawing = _parts(1)
    turned = [replace(p, side="front") if p.ref == "U3" else p for p in places]
    sides = [
        next(
            part
            for part in plain(builder.build(circuit, tuple(table_), drawing)).footprints
            if part.ref == "U3"
        )
        for table_ in (places, turned)
    ]
    back, front = (sorted((pad.at, pad.number) for pad in part.pads) for part in sides)
    x, y = sides[0].at
    assert [((px, pytest.approx(2 * y - py)), number) for (px, py), number in back] == sorted(
        front, key=lambda pad: (pad[0][0], -pad[0][1])
    )
    assert sides[1].layer == "F.Cu"
    assert abs(x - sides[1].at[0]) < 1e-9


@CIRCUITS
def test_tables_are_written_as_they_are_read(index):
    path = _table_path(boards()[index].name)
    assert table(read_places(path)) == path.read_text()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("R1,1,2,0,above,,,,", "front or back"),
        ("R1,1,,0,back,,,,", "t.csv:2"),
        ("R1", "t.csv:2"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, row, said):
    path = tmp_path / "t.csv"
    path.write_text(table(()) + row + "\n")
    with pytest.raises(PlacementError, match=said):
        read_places(path)


def test_only_labels_of_the_table_are_printed():
    circuit, places, drawing = _parts(1)
    shown = {place.ref for place in places if place.label_x_mm is not None}
    found = set()
    for part in children(builder.build(circuit, places, drawing), "footprint"):
        (label,) = [p for p in children(part, "property") if p[1] == "Reference"]
        if not child(label, "hide"):
            found.add(str(label[2]))
    assert found == shown


def test_both_boards_are_written(monkeypatch, tmp_path, capsys):
    def path(name):
        return tmp_path / f"{name}.kicad_pcb"

    made = {circuit.name: ["kicad_pcb", ["made", circuit.name]] for circuit in boards()}
    monkeypatch.setattr(builder, "board_path", path)
    monkeypatch.setattr(builder, "made", lambda circuit: made[circuit.name])
    assert builder.main() == 0
    assert "main: 144 parts" in capsys.readouterr().out
    for name, node in made.items():
        assert path(name).read_text() == write(node)


def test_a_bad_table_is_one_line(monkeypatch, capsys):
    def refuse(_):
        msg = "t.csv:2: side is 'above'"
        raise PlacementError(msg)

    monkeypatch.setattr(builder, "made", refuse)
    assert builder.main() == 1
    assert capsys.readouterr().err == "boards: t.csv:2: side is 'above'\n"


def test_a_place_says_on_which_side_it_is():
    assert Place("R1", 0.0, 0.0, 0.0, "back").back
    assert not Place("R1", 0.0, 0.0, 0.0, "front").back
