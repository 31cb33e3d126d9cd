"""Nothing collides behind the panel, and the module fits a shallow case."""

from dataclasses import replace

import pytest

from hardware.panel.geometry import panel
from hardware.stack import bodies as stack
from hardware.stack.picture import svg

VOICES = pytest.mark.parametrize("voices", [1, 2, 3])
DEEPEST_MM = 45.0


@VOICES
def test_nothing_collides(voices):
    assert stack.collisions(voices) == []


@VOICES
def test_all_stands_behind_the_panel_and_clear_of_the_rails(voices):
    assert stack.outside(voices) == []


@VOICES
def test_depth(voices):
    assert 25 < stack.depth_mm(voices) <= DEEPEST_MM


def test_a_taller_part_under_the_pi_is_noticed(monkeypatch):
    found = stack.bodies(1)
    (part,) = [body for body in found if body.name == "C5"]
    taller = replace(part, z=(part.z[0], part.z[0] + 9.0))
    monkeypatch.setattr(stack, "bodies", lambda _: [*found, replace(taller, name="taller")])
    assert ("Pi's parts", "taller") in stack.collisions(1)


def test_a_lower_pi_is_noticed(monkeypatch):
    monkeypatch.setattr(stack, "PI_SPACER_MM", 5.0)
    assert stack.collisions(1)


def test_every_part_with_a_height_is_there():
    names = {body.name for body in stack.bodies(1)}
    assert {
        "J1",
        "U1",
        "main board",
        "1:voice board",
        "1:J2",
        "SW1",
        "RV1",
        "USB plug",
    } <= names


def test_a_plug_in_the_pi_s_usb_socket_clears_all_parts():
    (plug,) = [body for body in stack.bodies(3) if body.name == "USB plug"]
    assert not [body.name for body in stack.bodies(3) if body != plug and body.meets(plug)]


def test_picture_draws_every_body_and_what_stands_in_front():
    text = svg(3)
    front = [hole for hole in panel(3).holes if hole.kind != "mounting"]
    assert text.count("<rect") == len(stack.bodies(3)) + len(front) + 2
    assert f">{stack.depth_mm(3):.0f} mm<" in text
    assert ">Pi Zero 2 W<" in text
