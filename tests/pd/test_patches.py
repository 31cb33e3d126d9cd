"""The patches that are kept are those that are made, and Pd opens each without a word."""

import socket
import subprocess
from pathlib import Path

import pytest

from pd.make_patches import FILES
from tests.firmware.waiting import wait_until
from tests.pd.patches import HOST, PATCHES, PD, free_port

ANY = "every address"


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_what_is_made(name: str) -> None:
    assert (PATCHES / name).read_text("utf-8") == FILES[name]()


def test_no_other_patch_is_kept() -> None:
    assert {path.name for path in PATCHES.glob("*.pd")} == set(FILES)


# Without its arguments the link has nowhere to go; others open it with them.
@pytest.mark.parametrize("name", [name for name in FILES if name != "exnihilo-link.pd"])
def test_pd_opens_it_and_finds_every_object(name: str, tmp_path: Path) -> None:
    text = (PATCHES / name).read_text("utf-8")
    patch = tmp_path / name
    patch.write_text(text.replace("9000 9001", f"9000 {free_port()}"), "utf-8")
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
        f"#N canvas 0 0 300 200 12;\n#X obj 10 10 exnihilo-link {host} 9000 {port};\n", "utf-8"
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
    """Give the address at which somebody listens to a UDP port (Linux)."""
    for table in ("udp", "udp6"):
        for line in Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]:
            address, number = line.split()[1].split(":")
            if int(number, 16) == port:
                any_address = not int(address, 16)
                return ANY if any_address else socket.inet_ntoa(bytes.fromhex(address)[::-1])
    return None
