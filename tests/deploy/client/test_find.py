"""`deploy find`: a real responder in a network of its own, and answers that lie."""

import json
import os
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given

from deploy.client import mdns
from deploy.client.find import Found, describe, modules, usb_interfaces
from deploy.provision.contents import ANNOUNCEMENT
from tests.fuzzing import changed_bytes

AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]

# A module in a network namespace, whose responder announces what provisioning installs, and a
# laptop in another one that a cable joins to it.
NETWORK = """
set -e
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /etc/avahi
mkdir -p /run/avahi-daemon /etc/avahi/services
cp "$1/service" /etc/avahi/services/exnihilo.service
printf '[server]\\nhost-name=exnihilo\\nenable-dbus=no\\n[rlimits]\\n' \\
    >/etc/avahi/avahi-daemon.conf
mkfifo "$1/up"
unshare --net sh -c 'echo >"$1/up"; read end <"$1/up"' sh "$1" &
module=$!
read up <"$1/up"
ip link add cable type veth peer name far netns "$module"
ip addr add 10.9.0.1/24 dev cable
ip link set cable up
in_module="nsenter --net=/proc/$module/ns/net"
$in_module ip addr add 10.9.0.2/24 dev far
$in_module ip link set far up
"$2" -m deploy find --seconds 0.2 || echo "exit code $?"
$in_module avahi-daemon --no-drop-root --no-chroot &
trap 'kill "$module" "$!"' EXIT
until "$2" -m deploy find --seconds 1 --json; do :; done
"$2" -m deploy find --seconds 1
"""


def test_a_module_that_announces_itself_is_found(tmp_path: Path) -> None:
    (tmp_path / "service").write_text(ANNOUNCEMENT)
    command = [*AS_ROOT, "unshare", "--mount", "--net", "sh", "-c", NETWORK, "sh"]
    done = subprocess.run(
        [*command, tmp_path, sys.executable],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    nothing, *answers, line = done.stdout.splitlines()
    assert nothing == "exit code 1"
    assert "deploy: no module replied" in done.stderr
    (found,) = json.loads(answers[-1])["modules"]
    assert (found["host"], found["interface"]) == ("exnihilo.local", "cable")
    assert found["usb"] is False
    assert "10.9.0.2" in found["addresses"]
    assert line.startswith("exnihilo.local ")


def labels(name: str) -> bytes:
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))


def record(owner: bytes, kind: int, data: bytes) -> bytes:
    return owner + struct.pack(">HHIH", kind, 1, 120, len(data)) + data


def answer(
    host: bytes = b"\x06studio\xc0\x1b", instance: bytes = b"\x09Ex N\xc3\xafhil"
) -> bytes:
    """An answer with its question, as a responder gives to a port of its own, compressed."""
    question = labels(mdns.SERVICE) + b"\0" + struct.pack(">HH", 12, 1)
    head = struct.pack(">6H", 0, 0x8400, 1, 1, 0, 1)
    assert (head + question)[0x1B:0x21] == b"\x05local"
    owner = instance + b"\xc0\x0c"
    service = record(owner, 33, struct.pack(">HHH", 0, 0, 22) + host)
    return head + question + record(b"\xc0\x0c", 12, owner) + service


def test_an_answer_names_the_host() -> None:
    assert mdns.services(answer()) == {"Ex N\u00efhil": "studio.local"}
    assert mdns.services(answer(), "_ssh._tcp.local") == {}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        mdns.query(),
        answer()[:-1],
        answer(host=b"\xc0\xff"),
        answer(host=b"\x80"),
        answer(host=b"\x3f"),
        answer(host=(b"\x3f" + b"x" * 63) * 5 + b"\0"),
        answer(instance=b"\x01\xff"),
        struct.pack(">6H", 0, 0x8400, 0, 1, 0, 0) + b"\xc0\x0c",
    ],
)
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(mdns.MdnsError):
        mdns.services(data)


@given(changed_bytes(answer()))
def test_a_changed_answer_is_read_or_refused(data: bytes) -> None:
    with suppress(mdns.MdnsError):
        mdns.services(data)


def test_a_module_is_listed_once_for_each_interface() -> None:
    replies = [
        ("b.local", "eth0", "10.0.0.2"),
        ("a.local", "usb0", "fe80::1%usb0"),
        ("a.local", "eth0", "10.0.0.1"),
        ("a.local", "usb0", "169.254.0.1"),
        ("a.local", "eth0", "10.0.0.1"),
    ]
    assert modules(iter(replies), ("usb0", "usb1")) == (
        Found("a.local", "eth0", usb=False, addresses=("10.0.0.1",)),
        Found("a.local", "usb0", usb=True, addresses=("169.254.0.1", "fe80::1%usb0")),
        Found("b.local", "eth0", usb=False, addresses=("10.0.0.2",)),
        Found("", "usb1", usb=True),
    )


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (Found("a.local", "u0", usb=True, addresses=("1", "2")), "a.local USB (u0) 1 2"),
        (Found("a.local", "eth0", usb=False, addresses=("1",)), "a.local eth0 1"),
    ],
)
def test_a_line_has_what_to_write_and_where_it_is(one: Found, words: str) -> None:
    assert describe(one).split() == words.split()


def test_a_module_that_does_not_reply_is_described() -> None:
    assert "a module on USB (usb0) does not reply" in describe(Found("", "usb0", usb=True))


def test_usb_interfaces_are_known_by_their_product(tmp_path: Path) -> None:
    for name, product in (
        ("usb0", "Ex Nihilo\n"),
        ("usb1", "Phone\n"),
        ("usb2", "Ex Nihilo\n"),
    ):
        device = tmp_path / "devices" / name
        (device / f"{name}:1.0").mkdir(parents=True)
        (device / "product").write_text(product)
        (tmp_path / "class" / "net" / name).mkdir(parents=True)
        (tmp_path / "class" / "net" / name / "device").symlink_to(device / f"{name}:1.0")
    (tmp_path / "class" / "net" / "lo").mkdir()
    assert usb_interfaces(tmp_path) == ("usb0", "usb2")
    assert usb_interfaces(tmp_path / "none") == ()
