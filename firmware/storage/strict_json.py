"""JSON from outside, read within bounds: finite numbers, and not too many values."""

import json
import math
from typing import Any, NoReturn

VALUES_MAX = 20_000
INTEGER_MAX = (1 << 63) - 1


def strict_json(data: bytes, values_max: int = VALUES_MAX) -> Any:
    """Return a document. Raises `ValueError` with the reason.

    Lists, objects and commas are counted before anything is built: a value in Python takes
    many times the bytes that it takes in the text.
    """
    if sum(map(data.count, (b"[", b"{", b","))) > values_max:
        raise ValueError(f"more than {values_max} values")
    try:
        return json.loads(
            data, parse_float=_float, parse_int=_integer, parse_constant=_constant
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is out of range")
    return value


def _integer(text: str) -> int:
    value = int(text) if len(text) <= 20 else INTEGER_MAX + 1
    if abs(value) > INTEGER_MAX:
        raise ValueError(f"{text[:20]} is out of range")
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")
