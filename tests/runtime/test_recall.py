"""Code found again without the front end (`kdsl.recall`): by the same text, and by nothing else.

One idea: a kernel is written to a file and imported, as in one process after another; what the second "process" changed
must be seen. Every change is one that a user makes: in the kernel, in a constant, a helper, another module, a closure.
"""

from __future__ import annotations

import importlib.util
import json
import linecache
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import compiler, recall
from kdsl.target import CPU_TARGETS, why_not

Load = Callable[..., ModuleType]

HEAD = "import math\nfrom enum import Enum, IntEnum\nimport numpy as np\nimport kdsl\nfrom kdsl import Array, f32, i32\n"
PLAIN = """
N = 3

@kdsl.kernel
def k(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = N * 2.0
"""


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Writes a module and imports it as a new process would; `name` as a second module that the first one imports."""
    monkeypatch.setenv("KDSL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(str(tmp_path))
    compiler.reset_cache()
    names: set[str] = set()

    def load(text: str, name: str = "told") -> ModuleType:
        path = tmp_path / f"{name}.py"
        path.write_text(HEAD + text, encoding="utf-8")
        names.add(name)
        linecache.cache.pop(str(path), None)
        recall._texts.clear()
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        # not through the bytecode cache, which believes a file of the same second and size
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module.__dict__)
        return module

    yield load
    for name in names:
        sys.modules.pop(name, None)
    compiler.reset_cache()


def run(k: Any, *args: Any) -> tuple[float, bool]:
    """What the kernel wrote, and whether it was run without the front end."""
    x = np.zeros(4, np.float32)
    k.over(4)(x, *args)
    assert (x == x[0]).all()
    spec = list(k._specialisations.values())[-1]
    return float(x[0]), spec.code._function is None


def test_the_same_text_is_found(load: Load) -> None:
    assert run(load(PLAIN).k) == (6.0, False)
    assert run(load(PLAIN).k) == (6.0, True)


def test_a_recalled_kernel_still_has_its_ir(load: Load) -> None:
    run(load(PLAIN).k)
    k = load(PLAIN).k
    assert run(k) == (6.0, True)
    spec = next(iter(k._specialisations.values()))
    digest = spec.code.digest
    assert spec.function.name == "k" and spec.code.digest == digest
    assert "vector store" in k.explain()


CHANGES = {
    "the kernel": (PLAIN, PLAIN.replace("2.0", "4.0"), 12.0),
    "a constant": (PLAIN, PLAIN.replace("N = 3", "N = 5"), 10.0),
    "the kind of a constant": (PLAIN.replace("2.0", "1 / 2"), PLAIN.replace("N = 3", "N = 3.0").replace("2.0", "1 / 2"), None),
    "a name that hides a builtin": (PLAIN.replace("N *", "abs(-3) *"), PLAIN.replace("N *", "abs(-3) *")
                                    + "\n@kdsl.func\ndef abs(x):\n    return 7\n", 14.0),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_the_text_is_seen(load: Load, what: str) -> None:
    before, after, expected = CHANGES[what]
    first, _ = run(load(before).k)
    now, recalled = run(load(after).k)
    assert not recalled and now == (expected if expected is not None else first)


# The text is the same, and something it names is not: (text with a place {0}, before, after, results).
SETTINGS: dict[str, tuple[str, Callable[[ModuleType], None], float]] = {
    "a global": (PLAIN, lambda m: setattr(m, "N", 4), 8.0),
    "a global becomes a float": (PLAIN.replace("N * 2.0", "N / 2 * 4.0"), lambda m: setattr(m, "N", 3.0), 6.0),
    "a helper": (
        PLAIN + "\n@kdsl.func\ndef one(x):\n    return 1\n@kdsl.func\ndef two(x):\n    return 2\nhelper = one\n",
        lambda m: setattr(m, "helper", m.two), 6.0,
    ),
    "a name that hides a builtin": (
        PLAIN.replace("N *", "max(3, 1) *") + "\n@kdsl.func\ndef five(x, y):\n    return 5\n",
        lambda m: setattr(m, "max", m.five), 10.0,
    ),
    "an enum's member": (
        PLAIN.replace("N *", "E.A *") + "\nclass E(IntEnum):\n    A = 3\nclass F(IntEnum):\n    A = 8\n",
        lambda m: setattr(m, "E", m.F), 16.0,
    ),
    "a tuple": (PLAIN.replace("N = 3", "N = (1, 3)").replace("N *", "N[1] *"), lambda m: setattr(m, "N", (1, 4)), 8.0),
    "a NumPy number": (PLAIN.replace("N = 3", "N = np.float32(3)"), lambda m: setattr(m, "N", np.float32(3.5)), 7.0),
    "a module": (PLAIN.replace("N *", "math.floor(3.5) *"), lambda m: setattr(m, "math", m.kdsl), 6.0),
    "a type": (PLAIN.replace("N *", "T(3.75) *") + "\nT = f32\n", lambda m: setattr(m, "T", m.i32), 6.0),
}  # fmt: skip


@pytest.mark.parametrize("what", SETTINGS)
def test_what_the_text_names_is_looked_at(load: Load, what: str) -> None:
    text, change, expected = SETTINGS[what]
    text = text.replace("N * 2.0", "helper(N) * N") if what == "a helper" else text
    run(load(text).k)
    before, recalled = run(load(text).k)
    assert recalled
    changed = load(text)
    change(changed)
    now, recalled = run(changed.k)
    assert (now, recalled) == (expected, False)
    assert run(load(text).k)[0] == before


@pytest.mark.parametrize("how", ["import other", "from other import helper"])
def test_a_helper_in_another_file(load: Load, how: str) -> None:
    call = "other.helper(3)" if how == "import other" else "helper(3)"
    text = f"{how}\n" + PLAIN.replace("N *", f"{call} *")
    helper = "\nM = 1\n@kdsl.func\ndef helper(x):\n    return x + M\n"
    load(helper, "other")
    assert run(load(text).k) == (8.0, False)
    load(helper, "other")
    assert run(load(text).k) == (8.0, True)
    load(helper.replace("x + M", "x - M"), "other")
    assert run(load(text).k) == (4.0, False)
    load(helper.replace("M = 1", "M = 2"), "other")
    assert run(load(text).k) == (10.0, False)


def test_a_module_that_makes_its_names_when_asked_is_not_written_down(load: Load) -> None:
    lazy = "\n@kdsl.func\ndef _helper(x):\n    return x + 1\ndef __getattr__(name):\n    if name == 'helper':\n        return _helper\n    raise AttributeError(name)\n"  # noqa: E501
    text = "import other\n" + PLAIN.replace("N *", "other.helper(3) *")
    for _ in range(2):
        load(lazy, "other")
        assert run(load(text).k) == (8.0, False)


CLOSURE = """
def make(n, by):
    @kdsl.kernel
    def k(x: Array[f32, 1]):
        i = kdsl.global_id(0)
        x[i] = by(n) * 2.0
    return k

