"""The page about OSC, made from its table."""

from collections.abc import Iterable

from firmware.engine.state import VOICES
from firmware.instrument.parameters import PARAMETERS, Parameter
from firmware.osc.addresses import BARE, COMMANDS, FOR_ALL, LEASE_S, SUBSCRIBERS_MAX, Entry
from firmware.osc.feedback import OUTGOING
from firmware.osc.packet import PACKET_BYTES_MAX
from firmware.storage.settings import OscSettings

FILE = "osc.md"


_BEFORE = """# OSC

This page is made from the firmware's own tables. To use it, see
[Write your own client](clients.md).

The module listens on UDP {address.host}:{address.port}; `settings.toml` in its
home folder can say otherwise (`[osc]`, `host = "0.0.0.0"` for every network).

- Arguments are `i`, `f` and `s`; a whole float is accepted as an integer. Packets have at most
  {packet} bytes. OSC's own bundles are taken apart, and their time tags passed over: messages
  take effect on arrival. There are no address patterns.
- N is a voice, 1 to {voices}. Voices, steps, presets and places count from 1.
- {bare} alone mean voice 1; {for_all} alone sets all voices.
- A choice is set by its number or its word, and sent by its number.
- Rows are set together, or one by one at `.../K`; they are sent together.
- A control stays as it was set until its knob has moved through that value. CVs add to it,
  and are sent only in `/voice/N/xy` and `/voice/N/pattern`.
- A message that is not understood changes nothing. The first is reported at `/fault`, the
  others are counted until there has been none for five seconds.

## Values: set by a message, sent when they change, from any source

"""

_COMMANDS = """
## Commands

"""

_OUTGOING = """
## Also sent

Only to subscribers, at most {subscribers}: `/subscribe 9001` sends everything to port 9001 of
whoever asks, then every change. It ends after {lease} seconds unless it is repeated; each time
the answer is `/hello`, so a client that receives none for two seconds knows that the module is
gone. A client that restarts at the same port sends `/unsubscribe` first, to be sent
everything again.

From another machine the first answer is `/token`, no longer than the request; the client sends
`/subscribe PORT TOKEN` from then on, and is subscribed. So nobody can have the module flood an
address that did not ask. The token changes when the module starts; then it is sent again.

"""


def page() -> str:
    """Return the page in Markdown."""
    before = _BEFORE.format(
        address=OscSettings(),
        packet=PACKET_BYTES_MAX,
        voices=VOICES,
        bare=", ".join(f"`/{name}`" for name in BARE),
        for_all=", ".join(f"`/{name}`" for name in FOR_ALL),
    )
    outgoing = _OUTGOING.format(subscribers=SUBSCRIBERS_MAX, lease=LEASE_S)
    actions = (entry for _, entry in COMMANDS.values())
    tables = (
        _table(map(_entry, PARAMETERS)),
        _COMMANDS,
        _table(actions),
        outgoing,
        _table(OUTGOING),
    )
    return "".join((before, *tables))


def _table(entries: Iterable[Entry]) -> str:
    rows = (f"| `{e.address}` | {e.arguments} | {e.meaning} |\n" for e in entries)
    return "".join(("| address | arguments | meaning |\n", "|---|---|---|\n", *rows))


def _entry(parameter: Parameter) -> Entry:
    head = "/voice/N/" if parameter.per_voice else "/"
    kind = "i" if parameter.whole else "f"
    arguments = f"{kind} {parameter.low:g}..{parameter.high:g}"
    if parameter.count > 1:
        arguments += f" x {parameter.count}"
    meaning = parameter.meaning
    if parameter.choices:
        words = (f"{number} {word}" for number, word in enumerate(parameter.choices))
        meaning += f": {', '.join(words)}"
    return Entry(f"{head}{parameter.name}", arguments, meaning)
