"""Writing Pure Data patches: canvases of boxes and wires, as the file format has them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

INK, PAPER, LANE = "#202428", "#f4f1ea", "#ddd8cc"
ACCENT, QUIET = "#d9572b", "#8a8578"
FONT = 12
_ROW = 26


def escaped(text: str) -> str:
    """Return text with what Pd's files treat specially escaped."""
    return text.replace(";", "\\;").replace(",", "\\,").replace("$", "\\$")


@dataclass
class Canvas:
    """A window of boxes and wires. Boxes are numbered in the order in which they are put."""

    width: int = 500
    height: int = 400
    name: str = ""
    x: int = 50
    y: int = 50
    coords: str = ""
    _boxes: list[str] = field(default_factory=list)
    _wires: list[str] = field(default_factory=list)
    _row: int = 0

    def put(self, kind: str, at: tuple[int, int] | None = None) -> int:
        """Put a box; without a place, below the one that was put last."""
        if at is None:
            self._row += _ROW
            at = (20 + 280 * (self._row // 800), 10 + self._row % 800)
        head, _, rest = kind.partition(" ")
        self._boxes.append(f"#X {head} {at[0]} {at[1]} {rest}".rstrip() + ";")
        return len(self._boxes) - 1

    def skip(self, y: int) -> None:
        """Go on putting boxes below a height."""
        self._row = y

    def obj(self, text: str, at: tuple[int, int] | None = None) -> int:
        """Put an object."""
        return self.put(f"obj {escaped(text)}", at)

    def msg(self, text: str, at: tuple[int, int] | None = None) -> int:
        """Put a message."""
        return self.put(f"msg {escaped(text)}", at)

    def text(self, text: str, at: tuple[int, int] | None = None) -> int:
        """Put a comment."""
        return self.put(f"text {escaped(text)}", at)

    def gui(self, text: str, at: tuple[int, int]) -> int:
        """Put a control, its fields as in the file."""
        return self.put(f"obj {text}", at)

    def sub(self, canvas: "Canvas", at: tuple[int, int] | None = None) -> int:
        """Put another canvas as a box."""
        number = self.put(f"restore pd {canvas.name}", at)
        box = self._boxes[number]
        self._boxes[number] = "\n".join((*canvas.lines(inside=True), box))
        return number

    def wire(self, source: int, target: int, outlet: int = 0, inlet: int = 0) -> None:
        """Draw a wire."""
        self._wires.append(f"#X connect {source} {outlet} {target} {inlet};")

    def write(self, source: str) -> dict[str, int]:
        """Put boxes and wires that are written as text; return the boxes by their names.

        `name = text` is an object (`inlet N` and `outlet N` counted from the left), `name =(
        text` a message; `a > b > c:1` and `a:2 > b` are wires, ends numbered after a colon.
        """
        boxes: dict[str, int] = {}
        wires = []
        for line in filter(None, map(str.strip, source.splitlines())):
            name, equals, text = line.partition(" = ")
            word, says, message = line.partition(" =( ")
            if boxes.keys() & {name, word}:
                raise ValueError(f"a box has this name already: {line}")
            if says:
                boxes[word] = self.msg(message)
            elif text.startswith(("inlet ", "outlet ")):
                # Pd counts them from left to right.
                kind, _, place = text.partition(" ")
                boxes[name] = self.obj(
                    kind, (20 + 60 * int(place), 10 if kind == "inlet" else 900)
                )
            elif equals:
                boxes[name] = self.obj(text)
            else:
                wires.append(line.split(" > "))
        for wire in wires:
            self._draw(wire, boxes)
        return boxes

    def _draw(self, ends: list[str], boxes: dict[str, int]) -> None:
        for place, (source, target) in enumerate(pairwise(ends)):
            first, _, outlet = source.partition(":")
            second, _, inlet = target.partition(":")
            # In the middle of a chain a number names the inlet.
            self.wire(
                boxes[first], boxes[second], 0 if place else int(outlet or 0), int(inlet or 0)
            )

    def lines(self, *, inside: bool = False) -> Iterator[str]:
        """Return the lines of the file."""
        place = f"#N canvas {self.x} {self.y} {self.width} {self.height}"
        yield f"{place} {self.name} 0;" if inside else f"{place} {FONT};"
        yield from self._boxes
        yield from self._wires
        if self.coords:
            yield f"#X coords {self.coords};"

    def file(self) -> str:
        """Return the file."""
        return "\n".join(self.lines()) + "\n"


def slider(
    kind: str,
    size: tuple[int, int],
    span: tuple[float, float],
    name: str,
    text: str,
    *,
    offset: tuple[int, int] = (0, -9),
) -> str:
    """Return a slider that sends `exnihilo-NAME-moved` and receives `exnihilo-NAME-shown`."""
    return (
        f"{kind} {size[0]} {size[1]} {span[0]:g} {span[1]:g} 0 0 {_names(name)} "
        f"{_word(text)} {offset[0]} {offset[1]} 0 {FONT} {LANE} {ACCENT} {INK} 0 1"
    )


def number(
    digits: int, span: tuple[float, float], name: str, text: str, *, says: str = "moved"
) -> str:
    """Return a number box."""
    return (
        f"nbx {digits} 22 {span[0]:g} {span[1]:g} 0 0 {_names(name, says)} {_word(text)} "
        f"0 -9 0 {FONT} {LANE} {INK} {INK} 0 256"
    )


def toggle(name: str, text: str) -> str:
    """Return a switch."""
    return f"tgl 22 0 {_names(name)} {_word(text)} 28 11 0 {FONT} {LANE} {ACCENT} {INK} 0 1"


def button(name: str, text: str) -> str:
    """Return a button."""
    return f"bng 22 120 50 0 {_names(name)} {_word(text)} 28 11 0 {FONT} {LANE} {ACCENT} {INK}"


def radio(count: int, name: str, text: str = "empty") -> str:
    """Return a row of which one is chosen."""
    return (
        f"hradio 22 1 0 {count} {_names(name)} {_word(text)} 0 -9 0 {FONT} "
        f"{LANE} {ACCENT} {INK} 0"
    )


def panel(
    size: tuple[int, int],
    colour: str,
    name: str = "",
    text: str = "",
    *,
    font: int = 14,
    ink: str = INK,
) -> str:
    """Return a coloured field, perhaps with a name to change it by, perhaps with text."""
    receives = f"exnihilo-{name}" if name else "empty"
    return (
        f"cnv {min(size)} {size[0]} {size[1]} empty {receives} {_word(text)} 4 {font // 2 + 4} "
        f"0 {font} {colour} {ink} 0"
    )


def _names(name: str, says: str = "moved") -> str:
    return f"exnihilo-{name}-{says} exnihilo-{name}-shown"


def _word(text: str) -> str:
    return text.replace(" ", "\\ ") or "empty"
