"""The OSC addresses that set values and run commands; `docs/osc.md` is made from the table.

Every parameter has an address, per voice or alone; rows such as the eight pitches are one
message, and can be set one by one. Pure: messages become requests.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from firmware.engine.state import VOICES
from firmware.instrument.parameters import (
    BY_NAME,
    PARAMETERS,
    Key,
    Parameter,
    ParameterError,
    checked_value,
)
from firmware.instrument.preset import MEMORIES, PRESETS
from firmware.instrument.requests import LoadBundle, PanelRequest, RecallPreset, SavePreset
from firmware.osc.address_proof import TOKEN_BITS
from firmware.osc.packet import Argument, Message, OscError

BARE = ("x", "y", "threshold")
"""The paper's three controls: without a voice, they mean voice 1."""

FOR_ALL = ("fill",)
"""Bare, these set all voices alike."""

PORTS = (1024, 65535)
LEASE_S = 10
SUBSCRIBERS_MAX = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """An address (N: a voice, K: a position in a row), its arguments, its meaning."""

    address: str
    arguments: str
    meaning: str


class Values(NamedTuple):
    """Set values, all at once."""

    values: Mapping[Key, float]


class Reset(NamedTuple):
    """Go to the first step."""


class Panic(NamedTuple):
    """End all notes."""


class Tap(NamedTuple):
    """A tap of the tempo."""


class StorePosition(NamedTuple):
    """Store the map positions of all voices under a number from 0."""

    number: int


class RecallPosition(NamedTuple):
    """Go to the map positions stored under a number from 0."""

    number: int


class Subscribe(NamedTuple):
    """Send everything to this port of the sender's host, which `token` proves."""

    port: int
    token: int | None = None


class Unsubscribe(NamedTuple):
    """Stop sending to this port."""

    port: int


Request = (
    Values
    | Reset
    | Panic
    | Tap
    | StorePosition
    | RecallPosition
    | Subscribe
    | Unsubscribe
    | PanelRequest
)


def _number(address: str, arguments: Sequence[Argument], low: int, high: int) -> int:
    """Return the only argument, a whole number; a whole float is one, since Pd sends floats."""
    match arguments:
        case [int() | float() as value] if low <= value <= high and value == int(value):
            return int(value)
    raise OscError(f"{address} takes one whole number, {low} to {high}")


def _nothing(make: Callable[[], Request]) -> Callable[[str, Sequence[Argument]], Request]:
    def read(address: str, arguments: Sequence[Argument]) -> Request:
        # Pd and buttons of controllers send a value with every message.
        if arguments not in {(), (1,), (0,)}:
            raise OscError(f"{address} takes no arguments, or 1")
        return Values({}) if arguments == (0,) else make()

    return read


def _counted(
    make: Callable[[int], Request], count: int
) -> Callable[[str, Sequence[Argument]], Request]:
    return lambda address, arguments: make(_number(address, arguments, 1, count) - 1)


def _port(make: Callable[[int], Request]) -> Callable[[str, Sequence[Argument]], Request]:
    return lambda address, arguments: make(_number(address, arguments, *PORTS))


def _subscribe(address: str, arguments: Sequence[Argument]) -> Request:
    match arguments:
        case [port, token]:
            token = _number(address, (token,), 0, (1 << TOKEN_BITS) - 1)
            return Subscribe(_number(address, (port,), *PORTS), token)
    return Subscribe(_number(address, arguments, *PORTS))


def _bundle(address: str, arguments: Sequence[Argument]) -> Request:
    match arguments:
        case [str() as name] if name:
            return LoadBundle(name)
    raise OscError(f"{address} takes the name of a kit")


_Read = Callable[[str, Sequence[Argument]], Request]

