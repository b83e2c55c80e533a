"""What the documents promise: each variable and command is described, links lead somewhere, nothing names a machine."""

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import click
import pytest

from mutu.cli import main

ROOT = Path(__file__).resolve().parents[1]
NAME = re.compile(r"(?:MUTU_[A-Z_]*[A-Z]|DATABASE_URL)")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# Put together from parts, so that this file does not hold what it looks for.
FORBIDDEN = re.compile(rf"(?<![\w.~-])/(?:{'work'}|{'root'})/|{'pypi'}\.org|files\.{'pythonhosted'}")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git tracks; in a copy without git, every file outside .venv and data."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [path for path in ROOT.rglob("*") if not path.relative_to(ROOT).parts[0].startswith((".venv", "data"))]
    return tuple(sorted(path for path in names if path.is_file()))


def text_of(path: Path) -> str:
    """The text of a file; nothing for a binary one."""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8")


def documents() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md"]


def variables_read(path: Path) -> set[str]:
    """Names of environment variables that stand as texts of their own in a module: `environ["NAME"]`, `get("NAME")`."""
    return {
        node.value
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAME.fullmatch(node.value)
    }


def test_every_environment_variable_is_in_operations() -> None:
    modules = [path for path in tracked() if path.suffix == ".py"]
    used = {name for path in modules for name in variables_read(path)}
    assert {"DATABASE_URL", "MUTU_DATA", "MUTU_HOSTS", "MUTU_CHROMIUM"} <= used, "the search found too little"
    rows = [line for line in text_of(ROOT / "docs/OPERATIONS.md").splitlines() if line.startswith("| `")]
    described = {name for row in rows for name in NAME.findall(row.split("|")[1])}
    assert used - described == set(), "not in the table of docs/OPERATIONS.md"
    assert described - used == set(), "in the table, but nothing reads them"


def test_every_dependency_says_why() -> None:
    lines = text_of(ROOT / "pyproject.toml").splitlines()
    start = lines.index("dependencies = [")
    stop = lines.index("]", start)
    wanted = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]["dependencies"]
    assert len(lines[start + 1 : stop]) == len(wanted), "one dependency a line"
    silent = [line for line in lines[start + 1 : stop] if not re.search(r'",\s+# \w.{8,}', line)]
    assert not silent, "no reason beside it"


def commands(group: click.Group, name: str = "mutu") -> list[str]:
    """All commands of a group in the form in which a person types them."""
    found = []
    for word, command in group.commands.items():
        typed = f"{name} {word}"
        found += commands(command, typed) if isinstance(command, click.Group) else [typed]
    return found


def test_readme_names_each_command() -> None:
    readme = text_of(ROOT / "README.md")
    wanted = commands(main)
    assert "mutu hitung" in wanted
    assert [command for command in wanted if f"`{command}" not in readme] == []


def test_readme_names_no_command_that_is_missing() -> None:
    known = {command.split()[1] for command in commands(main)}
    named = set(re.findall(r"`(?:\.venv/bin/)?mutu ([a-z]+)", text_of(ROOT / "README.md")))
    assert named
    assert named - known == set()


def test_first_screen_of_the_readme() -> None:
    screen = text_of(ROOT / "README.md").split("\n")[:36]
    for needed in ("Python 3.11", "make run", "make test", "127.0.0.1:8000", "git"):
        assert any(needed in line for line in screen), f"{needed} is not in the first screen"


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(path: Path) -> None:
    text = FENCE.sub("", text_of(path))
    inside = [link for link in LINK.findall(text) if not re.match(r"[a-z]+:|#", link)]
    dead = [link for link in inside if not (path.parent / link.partition("#")[0]).exists()]
    assert not dead


def test_make_targets_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    named = {target for path in documents() for target in re.findall(r"`make ([a-z]+)", text_of(path))}
    assert {"run", "test"} <= named
    assert named - targets == set()


def test_no_file_names_a_machine_or_an_index() -> None:
    found = []
    for path in tracked():
        for number, line in enumerate(text_of(path).splitlines(), start=1):
            if FORBIDDEN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert not found


def test_every_decision_is_listed_and_complete() -> None:
    folder = ROOT / "docs/decisions"
    index = text_of(folder / "README.md")
    pages = sorted(folder.glob("[0-9][0-9][0-9][0-9]-*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        assert f"({page.name})" in index
        for part in ("**Context.**", "**Decision.**", "**Rejected.**", "**Consequences.**"):
            assert part in text_of(page), f"{page.name} lacks {part}"


def test_models_without_personal_data_note() -> None:
    """The register in docs/SECURITY.md is made from these notes; a model without one would be missing there."""
    from django.apps import apps

    register = text_of(ROOT / "docs/SECURITY.md")
    own = [model for model in apps.get_models() if model.__module__.startswith("mutu.")]
    assert own
    for model in own:
        note = (model.__doc__ or "").partition("Personal data")[2]
        assert note, f"{model.__name__} does not say which personal data it holds"
        if not re.match(r": none\b", note):
            assert f"`{model.__name__}`" in register, f"{model.__name__} is not in the register"