@kdsl.func
def same(x):
    return x

@kdsl.func
def more(x):
    return x + 1
"""


def test_closures(load: Load) -> None:
    m = load(CLOSURE)
    assert run(m.make(3, m.same)) == (6.0, False)
    m = load(CLOSURE)
    assert run(m.make(3, m.same)) == (6.0, True)
    assert run(m.make(4, m.same)) == (8.0, False)
    m = load(CLOSURE)
    assert run(m.make(4, m.more)) == (10.0, False)


DEFAULTS = """
@kdsl.func
def f(x, y=2.0, *, z=3.0):
    return x * y * z

@kdsl.kernel
def k(x: Array[f32, 1]):
    x[kdsl.global_id(0)] = f(1.0)
"""


def test_defaults_of_device_functions(load: Load) -> None:
    for recalled in (False, True):
        m = load(DEFAULTS)
        assert run(m.k) == (6.0, recalled)
    m.f.function.__defaults__ = (4.0,)
    assert run(m.k) == (12.0, False)
    m.f.function.__kwdefaults__["z"] = 5.0
    assert run(m.k) == (20.0, False)
    m = load(DEFAULTS)
    m.f.function.__kwdefaults__["z"] = 6.0
    assert run(m.k) == (12.0, False)


CONST = """
@kdsl.struct
class P:
    a: f32
    b: f32 = 2.0

