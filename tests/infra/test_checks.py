"""Each house rule finds its breach and leaves the good sample alone."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.checks import calls, locks, rooms, sizes, testing, words
from infra.checks.__main__ import RULES, faults
from infra.checks.tree import Fault, Tree, read_tree, tree_of

ROOT = Path(__file__).parents[2]
HASH = "--hash=sha256:" + "0" * 64
KEYS = ("bridge/store/keys.py", 'PREFIX = "sfx:"\n')
SLEEPS = "def test_a():\n    time.sleep({})\n"
Rule = Callable[[Tree], Iterator[Fault]]


def function(lines: int, name: str = "work") -> str:
    """Write a function of exactly so many lines."""
    return f"def {name}():\n" + "    pass\n" * (lines - 1)


def functions(*sizes_: int) -> str:
    return "".join(function(lines, f"work_{number}") for number, lines in enumerate(sizes_))


SAMPLES: list[tuple[Rule, str, str, str]] = [
    (sizes.function_sizes, "bridge/a.py", function(61), function(60)),
    (sizes.function_sizes, "infra/a.py", "class A:\n  async def f(self):\n" + "    pass\n" * 60, function(2)),
    (sizes.file_sizes, "bot/a.py", "A = 1\n" * 401, "A = 1\n" * 400),
    (sizes.usual_sizes, "tab/a.py", functions(11, 11, 12), functions(3, 10, 30)),
    (sizes.usual_sizes, "tab/a.py", functions(*[3] * 17, *[40] * 3), functions(*[3] * 18, 29, 29)),
    (calls.guarded_calls, "bridge/a.py", "import asyncio\nasyncio.create_task(f())\n", "group.create(f())\n"),
    (calls.guarded_calls, "infra/a.py", "asyncio.ensure_future(f())\n", "secret.reveal()\n"),
    (calls.guarded_calls, "bot/a.py", "secret.reveal()\n", "secret.matches('a')\n"),
    (calls.guarded_calls, "tab/a.py", "aiohttp.ClientSession()\n", "def f(http: aiohttp.ClientSession): ...\n"),
    (rooms.composition_root, "infra/a.py", "import app\n", "import application\n"),
    (rooms.composition_root, "bot/a.py", "from app import build\n", "from bridge import app\n"),
    (rooms.libraries_at_home, "bot/a.py", "import redis.asyncio\n", "import aiohttp\n"),
    (rooms.libraries_at_home, "bridge/service/a.py", "from sqlalchemy import text\n", "from sql import text\n"),
    (rooms.libraries_at_home, "tab/a.py", "import alembic\n", "from .redis import a\n"),
    (rooms.method_names, "bridge/starface/a.py", "A = 'ucp.v22.requests'\n", '"""Speaks ucp.v22."""\n'),
    (rooms.key_names, "bridge/store/a.py", "A = f'sfx:{user}'\n", "A = 'other:'\n"),
    (rooms.german_texts, "bot/a.py", "A = 'Anruf läuft'\n", '"""As in Müller."""\nA = "call"\n'),
    (rooms.german_texts, "tab/web/src/a.tsx", "<p>Zurück</p>\n", "<p>{t('back')}</p>\n"),
    (words.forbidden_words, "docs/a.md", "TO" + "DO: write\n", "What is left to do\n"),
    (words.forbidden_words, "docs/a.md", "see /wo" + "rk/main\n", "see docs/work/main\n"),
    (words.forbidden_words, "Makefile", "https://py" + "pi.org/simple\n", "pip install\n"),
    (words.forbidden_words, "docs/a.md", "asked by the le" + "ad\n", "the leading digit\n"),
    (testing.no_mocks, "tests/a.py", "from unittest.mock import Mock\n", "from unittest import TestCase\n"),
    (testing.no_mocks, "tests/a.py", "from unittest import mock\n", "import hmac\n"),
    (testing.no_mocks, "tests/a.py", "import pretend\n", "import re\n"),
    (testing.no_mocks, "tests/a.py", "monkeypatch.setattr(a, 'b', 1)\n", "monkeypatch.setenv('A', '1')\n"),
    (testing.no_mocks, "tests/a.py", "with patch('a.b'): pass\n", "http.patch('a')\nclient().patch('a')\n"),
    (testing.no_mocks, "tests/a.py", "mocker.patch('a.b')\n", "pbx.mock_call()\n"),
    (
        testing.no_long_sleeps,
        "tests/a.py",
        SLEEPS.format(0.2),
        SLEEPS.format(0.19) + "async def hang():\n    sleep(60)\n",
    ),
    (testing.tests_assert, "tests/a.py", "def test_a():\n    work()\n", "def test_a():\n    assert work()\n"),
    (testing.tests_assert, "tests/a.py", "def test_a():\n    pass\n", "async def test_a():\n    _check_all(1)\n"),
    (
        testing.tests_assert,
        "tests/a.py",
        "@slow\ndef test_a():\n    f()\n",
        "@given(text())\ndef test_a(it):\n    f(it)\n",
    ),
    (locks.pinned_with_hashes, "requirements.txt", "a==1\n", f"a==1 \\\n    {HASH}\n    # via b\n"),
    (locks.pinned_with_hashes, "requirements-dev.txt", f"a>=1 {HASH}\n", f"a[b]==1 ; x == '1' \\\n    {HASH}\n"),
    (locks.wishes_are_locked, "requirements.in", "Some.Name>=1\n", "# nothing wanted\n-c other.txt\n"),
]


@pytest.mark.parametrize(("rule", "path", "bad", "good"), SAMPLES)
def test_rule_tells_bad_from_good(rule: Rule, path: str, bad: str, good: str) -> None:
    found = list(rule(tree_of({path: bad, KEYS[0]: KEYS[1]})))
    assert found, "the breach was not found"
    assert all(fault.message and fault.rule for fault in found)
    assert list(rule(tree_of({path: good, KEYS[0]: KEYS[1]}))) == []


def test_every_rule_has_a_sample() -> None:
    assert {rule for rule, *_ in SAMPLES} | {calls.stale_allowances} == set(RULES)


def test_rules_about_production_leave_tests_and_simulators_alone() -> None:
    sample = "import redis\nasyncio.create_task(f())\nA = 'Müller ucp.v22'\n"
    assert faults(tree_of({"tests/a.py": sample})) == []
    assert list(rooms.german_texts(tree_of({"infra/simulator/a.py": sample}))) == []


def test_the_root_may_build_what_rooms_may_not() -> None:
    assert (
        list(rooms.libraries_at_home(tree_of({"app.py": "import redis\n", "bridge/store/a.py": "import redis\n"})))
        == []
    )


def test_an_allowance_permits_one_file() -> None:
    files = {"bot/a.py": "x.reveal()\n", "bot/b.py": "x.reveal()\n"}
    tree = tree_of(files, {"reveal": {"bot/a.py": "the value leaves here"}})
    assert [fault.path for fault in calls.guarded_calls(tree)] == ["bot/b.py"]
    assert list(calls.stale_allowances(tree)) == []


def test_an_allowance_lets_a_file_start_the_service() -> None:
    tree = tree_of({"infra/demo.py": "import app\n"}, {"app": {"infra/demo.py": "starts the service"}})
    assert faults(tree) == []


@pytest.mark.parametrize(("text", "reason"), [("x.matches()\n", "was needed once"), ("x.reveal()\n", " ")])
def test_an_allowance_without_use_or_reason_is_a_fault(text: str, reason: str) -> None:
    found = list(calls.stale_allowances(tree_of({"bot/a.py": text}, {"reveal": {"bot/a.py": reason}})))
    assert [fault.rule for fault in found] == ["stale-allowance"]


def test_a_wish_is_found_in_its_lock_however_it_is_spelled() -> None:
    files = {"requirements.in": "Some.Name[extra]>=1\n", "requirements.txt": f"some-name[extra]==1 {HASH}\n"}
    assert list(locks.wishes_are_locked(tree_of(files))) == []


def test_a_fault_names_file_line_and_rule() -> None:
    (fault,) = words.forbidden_words(tree_of({"a.md": "fine\nFIX" + "ME\n"}))
    assert re.match(r"a\.md:2: unfinished-work: ", str(fault))


def test_generated_folders_and_binary_files_are_not_read(tmp_path: Path) -> None:
    for path, content in {
        "a.md": b"text",
        "icon.png": b"\x89PNG\xff",
        ".venv/b.md": b"text",
        "dist/c.md": b"text",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    assert [file.path for file in read_tree(tmp_path).files] == ["a.md"]


@pytest.mark.parametrize(("text", "code"), [("A = 1\n", 0), ("import app\n", 1)])
def test_the_command_exits_by_what_it_found(tmp_path: Path, text: str, code: int) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "a.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "infra.checks"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code
    assert f"{code} faults" in done.stdout
