"""Drawing on the pages: areas of the display, marks and text."""

from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

Draw = ImageDraw.ImageDraw
TEXT = 11


class Area(NamedTuple):
    """A part of the display, in pixels, the last ones included."""

    left: int
    top: int
    right: int
    bottom: int

    def at(self, x: float, y: float) -> tuple[int, int]:
        """Return the pixel of a position 0..1, 0..1, y upwards."""
        column = self.left + round(x * (self.right - self.left))
        return column, self.bottom - round(y * (self.bottom - self.top))

    def column(self, place: int, count: int) -> "Area":
        """Return one of so many columns, with a gap to the next."""
        width = (self.right + 1 - self.left) / count
        left = self.left + round(place * width)
        return Area(left, self.top, self.left + round((place + 1) * width) - 2, self.bottom)


def write(draw: Draw, at: tuple[int, int], text: str, size: int = TEXT, fill: int = 1) -> None:
    """Write a text with its upper left corner at a pixel."""
    if text:
        draw.bitmap(at, _picture(text, size), fill=fill)


@lru_cache(maxsize=512)
def width_of(text: str, size: int = TEXT) -> int:
    """Return the width of a text in pixels."""
    words = text.split(" ")
    return sum(_word_width(word, size) for word in words) + (len(words) - 1) * _space(size)


def _space(size: int) -> int:
    """Return the width between words: the font's own is too narrow without smoothing."""
    return max(round(size / 3), 3)


def _word_width(word: str, size: int) -> int:
    return round(_font(size).getlength(word, mode="1"))


@lru_cache(maxsize=512)
def _picture(text: str, size: int) -> Image.Image:
    """Return a text as a picture: making one costs more than all else on a page."""
    font = _font(size)
    bottom = font.getbbox(text, mode="1")[3]
    image = Image.new("1", (width_of(text, size) + 2, int(bottom) + 1))
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    left = 0
    for word in text.split(" "):
        draw.text((left, 0), word, font=font, fill=1)
        left += _word_width(word, size) + _space(size)
    return image


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's built-in font."""
    return ImageFont.load_default(size)


def cross(draw: Draw, x: int, y: int) -> None:
    """Draw a cross with a dark rim, so that it stands out from the shading."""
    for width, fill in ((3, 0), (1, 1)):
        draw.line((x - 5, y, x + 5, y), fill=fill, width=width)
        draw.line((x, y - 5, x, y + 5), fill=fill, width=width)


def dotted(draw: Draw, area: Area, height: float) -> None:
    """Draw a dotted line across an area at a height 0..1."""
    y = area.at(0, height)[1]
    for x in range(area.left, area.right + 1, 2):
        draw.point((x, y), fill=x // 2 % 2)


def wrapped(draw: Draw, area: Area, text: str) -> None:
    """Write as much of a text as fits into three lines, broken between words if possible."""
    lines: list[str] = []
    rest = " ".join(text.split())
    while rest and len(lines) < 3:
        count = len(rest)
        while width_of(rest[:count]) > area.right - area.left:
            space = rest.rfind(" ", 0, count - 1)
            count = space if space > 0 else count - 1
        lines.append(rest[:count])
        rest = rest[count:].lstrip()
    for row, line in enumerate(lines):
        write(draw, (area.left, area.top - 3 + 11 * row), line)
