"""Every regular expression of the program takes linear time, since clients choose the text.

Each is read out of the source and run over long texts of one or two of its own characters again and again, in a process that may
use so much processor time and no more. One that looks at the rest of the text from each of its places would take minutes.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import shuttle

SOURCES = Path(shuttle.__file__).parent
ANYWHERE = ("search", "sub", "findall", "finditer", "split")
SECONDS = 20
"""Of the processor; all of them together need about five."""

RUN = r"""
import re, sys, ast, itertools
for anywhere, pattern, flags in ast.literal_eval(sys.stdin.read()):
    compiled = re.compile(pattern, flags)
    own = [c for c in dict.fromkeys(re.sub(r"\\[a-zA-Z]|[()*+?|^{}]", "", pattern)) if c.isprintable()][:6]
    for one, two in itertools.product(dict.fromkeys([*own, "a", "0", " ", "?", "\n"]), repeat=2):
        text = (one + two) * 30_000
        for each in (text, text + "\x00"):
            compiled.sub("", each) if anywhere else (compiled.match(each), compiled.fullmatch(each))
print("all")
"""
"""Reads triples: whether the expression is looked for at any place, the expression, its flags."""


def patterns() -> list[tuple[bool, str, int]]:
    """One for each call of `re` with a text that stands there."""
    collected = []
    for path in sorted(SOURCES.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            names = [ast.unparse(target) for target in node.targets] if isinstance(node, ast.Assign) else []
            for call in ast.iter_child_nodes(node):
                if isinstance(call, ast.Call) and (how := asked(call)):
                    anywhere = how in ANYWHERE or any(
                        f"{name}.{each}(" in source for name in names for each in ANYWHERE
                    )
                    collected += [(anywhere, text, flags_of(call)) for text in texts(call.args[0])]
    return collected


def asked(call: ast.Call) -> str:
    """The function of `re` that is called; nothing for any other."""
    function = call.func
    is_re = isinstance(function, ast.Attribute) and ast.unparse(function.value) == "re"
    return function.attr if is_re and isinstance(function, ast.Attribute) and call.args else ""


def flags_of(call: ast.Call) -> int:
    named = [part.attr for arg in call.args[1:] for part in ast.walk(arg) if isinstance(part, ast.Attribute)]
    return int(sum(getattr(re, name) for name in named if name.isupper()))


def texts(node: ast.expr) -> list[str]:
    """The expression itself; of one that is put together from a variable none."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return []
    return [value.decode("latin-1") if isinstance(value, bytes) else value]


def in_time(several: list[tuple[bool, str, int]]) -> bool:
    """Whether all of them come to an end within SECONDS of the processor."""
    command = ["sh", "-c", f'ulimit -t {SECONDS}; exec "$0" -c "$1"', sys.executable, RUN]
    ended = subprocess.run(command, input=repr(several), capture_output=True, text=True, check=False)
    return ended.stdout == "all\n"


@pytest.mark.slow
def test_no_expression_looks_at_the_rest_from_each_place() -> None:
    several = patterns()
    assert len(several) > 30
    assert in_time(several)


@pytest.mark.slow
def test_an_expression_that_does_would_be_noticed() -> None:
    assert not in_time([(True, r"(?<=[\w/.])\?[^\s\"']*=[^\s\"']*", 0)])
