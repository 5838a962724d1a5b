"""The layers of docs/ARCHITECTURE.md as a test: who may import whom, and what `import kdsl` may load.

One idea: the rules are read off the source with `ast`, so a wrong import fails here with its line, whether or not any
test reaches it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "kdsl"

# Part -> the parts that it may import. A part is a folder, or a file that stands beside the folders; what is not
# named here is layer 3, which may import everything.
LAYER_0 = {"diagnostics", "faults", "target", "artifact", "calltable", "records", "forks"}
MAY_IMPORT: dict[str, set[str]] = {
    **{name: LAYER_0 for name in LAYER_0},
    "ir": LAYER_0 | {"ir"},
    "frontend": LAYER_0 | {"ir", "frontend"},
    "codegen": LAYER_0 | {"ir", "codegen"},
    "runtime": LAYER_0 | {"runtime"},
}

# Library -> modules (with what is below them) that may import it. Not named: any module may.
MAY_USE: dict[str, tuple[str, ...]] = {
    "lark": ("kdsl.ir",),
    "llvmlite": ("kdsl.codegen", "kdsl.runtime.cpu", "kdsl.interop.numba"),  # numba's own code is built with it
    "typer": ("kdsl.cli",),
    "rich": ("kdsl.cli", "kdsl.bundle.command"),
    "numba": ("kdsl.interop",),
    "jax": ("kdsl.interop",),
    "torch": ("kdsl.interop",),
    "ml_dtypes": ("kdsl.ir", "kdsl.runtime.dtypes", "kdsl.interop"),  # optional: bf16 and fp8 as NumPy sees them
}

# Modules whose imports inside functions are a registry's loading on demand, with what they are loaded for. Everywhere
# else such an import may save start-up time, but may not close a cycle.
REGISTRIES: dict[str, str] = {
    "kdsl": "public names, at first use",
    "kdsl.codegen": "a backend, when code is made for it",
    "kdsl.codegen.registry": "a backend, when code is made for it",
    "kdsl.runtime": "a device's driver, when the device is asked for",
    "kdsl.runtime.registry": "a device's driver, when the device is asked for",
}

# Imports inside functions that close a cycle and may, with the reason. Keep this short.
ALLOWED_CYCLES: dict[tuple[str, str], str] = {
    ("kdsl.ir.core", "kdsl.ir.text"): "str() of a function is its text, for people who look at one in a debugger",
    ("kdsl.ir.types", "kdsl.ir.formats"): "f32(x) on the host is a conversion, and conversions need the types",
}

# What a program that only imports kdsl must not pay for.
HEAVY = ("lark", "llvmlite", "typer", "rich", "numba", "scipy", "matplotlib", "cuda", "pyopencl", "torch", "jax", "ml_dtypes")


# What it does load: the modules that a launch of code from the cache needs. Each takes a tenth of a millisecond and more, of every
# program's start, so a module is added here only where such a launch cannot do without it.
LOADED = {
    "kdsl", "kdsl.artifact", "kdsl.cache", "kdsl.compiler", "kdsl.diagnostics", "kdsl.forks", "kdsl.frontend",
    "kdsl.frontend.outside", "kdsl.frontend.parameters", "kdsl.frontend.texts", "kdsl.ir", "kdsl.ir.types", "kdsl.kernel",
    "kdsl.language", "kdsl.language.ids", "kdsl.language.types", "kdsl.recall", "kdsl.records", "kdsl.runtime",
    "kdsl.runtime.api", "kdsl.runtime.arrays", "kdsl.runtime.checked", "kdsl.runtime.cpu", "kdsl.runtime.cpu.device",
    "kdsl.runtime.cpu.elf", "kdsl.runtime.cpu.executable", "kdsl.runtime.cpu.loader", "kdsl.runtime.cpu.schedule",
    "kdsl.runtime.cpu.threads", "kdsl.runtime.dtypes", "kdsl.runtime.geometry", "kdsl.runtime.host", "kdsl.runtime.launcher",
    "kdsl.runtime.registry", "kdsl.runtime.signature", "kdsl.runtime.views", "kdsl.serialize",
    "kdsl.specialise", "kdsl.target",
}  # fmt: skip


@dataclass(frozen=True)
class Import:
    """One import: who, what (a module, never a name inside one), where, and whether a function's call does it."""

    importer: str
    imported: str
    line: int
    in_function: bool
    for_types_only: bool

    def __str__(self) -> str:
        return f"{path_of(self.importer).relative_to(ROOT)}:{self.line}: {self.importer} imports {self.imported}"


def path_of(module: str) -> Path:
    base = ROOT.joinpath(*module.split("."))
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


def exists(module: str) -> bool:
    return path_of(module).exists()


@cache
def modules() -> tuple[str, ...]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return tuple(found)


def part_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def is_below(module: str, prefixes: tuple[str, ...]) -> bool:
    return any(module == p or module.startswith(p + ".") for p in prefixes)


