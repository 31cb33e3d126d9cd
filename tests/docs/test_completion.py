"""The shell completes the real commands and options."""

import subprocess
from pathlib import Path

import pytest
import shtab

from tools.command_reference import commands, parsers


@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize("name", sorted(parsers()))
def test_a_script_names_every_command(name: str, shell: str) -> None:
    parser = parsers()[name]
    script = shtab.complete(parser, shell=shell)
    for command, _ in commands(parser):
        assert command.prog.split()[1] in script


def test_bash_completes_a_command_and_an_option(tmp_path: Path) -> None:
    script = tmp_path / "trainer"
    script.write_text(shtab.complete(parsers()["trainer"], shell="bash"))
    ask = f"""
        source {script}
        complete_with() {{ COMP_WORDS=(trainer "$@"); COMP_CWORD=$#; _shtab_trainer 2>/dev/null
            echo "${{COMPREPLY[@]}}"; }}
        complete_with ins
        complete_with train --qu
    """
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["inspect", "--quantise"]
