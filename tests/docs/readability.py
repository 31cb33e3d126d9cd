"""The Flesch-Kincaid grade of a text (Kincaid et al. 1975): years of school to follow it."""

import re

_WORD = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*")
_SENTENCE = re.compile(r"[.!?]+(?=\s|$)|\n\s*\n|\n\s*(?:[-*]|\d+\.)\s")


def grade(text: str) -> float:
    """Return the grade of plain text: paragraphs and items of lists end sentences."""
    words = _WORD.findall(text)
    sentences = [part for part in _SENTENCE.split(text) if _WORD.search(part)]
    if not words:
        return 0.0
    syllable_count = sum(map(syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * syllable_count / len(words) - 15.59


def syllables(word: str) -> int:
    """Count groups of vowels; a silent e at the end is none."""
    plain = re.sub(r"[^a-z]", " ", word.lower())
    count = 0
    for part in plain.split():
        stem = re.sub(
            r"(?<=[^aeiouyl])e$|(?<=[^aeiouytd])ed$|(?<=[^aeiouyscxzgh])es$", "", part
        )
        count += max(1, len(re.findall(r"[aeiouy]+", stem)))
    return max(1, count)
