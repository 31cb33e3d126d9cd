"""Edits of the module's boot files that can be made again without changing anything."""

from itertools import pairwise

BEGIN = "# BEGIN exnihilo"
END = "# END exnihilo"


def with_block(text: str, lines: tuple[str, ...]) -> str:
    """Return a file with our lines between markers at its end, in place of older ones."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    kept = (before + after.lstrip("\n")).rstrip("\n")
    block = "\n".join((BEGIN, *lines, END))
    return f"{kept}\n\n{block}\n" if kept else f"{block}\n"


def with_words(text: str, unwanted: tuple[str, ...], wanted: tuple[str, ...] = ()) -> str:
    """Return a kernel command line without the words that begin so, and with some others."""
    words = text.split()
    kept = [word for word in words if word in wanted or not word.startswith(unwanted)]
    return " ".join((*kept, *(word for word in wanted if word not in words))) + "\n"


def public_keys(text: str) -> tuple[str, ...]:
    """Return the keys of an `authorized_keys` file, each once, without options and comments."""
    keys: dict[str, None] = {}
    for line in text.splitlines():
        words = line.split()
        for kind, key in pairwise(words):
            if kind.startswith(("ssh-", "ecdsa-", "sk-")) and key.startswith("AAAA"):
                keys[f"{kind} {key}"] = None
                break
    return tuple(keys)