def _targets(node: ast.Import | ast.ImportFrom, importer: str) -> Iterator[str]:
    """The modules that a statement names: `from .a import b` names kdsl.a.b if that is a module, otherwise kdsl.a."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = node.module or ""
    if node.level:
        package = importer.split(".")
        if not path_of(importer).name == "__init__.py":
            package = package[:-1]
        package = package[: len(package) - (node.level - 1)]
        base = ".".join([*package, *([node.module] if node.module else [])])
    for alias in node.names:
        inner = f"{base}.{alias.name}"
        yield inner if base.split(".")[0] == "kdsl" and exists(inner) else base


class _Finder(ast.NodeVisitor):
    def __init__(self, importer: str) -> None:
        self.importer = importer
        self.found: list[Import] = []
        self.functions = 0
        self.type_checks = 0

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for target in _targets(node, self.importer):
            self.found.append(
                Import(self.importer, target, node.lineno, self.functions > 0, self.type_checks > 0)
            )

    visit_Import = visit_ImportFrom = _import

    def _function(self, node: ast.AST) -> None:
        self.functions += 1
        self.generic_visit(node)
        self.functions -= 1

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _function

    def visit_If(self, node: ast.If) -> None:
        types_only = ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        self.type_checks += types_only
        for child in node.body:
            self.visit(child)
        self.type_checks -= types_only
        for child in node.orelse:
            self.visit(child)


@cache
def imports() -> tuple[Import, ...]:
    found: list[Import] = []
    for module in modules():
        finder = _Finder(module)
        finder.visit(ast.parse(path_of(module).read_text(encoding="utf-8"), str(path_of(module))))
        found += finder.found
    return tuple(found)


def test_every_module_imports_lower_layers_only():
    wrong = []
    for i in imports():
        allowed = MAY_IMPORT.get(part_of(i.importer))
        if allowed is None or i.imported.split(".")[0] != "kdsl":
            continue
        if part_of(i.imported) not in allowed:
            wrong.append(f"{i}; {part_of(i.importer)} may import {', '.join(sorted(allowed))}")
    assert not wrong, "\n".join(wrong)


def test_libraries_are_used_where_they_belong():
    wrong = []
    for i in imports():
        allowed = MAY_USE.get(i.imported.split(".")[0])
        if allowed is not None and not is_below(i.importer, allowed):
            wrong.append(f"{i}; only these may: {', '.join(allowed) or 'none'}")
    assert not wrong, "\n".join(wrong)


def test_no_cycles_even_through_imports_inside_functions():
    """Imports for type checkers alone run nowhere, so they are left out; so is what a registry loads on demand."""
    graph: dict[str, dict[str, Import]] = {module: {} for module in modules()}
    for i in imports():
        on_demand = i.in_function and (i.importer in REGISTRIES or (i.importer, i.imported) in ALLOWED_CYCLES)
        if i.imported in graph and i.imported != i.importer and not i.for_types_only and not on_demand:
            graph[i.importer].setdefault(i.imported, i)

    state: dict[str, str] = {}
    trail: list[Import] = []

    def visit(module: str) -> None:
        state[module] = "open"
        for target, edge in graph[module].items():
            trail.append(edge)
            if state.get(target) == "open":
                start = next(k for k, e in enumerate(trail) if e.importer == target)
                pytest.fail("a cycle:\n" + "\n".join(map(str, trail[start:])), pytrace=False)
            if target not in state:
                visit(target)
            trail.pop()
        state[module] = "done"

    for module in graph:
        if module not in state:
            visit(module)


def test_every_part_is_known():
    """A new folder under kdsl/ needs a line in docs/ARCHITECTURE.md and, below layer 3, one in MAY_IMPORT."""
    known = {"bundle", "language", "interop", "lib", "native", *MAY_IMPORT}
    folders = {p.parent.name for p in PACKAGE.glob("*/__init__.py")}
    assert folders <= known, f"not in the list of layers: {sorted(folders - known)}"


def test_every_module_says_what_lives_there():
    silent = [m for m in modules() if not ast.get_docstring(ast.parse(path_of(m).read_text(encoding="utf-8")))]
    assert not silent, "no docstring: " + ", ".join(silent)


def _modules_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_import_kdsl_is_light():
    loaded = _modules_after("import kdsl") - _modules_after("import numpy")
    heavy = sorted(m for m in loaded if m.split(".")[0] in HEAVY)
    assert not heavy, f"import kdsl loads {', '.join(heavy)}"
    drivers = sorted(m for m in loaded if is_below(m, ("kdsl.codegen", "kdsl.runtime.bindings", "kdsl.cli")))
    assert not drivers, f"import kdsl loads {', '.join(drivers)}"
    ours = {m for m in loaded if is_below(m, ("kdsl",))}
    assert ours == LOADED, f"import kdsl loads {sorted(ours - LOADED)} too, and not {sorted(LOADED - ours)}"


# What a compilation did load once, for a millisecond and more each, and can do without.
DEAR = {"dataclasses", "decimal", "fractions", "json"}


COMPILED = """
import kdsl, numpy as np
from kdsl import Array, f32

@kdsl.kernel
def k(x: Array[f32, 1], a: f32):
    x[kdsl.global_id(0)] = kdsl.pow(a, a) + kdsl.erf(a)

k.over(4)(np.zeros(4, np.float32), 1.5)
"""


def test_a_compilation_loads_nothing_dear(tmp_path, monkeypatch):
    monkeypatch.setenv("KDSL_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "compiled.py").write_text(COMPILED)
    dear = DEAR & (_modules_after(f"sys.path.insert(0, {str(tmp_path)!r}); import compiled") - _modules_after("import numpy"))
    assert not dear, f"compiling loads {', '.join(sorted(dear))}"


@pytest.mark.parametrize("part", ["runtime", "ir"])
def test_a_part_loads_without_those_it_may_not_import(part):
    """What the source does not say (imports by name, in strings) shows when the part is imported alone."""
    # `import kdsl` itself loads what launches need, so the package is a bare one here.
    bare = "kdsl = sys.modules['kdsl'] = type(sys)('kdsl'); kdsl.__path__ = ['kdsl']"
    loaded = _modules_after(f"{bare}; import kdsl.{part}")
    others = {"frontend", "codegen", "runtime"} - MAY_IMPORT[part]
    assert not sorted(m for m in loaded if m.startswith("kdsl.") and part_of(m) in others)
