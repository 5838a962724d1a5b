"""For libraries that generate kernels: from text, from intermediate code, and compiled without any device.

One idea: what a library makes is a kernel like any other, launched and built in the same way; nothing here keeps state that a
second library in the process could see.
"""

from __future__ import annotations

import builtins
import itertools
import linecache
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .diagnostics import refuse
from .kernel import Kernel, Launch, Launchable, Specialisation

if TYPE_CHECKING:
    from .artifact import Artifact
    from .ir.core import Function
    from .target import Target

__all__ = ["KernelOfIR", "compile_kernel", "from_ir", "from_source"]

_count = itertools.count(1)


def compile_kernel(function: Callable[..., Any] | Launchable, signature: Mapping[str, Any] | Sequence[Any] | None = None,
                   target: str | Target | None = None, **options: Any) -> Artifact:  # fmt: skip
    """Code of a kernel, or of a function that could be one, for a target of any machine: `kdsl.compile`.

    signature: the types that annotations leave open, by name or in order. options: `const` values, `block` and `cut` as
    `Kernel.compile` takes them. Touches no device. Raises K1xx to K5xx.
    """
    if isinstance(function, KernelOfIR):
        return function.compile(target, **options)
    kernel = function if isinstance(function, Kernel) else Kernel(function)  # type: ignore[arg-type]
    return kernel.compile(dict(signature) if isinstance(signature, Mapping) else signature, target, **options)


def _kept_as(file: str, text: str) -> str:
    """The name under which the front end and messages find a text: `file`, or with a number behind it where another text has that
    name: kernels are compiled when they are launched, and would else be compiled from the text of whoever came last."""
    where, lines = file, text.splitlines(keepends=True)
    while True:
        there = linecache.cache.setdefault(where, (len(text), None, lines, where))
        if len(there) == 4 and there[2] == lines:
            return where
        where = f"{file} ({next(_count)})"


def from_source(text: str, name: str = "", *, names: Mapping[str, Any] | None = None, file: str = "") -> Kernel:
    """The kernel called `name`, or the only one, of Python text: decorated functions, and what they use.

    `kdsl`, `math` and every name of kdsl but Python's own (`Array`, `f32`, `func`, ...) are there; names: further ones. file: what
    messages call the text. The text is run, so it must come from whom you trust. Raises K1xx for what cannot be a kernel, K681
    where there is no such kernel, and what the text itself raises.
    """
    import math

    import kdsl

    where = _kept_as(file or f"<kdsl source {next(_count)}>", text)
    known = {n: getattr(kdsl, n) for n in kdsl.__all__ if n != "build"}
    space: dict[str, Any] = {"__builtins__": builtins, "__name__": "kdsl_source", "math": math, "kdsl": kdsl}
    space.update({**known, **(names or {})})
    exec(compile(text, where, "exec"), space)
    kernels = {n: k for n, k in space.items() if isinstance(k, Kernel) and k not in (names or {}).values()}
    if name in kernels:
        return kernels[name]
    if name or len(kernels) != 1:
        there = ", ".join(kernels) or "none"
        what = f"has no kernel {name!r}" if name else f"has {len(kernels)} kernels"
        refuse("K681", None, f"{where} {what}", help=f"its kernels are: {there}; a kernel is a function under @kdsl.kernel, and "
               "name= says which is meant")  # fmt: skip
    return next(iter(kernels.values()))


class _Spec(NamedTuple):
    name: str
    kind: str
    has_default: bool = False
    default: Any = None


class KernelOfIR(Launchable):
    """A kernel of intermediate code: launched as any other, with arguments of just the function's types."""

    def __init__(self, function: Function, block: Any = None) -> None:
        from .ir import types as T
        from .ir.analysis.convergence import check_convergence
        from .ir.opdef import Level
        from .ir.verify import verify

        verify(function, "the function as given")
        if function.level is not Level.THREAD:
            refuse("K682", function.span, f"{function.name} is of level {function.level.value}, not of one thread",
                   help="build the function with level=Level.THREAD")  # fmt: skip
        check_convergence(function)
        super().__init__(function.name, None, block)
        self.function = function
        self._specs = tuple([_Spec(p.name, "array" if isinstance(p.type, T.ArrayType) else "scalar") for p in function.params])
        self._made: Specialisation | None = None

    @property
    def specs(self) -> Any:
        return self._specs

    def _specialisation(self, args: Sequence[Any]) -> Specialisation:
        del args  # the launcher holds them against the function's parameters
        if self._made is None:
            self._made = Specialisation.of(self.function, [])
        return self._made

    def _interpret(self, args: tuple[Any, ...], launch: Launch) -> None:
        from .ir.interpreter import interpret

        g = launch.geometry
        interpret(self.function, list(args), g[:3], g[3:6], threads=g[6:], **launch.options)

    def compile(
        self, target: str | Target | None = None, *, block: tuple[int, int, int] | None = None, cut: bool = False
    ) -> Artifact:
        """Code for a target, without a launch; block and cut as in `Kernel.compile`."""
        from .compiler import compile_function
        from .target import parse_target

        found = parse_target(target)
        return compile_function(self.function, found, block=block if found.is_gpu else None, cut=cut and found.is_gpu)


def from_ir(function: Function | str, block: Any = None) -> KernelOfIR:
    """A kernel of a thread-level function (`kdsl.ir.builder` makes one), or of its text as `kdsl opt` prints it.

    block: the threads of a block where a launch does not say. Raises InternalError for a malformed function, K682 for one
    that is not of one thread, K301 to K303 for barriers where threads part.
    """
    if isinstance(function, str):
        from .ir.parse import parse

        function = parse(function)
    return KernelOfIR(function, block)
