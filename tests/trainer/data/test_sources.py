from pathlib import Path

import pytest

from firmware.errors import UserError
from trainer.audio.tempo import Hint
from trainer.data.sources import (
    content_digest,
    find_sources,
    hint_for,
    read_tempi,
    tempi_table,
    unmatched,
)


def tree(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return root


def test_folders_are_walked_without_what_is_hidden(tmp_path: Path) -> None:
    tree(tmp_path, "b.wav", "a.FLAC", "deep/down/c.mp3", "notes.txt", ".hidden.wav", "d.mid")
    tree(tmp_path, ".git/x.wav", "deep/.cache/a.wav", "__MACOSX/deep/c.mp3")
    names = [source.name for source in find_sources([tmp_path]).sources]
    assert names == ["a.FLAC", "b.wav", "d.mid", "deep/down/c.mp3"]


def test_a_file_that_is_named_is_taken_whatever_its_ending(tmp_path: Path) -> None:
    tree(tmp_path, "odd.raw")
    assert [source.name for source in find_sources([tmp_path / "odd.raw"]).sources] == [
        "odd.raw"
    ]


def test_a_file_named_twice_is_one(tmp_path: Path) -> None:
    tree(tmp_path, "a.wav")
    assert len(find_sources([tmp_path, tmp_path / "a.wav"]).sources) == 1


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    tree(tmp_path, "loops/a.wav", "other/b.wav")
    (tmp_path / "loops" / "self").symlink_to(tmp_path / "loops")
    (tmp_path / "loops" / "more").symlink_to(tmp_path / "other")
    (tmp_path / "loops" / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    names = [source.name for source in find_sources([tmp_path / "loops"]).sources]
    assert names == ["a.wav", "gone.wav", "more/b.wav"]


def test_files_of_one_name_in_two_folders_keep_apart(tmp_path: Path) -> None:
    tree(tmp_path, "one/a.wav", "two/a.wav")
    names = {
        source.name for source in find_sources([tmp_path / "one", tmp_path / "two"]).sources
    }
    assert names == {(tmp_path / side / "a.wav").as_posix() for side in ("one", "two")}


@pytest.mark.parametrize("name", ["gone", "empty"])
def test_nothing_to_find_is_said(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=name):
        find_sources([tmp_path / name])


def test_digest_depends_on_content_alone(tmp_path: Path) -> None:
    tree(tmp_path, "a.wav", "b.wav")
    (tmp_path / "c.wav").write_bytes((tmp_path / "a.wav").read_bytes())
    a, b, c = (content_digest(tmp_path / f"{name}.wav") for name in "abc")
    assert a == c != b


def test_a_table_of_tempi(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\ufefffile,bpm,bars\na.wav,120,2\nb.wav,,4\nc.wav,99.5,\n", "utf-8")
    table = read_tempi(path)
    assert table == {"a.wav": Hint(120, 2), "b.wav": Hint(None, 4), "c.wav": Hint(99.5)}
    assert hint_for("deep/a.wav", table) == Hint(120, 2)
    assert hint_for("d.wav", table) is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "the first line"),
        ("name,tempo\na,1\n", "the first line"),
        ("file,bpm,bars\na.wav,fast,2\n", "line 2"),
        ("file,bpm,bars\na.wav,120,2\nb.wav,1e9,2\n", "line 3"),
        ("file,bpm,bars\na.wav,120,-2\n", "line 2"),
        ("file,bpm,bars\na.wav,nan,2\n", "line 2"),
        ("file,bpm,bars\na.wav\n", None),
    ],
)
def test_a_bad_table_names_the_line(text: str, complaint: str | None, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    if complaint is None:
        assert read_tempi(path) == {"a.wav": Hint()}
        return
    with pytest.raises(UserError, match=complaint):
        read_tempi(path)


def test_a_table_of_tempi_that_is_not_there_is_named_once(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refusal:
        read_tempi(tmp_path / "no.csv")
    assert str(refusal.value).count("no.csv") == 1


def test_files_that_cannot_be_read_are_listed_with_what_to_do(tmp_path: Path) -> None:
    tree(tmp_path, "a.wav", "b.m4a", "deep/c.RX2", "d.alc", "e.txt")
    listing = find_sources([tmp_path])
    assert [source.name for source in listing.sources] == ["a.wav"]
    reasons = dict(listing.unsupported)
    assert set(reasons) == {"b.m4a", "deep/c.RX2", "d.alc"}
    assert "ffmpeg -i IN.m4a" in reasons["b.m4a"]
    assert "export the loop" in reasons["d.alc"]
    (tmp_path / "a.wav").unlink()
    with pytest.raises(UserError, match=r"no loops here.*; b\.m4a: .*ffmpeg"):
        find_sources([tmp_path])


def test_lines_of_the_table_without_a_file_are_found() -> None:
    table = {"a.wav": Hint(120), "deep/b.wav": Hint(90), "c.wav": Hint(), "gone.wav": Hint(60)}
    assert unmatched(["x/a.wav", "deep/b.wav", "c.wav"], table) == ("gone.wav",)


def test_a_table_to_complete_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(tempi_table([("a, b.wav", 121.123456, 2), ("c.wav", 90, 0.5)]))
    assert read_tempi(path) == {"a, b.wav": Hint(), "c.wav": Hint()}
    path.write_text(path.read_text().replace("c.wav,,", "c.wav,88,4"))
    assert read_tempi(path)["c.wav"] == Hint(88, 4)
    assert "121.123" in path.read_text()
