"""The patches that are kept are those that are made, and Pd opens each without a word."""

import socket
import subprocess
from pathlib import Path

import pytest

from pd.field_logic import LOOPS, SIDE
from pd.make_patches import FILES
from pd.patching import Canvas
from tests.firmware.waiting import wait_until
from tests.pd.patches import HOST, PATCHES, PD, free_port, place_patch

ANY = "every address"


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_what_is_made(name: str) -> None:
    assert (PATCHES / name).read_text("utf-8") == FILES[name]()


def test_no_two_boxes_have_one_name() -> None:
    for second in ("one = f 2", "one =( 2"):
        with pytest.raises(ValueError, match="this name already: one ="):
            Canvas().write(f"one = f 1\n{second}\none > one")


def test_no_other_patch_is_kept() -> None:
    assert {path.name for path in PATCHES.glob("*.pd")} == set(FILES)


# Without its arguments the link has nowhere to go; others open it with them.
@pytest.mark.parametrize("name", [name for name in FILES if name != "exnihilo-link.pd"])
def test_pd_opens_it_and_finds_every_object(name: str, tmp_path: Path) -> None:
    patch = place_patch(tmp_path, name, free_port())
    done = subprocess.run(
        (*PD, "-batch", "-noaudio", "-open", str(patch), "-send", "pd quit"),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("host", "address"), [("127.0.0.1", HOST), ("localhost", HOST), ("192.0.2.1", ANY)]
)
def test_the_link_listens_on_loopback_unless_the_module_is_elsewhere(
    host: str, address: str, tmp_path: Path
) -> None:
    port = free_port()
    patch = tmp_path / "link.pd"
    patch.write_text(
        f"#N canvas 0 0 300 200 12;\n#X obj 10 10 exnihilo-link {host} {free_port()} {port};\n",
        "utf-8",
    )
    process = subprocess.Popen(
        (*PD, "-noaudio", "-open", str(patch)), stderr=subprocess.DEVNULL
    )
    try:
        assert wait_until(lambda: listening_at(port)) == address
    finally:
        process.terminate()
        process.wait()


def listening_at(port: int) -> str | None:
    """Return the address at which somebody listens to a UDP port (Linux)."""
    for table in ("udp", "udp6"):
        for line in Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]:
            address, number = line.split()[1].split(":")
            if int(number, 16) == port:
                any_address = not int(address, 16)
                return ANY if any_address else socket.inet_ntoa(bytes.fromhex(address)[::-1])
    return None


EARLY = """#N canvas 0 0 300 300 12;
#X obj 10 10 loadbang;
#X msg 60 40 0.75;
#X obj 60 70 s exnihilo-x-moved;
#X obj 10 100 delay 200;
#X msg 10 130 traverse pd-exnihilo-fieldNEXT;
#X obj 10 160 pointer exnihilo-spot;
#X obj 10 190 get exnihilo-spot px py;
#X obj 10 220 pack f f;
#X obj 10 250 print spot;
#X obj 100 220 bang;
#X msg 100 250 \\; pd quit;
#X msg 160 40 0.25;
#X obj 160 70 s exnihilo-y-moved;
#X connect 0 0 11 0;
#X connect 11 0 12 0;
#X connect 0 0 1 0;
#X connect 0 0 3 0;
#X connect 1 0 2 0;
#X connect 3 0 4 0;
#X connect 4 0 5 0;
#X connect 5 0 6 0;
#X connect 6 0 7 0;
#X connect 6 1 7 1;
#X connect 6 0 9 0;
#X connect 9 0 10 0;
#X connect 7 0 8 0;
"""


def test_a_position_that_arrives_before_the_field_is_drawn_is_not_lost(tmp_path: Path) -> None:
    # The map's cells and the loops come before the handle.
    below = " \\, next" * (SIDE * SIDE + LOOPS + 1)
    (tmp_path / "early.pd").write_text(EARLY.replace("NEXT", below), "utf-8")
    place_patch(tmp_path, "exnihilo.pd", free_port())
    opened = (
        word for name in ("exnihilo.pd", "early.pd") for word in ("-open", str(tmp_path / name))
    )
    done = subprocess.run(
        (*PD, "-batch", "-noaudio", *opened),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == "spot: 0.75 0.25\n"