@kdsl.kernel
def k(x: Array[f32, 1], n: kdsl.const, f: kdsl.const = None):
    p = P(a=n)
    x[kdsl.global_id(0)] = p.a * p.b

@kdsl.kernel
def g(x: Array[f32, 1], f: kdsl.const):
    x[kdsl.global_id(0)] = f(3.0)

@kdsl.func
def double(x):
    return x + x
"""


def test_constants_and_structs(load: Load) -> None:
    for recalled in (False, True):
        m = load(CONST)
        assert run(m.k, 3) == (6.0, recalled)
        assert run(m.k, 4) == (8.0, recalled)
        assert run(m.k, 4.0) == (8.0, recalled)
        assert run(m.g, m.double) == (6.0, recalled)
    assert run(load(CONST.replace("= 2.0", "= 3.0")).k, 3) == (9.0, False)


CLASS = """
class Settings:
    rate = 0.5
    class Inner:
        size = 3

class Mine(Settings):
    pass

@kdsl.kernel
def k(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = Mine.rate * Settings.Inner.size
"""


def test_attributes_of_classes(load: Load) -> None:
    assert run(load(CLASS).k) == (1.5, False)
    module = load(CLASS)
    assert run(module.k) == (1.5, True)
    module.Settings.rate = 2.0  # seen by the next launch of this process ...
    assert run(module.k) == (6.0, False)
    assert run(load(CLASS.replace("rate = 0.5", "rate = 4.0")).k) == (12.0, False)
    settings = "class Settings:\n    rate = {}\n"
    text = (
        "from told_settings import Settings\n@kdsl.kernel\ndef k(x: Array[f32, 1]):\n    x[kdsl.global_id(0)] = Settings.rate\n"
    )
    load(settings.format(1.0), "told_settings")
    assert run(load(text).k) == (1.0, False)
    assert run(load(text).k) == (1.0, True)
    load(settings.format(3.0), "told_settings")  # ... and by another one, where only the other file has changed
    assert run(load(text).k) == (3.0, False)


def test_modes_are_apart(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    run(load(PLAIN).k)
    assert run(load(PLAIN.replace("@kdsl.kernel", "@kdsl.kernel(math='fast')")).k) == (6.0, False)
    monkeypatch.setenv("KDSL_DEBUG", "1")
    k = load(PLAIN).k
    assert run(k) == (6.0, False)
    out_of_bounds = np.zeros(2, np.float32)
    with pytest.raises(kdsl.KernelFault, match="told.py"):
        load(PLAIN).k.over(4)(out_of_bounds)


def test_one_record_serves_every_target(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the front end found out is the same for all; the code of another target is compiled, and then found, too."""
    assert run(load(PLAIN).k) == (6.0, False)
    monkeypatch.setenv("KDSL_TARGET", "cpu:x86-64-v2" if why_not(CPU_TARGETS["x86-64-v2"]) == "" else "cpu:aarch64")
    code = "x86-64-v2" if os.environ["KDSL_TARGET"].endswith("v2") else "aarch64"
    for _ in range(2):
        k = load(PLAIN).k
        result, _ = run(k)
        spec = next(iter(k._specialisations.values()))
        assert result == 6.0 and [e.artifact.target for e in spec.executables.values()] == [f"cpu:{code}"]
    assert run(load(PLAIN).k) == (6.0, True)


@pytest.mark.parametrize("size", ["0", "1"])
def test_without_a_cache_the_front_end_runs(load: Load, monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    monkeypatch.setenv("KDSL_CACHE_SIZE", size)
    compiler.reset_cache()
    for _ in range(2):
        assert run(load(PLAIN).k) == (6.0, False)


def test_another_compiler_asks_again(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    run(load(PLAIN).k)
    monkeypatch.setattr(recall, "compiler_state", lambda: "another")
    assert run(load(PLAIN).k) == (6.0, False)


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b"\xff\xfe", b'{"captured": [["g", 9, "N", ""]], "bindings": []}',
                                     b'{"captured": [["q"]], "bindings": 3, "digest": 1, "flat": 2}'])  # fmt: skip
def test_a_record_that_is_none_counts_as_absent(load: Load, payload: bytes) -> None:
    k = load(PLAIN).k
    run(k)
    question = recall.ask(k, {"x": kdsl.kernel and _type_of(k)}, {}, False)
    assert question is not None and recall.recall(question) is not None
    compiler.artifact_cache().put(question.key, payload)
    assert recall.recall(question) is None
    assert run(load(PLAIN).k) == (6.0, False)
    assert run(load(PLAIN).k) == (6.0, True)


def _type_of(k: Any) -> Any:
    from kdsl.specialise import signature_of

    return signature_of(k, (np.zeros(4, np.float32),))[0]["x"]


def test_a_digest_that_leads_to_no_code_compiles(load: Load) -> None:
    """The record is there and the code was deleted: the front end runs after all."""
    k = load(PLAIN).k
    run(k)
    question = recall.ask(k, {"x": _type_of(k)}, {}, False)
    assert question is not None
    cache = compiler.artifact_cache()
    record = cache.get(question.key)
    assert record is not None
    cache.clear()
    cache.put(question.key, record)
    assert run(load(PLAIN).k) == (6.0, False)
    wrong = json.loads(record)
    wrong["digest"] = "0" * 64
    cache.put(question.key, json.dumps(wrong).encode())
    assert run(load(PLAIN).k) == (6.0, False)


def test_a_text_that_changed_under_a_running_program(load: Load, tmp_path: Path) -> None:
    """The function is of one text and the file of another: nothing is written down."""
    k = load(PLAIN).k
    question = recall.ask(k, {"x": _type_of(k)}, {}, False)
    assert question is not None
    (tmp_path / "told.py").write_text(HEAD + PLAIN.replace("2.0", "9.0"), encoding="utf-8")
    assert not recall.remember(question, recall.Facts("0" * 64, True, False, 0, 1, 0, False, []), [])


SCRIPT = """
import sys
import numpy as np
import kdsl
from kdsl import Array, f32

before = set(sys.modules)

@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < y.shape[0]:
        y[i] = a * x[i] + y[i]

x, y = np.arange(100, dtype=np.float32), np.ones(100, np.float32)
saxpy[1, 128](2.0, x, y)
assert np.array_equal(y, 2 * x + 1)
print(sorted(set(sys.modules) - before))
"""


def test_a_second_process_loads_nothing_but_what_reads_json(tmp_path: Path) -> None:
    """Everything else that it needs comes with `import kdsl`, of which tests/architecture has the list."""
    path = tmp_path / "program.py"
    path.write_text(SCRIPT, encoding="utf-8")
    root = str(Path(__file__).parents[2])
    env = {**os.environ, "KDSL_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": root}
    command = [sys.executable, str(path)]
    said = [subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout for _ in range(2)]
    rarely = [name for name in ("legalize", "mathlib", "decimal") if name in said[0]]
    assert not rarely, f"a first compilation loads {', '.join(rarely)}, which saxpy on a CPU has no need of"
    assert "kdsl.frontend.entry" in said[0] and "llvmlite" in said[0] and said[1].strip() == "['_json']"
