"""`deploy find`: modules on the network, and on this computer's USB sockets.

A module announces itself by multicast DNS. The question goes out on every interface from a port
of its own, so that answers come straight back (RFC 6762, section 5.1) and no responder has to
run here. Over USB a module is one more network interface of this computer.
"""

import argparse
import socket
import struct
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from select import select

from deploy.client import mdns
from deploy.client.hosts import is_host
from firmware.cli import base
from firmware.errors import UserError

WAIT_S = 3.0
REPEAT_S = 1.0
"""A question may be lost; the second one is not sent at once (RFC 6762, section 5.2)."""

PRODUCT = "Ex Nihilo"
"""The product's name on USB, as `deploy/units/gadget` sets it."""

Reply = tuple[str, str, str]
"""A host, the interface that it replied on, and its address."""


@dataclass(frozen=True, slots=True)
class Found:
    """A module: what to write as HOST, the interface that leads to it, and its addresses.

    One that is on USB but does not reply has no host and no addresses.
    """

    host: str
    interface: str
    usb: bool
    addresses: tuple[str, ...] = ()


def find(options: argparse.Namespace) -> int:
    """List the modules that reply, and those on USB that do not."""
    found = modules(_replies(options.seconds), usb_interfaces(Path("/sys")))
    if options.json:
        base.answer({"modules": [asdict(one) for one in found]})
        return int(not found)
    for one in found:
        base.show(describe(one))
    if not found:
        raise UserError("no module replied; is it on, and on this network or this USB cable?")
    return 0


def modules(replies: Iterator[Reply], usb: tuple[str, ...]) -> tuple[Found, ...]:
    """Return each module once per interface, then the interfaces on USB without a reply."""
    addresses: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for host, interface, address in replies:
        addresses[host, interface].add(address)
    found = [
        Found(host, interface, interface in usb, tuple(sorted(addresses[host, interface])))
        for host, interface in sorted(addresses)
    ]
    replied = {one.interface for one in found}
    return (*found, *(Found("", name, usb=True) for name in usb if name not in replied))


def describe(one: Found) -> str:
    """Return a line about a module."""
    where = f"USB ({one.interface})" if one.usb else one.interface
    if not one.host:
        return f"a module on {where} does not reply; it may still be starting"
    return f"{one.host:24} {where:16} {' '.join(one.addresses)}"


def usb_interfaces(system: Path) -> tuple[str, ...]:
    """Return the network interfaces that are modules on USB, from Linux's `/sys`.

    Elsewhere there are none, and modules on USB are found by their replies alone.
    """
    found = []
    for interface in sorted((system / "class" / "net").glob("*")):
        product = (interface / "device").resolve().parent / "product"
        with suppress(OSError):
            if product.read_text("utf-8", "replace").strip() == PRODUCT:
                found.append(interface.name)
    return tuple(found)


def _replies(seconds: float) -> Iterator[Reply]:
    """Ask twice on every interface and read what comes back."""
    with ExitStack() as stack:
        askers = {asker: how for how in _ways() for asker in _sockets(stack, *how)}
        end_s = time.monotonic() + seconds
        questions_s = [time.monotonic(), time.monotonic() + REPEAT_S]
        while (now_s := time.monotonic()) < end_s:
            if questions_s and now_s >= questions_s[0]:
                del questions_s[0]
                for asker, (_, group) in askers.items():
                    with suppress(OSError):  # an interface without an address
                        asker.sendto(mdns.query(), (group, mdns.PORT))
            left_s = min([end_s, *questions_s]) - now_s
            for asker in select(list(askers), [], [], left_s)[0]:
                for host, address in _received(asker):
                    yield host, askers[asker][0], address


def _received(asker: socket.socket) -> Iterator[tuple[str, str]]:
    with suppress(mdns.MdnsError, OSError):
        data, source = asker.recvfrom(mdns.MESSAGE_BYTES_MAX)
        # With the interface, where the address is link-local.
        address = socket.getnameinfo(source, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]
        for host in mdns.services(data).values():
            if is_host(host):
                yield host, address


def _ways() -> Iterator[tuple[str, str]]:
    """Return every interface with each multicast group of the protocol."""
    for _, name in socket.if_nameindex():
        if name not in ("lo", "lo0"):
            yield from ((name, "ff02::fb"), (name, "224.0.0.251"))


def _sockets(stack: ExitStack, name: str, group: str) -> Iterator[socket.socket]:
    """Return a socket that sends to a group by one interface, if there can be one."""
    index = socket.if_nametoindex(name)
    with suppress(OSError):
        if ":" in group:
            asker = stack.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
            asker.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        else:
            asker = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            # A `struct ip_mreqn`: no group, any address, this interface.
            by_index = struct.pack("@8xi", index)
            asker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, by_index)
        yield asker
