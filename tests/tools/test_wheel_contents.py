import pytest

from tools.wheel_contents import differences

TRACKED = ["README.md", "firmware/errors.py", "trainer/page/index.html", "tests/test_a.py"]


@pytest.mark.parametrize(
    ("held", "wrong"),
    [
        (["firmware/errors.py", "trainer/page/index.html", "x-0.dist-info/METADATA"], []),
        (["firmware/errors.py"], ["missing: trainer/page/index.html"]),
        (
            [*TRACKED[1:3], "firmware/notes.txt"],
            ["not in the checkout: firmware/notes.txt"],
        ),
        ([*TRACKED[1:]], ["not in the checkout: tests/test_a.py"]),
    ],
)
def test_a_wheel_holds_the_three_packages_and_nothing_else(
    held: list[str], wrong: list[str]
) -> None:
    assert differences(held, TRACKED) == wrong
