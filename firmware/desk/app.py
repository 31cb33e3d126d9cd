"""The front panel in the terminal."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.widgets import Footer, Static

from firmware.desk import controls, drawing
from firmware.desk.client import OscClient
from firmware.desk.layout import PANELS, panel_layout
from firmware.simulator.remote import RemoteRack

REDRAW_S = 1 / 20
FINE, COARSE = 0.01, 0.1

HELP = (
    ("?", "this page, and back"),
    ("q", "quit"),
    ("↑ ↓", "choose a knob or CV jack"),
    ("← →", "move it by 1 %; , and . by 10 %"),
    ("[ ]", "turn the encoder; { } pressed: the page"),
    ("enter", "press the encoder"),
    ("v", "hold the encoder: the next voice"),
    ("space", "run or stop"),
    ("1 2 3", "mute a voice"),
    ("t", "tap the tempo"),
    ("c r", "a pulse at the clock jack, at the reset jack"),
    ("p", "panic: silence everything"),
)
"""What the keys do."""


class FrontPanelApp(App[None]):
    """Knobs and jacks on the left, the display and the voices on the right.

    `now_ns` returns the time, `places` describes the MIDI, OSC and sound ports.
    """

    CSS = """
    #left { width: 42; }
    #controls, #meters, #patterns, #help { border: round $primary; padding: 0 1; height: auto; }
    .stacked #panels { layout: vertical; }
    .stacked #left { height: auto; }
    .hidden { display: none; }
    #screen { border: round $primary; width: 68; height: 18; padding: 0 1; }
    #status { height: 1; background: $primary; color: $text; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit"),
        Binding("question_mark", "help", "help", key_display="?"),
        Binding("escape", "help(False)", show=False),
        Binding("up", "choose(-1)", show=False),
        Binding("down", "choose(1)", "choose", key_display="↑↓"),
        Binding("left", f"move({-FINE})", show=False),
        Binding("right", f"move({FINE})", "move", key_display="←→"),
        Binding("comma", f"move({-COARSE})", show=False),
        Binding("full_stop", f"move({COARSE})", "far", key_display=",."),
        Binding("left_square_bracket", "turn(-1)", show=False),
        Binding("right_square_bracket", "turn(1)", "turn", key_display="[]"),
        Binding("left_curly_bracket", "page(-1)", show=False),
        Binding("right_curly_bracket", "page(1)", "page", key_display="{}"),
        Binding("enter", "press", "press"),
        Binding("v", "hold", "voice"),
        Binding("space", "run", "run"),
        Binding("r", "pulse('reset')", "reset"),
        Binding("c", "pulse('clock')", "clock"),
        Binding("t", "send('/tap')", "tap"),
        Binding("1", "mute(1)", "mute", key_display="123"),
        Binding("2", "mute(2)", show=False),
        Binding("3", "mute(3)", show=False),
        Binding("p", "send('/panic')", "panic"),
        Binding("ctrl+c", "quit", show=False, priority=True),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, rack: RemoteRack, client: OscClient, now_ns: Callable[[], int], places: str
    ) -> None:
        """Take the simulated rack, and the module's OSC."""
        super().__init__()
        self._rack = rack
        self._client = client
        self._now_ns = now_ns
        self._places = places
        self._controls = list(controls.CONTROLS)
        self._chosen = 0

    def compose(self) -> ComposeResult:
        """Lay the panel out."""
        yield Static(id="status")
        yield Static(drawing.help_text(HELP), id="help", classes="hidden")
        with Horizontal(id="panels"):
            with Vertical(id="left"):
                yield Static(id="controls")
                yield Static(id="meters")
            with Vertical(id="right"):
                yield Static(id="screen")
                yield Static(id="patterns")
        yield Footer()

    def on_mount(self) -> None:
        """Begin with the knobs in their middle."""
        self._rack.set_volts({control.name: control.volts for control in self._controls})
        self.set_interval(REDRAW_S, self._redraw)

    def on_resize(self, event: Resize) -> None:
        """Show what fits the terminal."""
        layout = panel_layout(event.size.width, event.size.height)
        self.screen.set_class(not layout.beside, "stacked")
        for name in PANELS:
            self.query_one(f"#{name}").set_class(name not in layout.shown, "hidden")

    def action_help(self, shown: bool | None = None) -> None:  # noqa: FBT001 - a key's action
        """Show the keys and what they do, or the panel again."""
        page = self.query_one("#help")
        page.set_class(not page.has_class("hidden") if shown is None else not shown, "hidden")
        self.query_one("#panels").set_class(not page.has_class("hidden"), "hidden")

    def action_choose(self, step: int) -> None:
        """Choose another knob or jack."""
        self._chosen = (self._chosen + step) % len(self._controls)

    def action_move(self, share: float) -> None:
        """Move the chosen one."""
        control = self._controls[self._chosen].moved(share)
        self._controls[self._chosen] = control
        self._rack.set_volts({control.name: control.volts})

    def action_turn(self, detents: int) -> None:
        """Turn the encoder."""
        controls.turn(self._rack, detents)

    def action_press(self) -> None:
        """Press and release the encoder."""
        self._press_for(0.05)

    def action_hold(self) -> None:
        """Press the encoder long: the next voice."""
        self._press_for(0.8)

    def action_page(self, detents: int) -> None:
        """Turn the encoder while it is pressed: the next page."""
        controls.press(self._rack, down=True)
        controls.turn(self._rack, detents)
        self.set_timer(0.05, partial(controls.press, self._rack, down=False))

    def action_pulse(self, jack: str) -> None:
        """Send a pulse to a jack."""
        controls.pulse(self._rack, jack)

    def action_send(self, address: str) -> None:
        """Send an OSC message."""
        self._client.send(address)

    def action_run(self) -> None:
        """Run or stop."""
        self._flip("/run")

    def action_mute(self, voice: int) -> None:
        """Mute or unmute a voice."""
        self._flip(f"/voice/{voice}/mute")

    def _flip(self, address: str) -> None:
        self._client.send(address, int(self._client.latest.get(address) != (1,)))

    def _press_for(self, duration_s: float) -> None:
        controls.press(self._rack, down=True)
        self.set_timer(duration_s, partial(controls.press, self._rack, down=False))

    def _redraw(self) -> None:
        now_ns = self._now_ns()
        latest = self._client.listen(now_ns)
        responds = self._client.responds(now_ns)
        status = drawing.status(latest, responds=responds, places=self._places)
        notice = self._client.notice(now_ns)
        self._show("status", f"{drawing.KEYS}   {notice}" if notice else status)
        self._show("controls", drawing.control_rows(self._controls, self._chosen))
        self._show("screen", drawing.screen(self._rack.ask("panel", "oled.image")))
        self._show("patterns", drawing.patterns(latest))
        self._show("meters", drawing.meters(self._rack.ask("player", "jacks")))

    def _show(self, name: str, text: str) -> None:
        self.query_one(f"#{name}", Static).update(text)