COMMANDS: Mapping[str, tuple[_Read, Entry]] = {
    entry.address: (read, entry)
    for read, entry in (
        (_nothing(Reset), Entry("/reset", "", "goes to the first step")),
        (_nothing(Tap), Entry("/tap", "", "a tap on the beat; two or more give the tempo")),
        (_nothing(Panic), Entry("/panic", "", "ends all notes")),
        (_bundle, Entry("/bundle", "s", "plays a kit, by its name or NAME/SEQUENCE")),
        (
            _counted(SavePreset, PRESETS),
            Entry("/preset/save", f"i 1..{PRESETS}", "saves what plays as a preset"),
        ),
        (
            _counted(RecallPreset, PRESETS),
            Entry("/preset/recall", f"i 1..{PRESETS}", "plays a preset from the next bar on"),
        ),
        (
            _counted(StorePosition, MEMORIES),
            Entry("/place/keep", f"i 1..{MEMORIES}", "stores the map positions of all voices"),
        ),
        (
            _counted(RecallPosition, MEMORIES),
            Entry(
                "/place/recall",
                f"i 1..{MEMORIES}",
                "goes to stored positions, in `/glide` seconds",
            ),
        ),
        (
            _subscribe,
            Entry(
                "/subscribe",
                "i port, i token",
                f"sends everything to that port of the sender's host for {LEASE_S} s; "
                "repeat it every second or so; the token only from another machine",
            ),
        ),
        (_port(Unsubscribe), Entry("/unsubscribe", "i port", "cancels the subscription")),
    )
}
"""Commands: the message is not sent back, but the values that it changes are."""


def addresses_of(parameter: Parameter) -> Iterator[str]:
    """Return the address of a parameter for each voice, or its only one."""
    if parameter.per_voice:
        yield from (f"/voice/{voice + 1}/{parameter.name}" for voice in range(VOICES))
    else:
        yield f"/{parameter.name}"


def _rows() -> Iterator[tuple[str, tuple[Key, ...]]]:
    for parameter in PARAMETERS:
        for voice, address in enumerate(addresses_of(parameter)):
            keys = (Key(parameter.name, voice, place) for place in range(parameter.count))
            yield address, tuple(keys)


PARAMETER_ADDRESSES: Mapping[str, tuple[Key, ...]] = dict(_rows())
"""The keys that one message sets or reports, by its address."""

_ALONE = {
    f"{address}/{key.place + 1}": (key,)
    for address, keys in PARAMETER_ADDRESSES.items()
    for key in keys
    if len(keys) > 1
}
_BARE = {f"/{name}": (Key(name),) for name in BARE}
SETTERS: Mapping[str, tuple[Key, ...]] = {**PARAMETER_ADDRESSES, **_ALONE, **_BARE}
_FOR_ALL = {f"/{name}": tuple(Key(name, voice) for voice in range(VOICES)) for name in FOR_ALL}


def request_of(message: Message) -> Request:
    """Return the request of a message. Raises `OscError` with the reason, in one line."""
    address, arguments = message
    if address in SETTERS:
        return _values(address, SETTERS[address], arguments)
    if address in _FOR_ALL and len(arguments) == 1:
        return _values(address, _FOR_ALL[address], arguments * VOICES)
    if address in COMMANDS:
        return COMMANDS[address][0](address, arguments)
    raise OscError(f"{address[:60]!r}: no such address")


def _values(address: str, keys: Sequence[Key], arguments: Sequence[Argument]) -> Values:
    if len(arguments) != len(keys):
        raise OscError(f"{address} takes {len(keys)}, not {len(arguments)} arguments")
    try:
        return Values({key: _value(key, a) for key, a in zip(keys, arguments, strict=True)})
    except ParameterError as error:
        raise OscError(f"{address}: {error}") from None


def _value(key: Key, argument: Argument) -> float:
    choices = BY_NAME[key.name].choices
    if isinstance(argument, str):
        if argument not in choices:
            raise ParameterError(f"{key.name} takes a number, not {argument[:40]!r}")
        return float(choices.index(argument))
    return checked_value(key, argument)
