"""A kernel of kdsl's as an operator of torch's: known to `torch.compile`, to tracing, and to `register_autograd`.

One idea: an operator that gives new tensors can be differentiated and moved about, so that is what comes of a kernel: of a tensor
that the kernel changes it gets a copy, and of one that it fills a new one. Tensors are passed where they lie, on the CPU or on a
GPU that kdsl has a device for; the launch is the kernel's own.

    saxpy_op = operator("mylib::saxpy", saxpy, lambda a, x, y: x.numel())
    z = saxpy_op(2.0, x, y)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from ..diagnostics import refuse
from ..kernel import Kernel
from ..runtime.dtypes import numpy_dtype
from ..runtime.foreign import taken
from ..specialise import declared_signature
from .native import check_kernel

__all__ = ["operator"]

torch: Any = import_module("torch")  # by name: where it is not installed, a type checker takes this very file for it


def operator(name: str, kernel: Kernel, threads: Callable[..., Any], *, writes: Sequence[str] = (),
             fills: Mapping[str, Callable[..., Any]] | None = None, in_place: bool = False, block: Any = None,
             **constants: Any) -> Any:  # fmt: skip
    """A `torch.library.custom_op` called `name` ("library::operator") of a kernel.

    threads: gives the number of threads, as `kernel.over` takes it, for the operator's arguments. writes: the tensors that the
    kernel writes, in the order of the parameters; may be left out where every parameter is annotated, since the kernel then says
    so. fills: for tensors that the kernel fills, which are no arguments of the operator, what makes one of its arguments, such as
    `{"out": lambda x: torch.empty_like(x)}`. in_place: the operator changes the tensors that it is given and returns nothing;
    torch does not differentiate such operators. The operator's arguments are the kernel's runtime parameters less those of
    `fills`; it returns what is written, one tensor or a tuple in the order of the parameters. Raises K683 for what is no kernel,
    and where writes and fills are not those of the kernel; a call raises K6xx for arguments that do not fit.
    """
    if not isinstance(name, str) or len(name.split("::")) != 2:
        refuse("K683", None, f"{name!r} is no name of an operator",
               help='torch calls an operator by a library and a name, as in "mylib::saxpy"')  # fmt: skip
    made = _Operator(check_kernel(kernel), threads, tuple(writes), dict(fills or {}), in_place, block, constants)
    op = torch.library.custom_op(name, made.run, mutates_args=made.changed if in_place else (), schema=made.schema)
    op.register_fake(made.fake)
    return op


class _Operator:
    def __init__(self, kernel: Kernel, threads: Callable[..., Any], writes: tuple[str, ...], fills: dict[str, Callable[..., Any]],
                 in_place: bool, block: Any, constants: dict[str, Any]) -> None:  # fmt: skip
        self.kernel, self.threads, self.fills, self.in_place, self.block = kernel, threads, fills, in_place, block
        self.constants = {s.name: constants.pop(s.name, s.default) for s in kernel.specs if s.kind == "const"}
        if constants:
            refuse("K602", None, f"{kernel.name}: {next(iter(constants))!r} is not a constant",
                   help=f"the constants are: {', '.join(self.constants) or 'none'}")  # fmt: skip
        self.specs = [s for s in kernel.specs if s.kind != "const"]
        names = [s.name for s in self.specs]
        wrong = [n for n in (*writes, *fills) if n not in names]
        if wrong:
            self._refuse(f"{wrong[0]!r} is none of its parameters ({', '.join(names)})")
        if all(s.kind in ("array", "scalar") for s in self.specs):
            found = self._written({})
            if set(fills) - set(found) or (writes and set(found) != {*writes, *fills}):
                self._refuse(f"it writes {', '.join(found) or 'nothing'}")
            writes = tuple(found)
        self.writes = tuple([n for n in names if n in writes or n in fills])
        if not self.writes:
            self._refuse("what it writes is not known, as not every parameter is annotated" if any(
                s.kind == "any" for s in self.specs) else "it writes nothing")  # fmt: skip
        self.arguments = [s for s in self.specs if s.name not in fills]
        self.changed = [n for n in self.writes if n not in fills]
        self._checked: set[Any] = set()
        if in_place and fills:
            self._refuse("an operator in place is given every tensor")
        results = len(self.writes)
        said = "()" if in_place else "Tensor" if results == 1 else "(" + ", ".join(["Tensor"] * results) + ")"
        self.schema = "(" + ", ".join(map(self._declared, self.arguments)) + ") -> " + said

    def _refuse(self, why: str) -> None:
        refuse("K683", None, f"{self.kernel.name} cannot be this operator: {why}",
               help='say with writes=("y",) which tensors the kernel changes, and with fills={"out": lambda x: '
                    "torch.empty_like(x)} which it fills")  # fmt: skip

    def _declared(self, spec: Any) -> str:
        """A parameter in torch's schema language. What is not annotated and not written is a tensor, too."""
        if spec.kind != "scalar":
            place = self.changed.index(spec.name) if self.in_place and spec.name in self.changed else -1
            return f"Tensor{'' if place < 0 else f'({chr(97 + place)}!)'} {spec.name}"
        kind = numpy_dtype(str(spec.type)).kind if "<" not in str(spec.type) and "{" not in str(spec.type) else ""
        if kind not in ("b", "i", "u", "f", "V"):
            self._refuse(f"torch has no number like {spec.name!r}")
        return f"{'bool' if kind == 'b' else 'float' if kind in 'fV' else 'int'} {spec.name}"

    def _written(self, samples: dict[str, Any]) -> list[str]:
        """The parameters that the kernel writes, for types that annotations leave open as in the samples."""
        from ..compiler import compile_function
        from ..target import cpu_target_of_host

        types, values = declared_signature(self.kernel, samples, self.constants)
        entry = compile_function(self.kernel.ir(types, values), cpu_target_of_host()).entry
        return [p.name for p in entry.params if p.kind == "array" and p.writes]

    def _check_writes(self, values: dict[str, Any]) -> None:
        """A kernel whose parameters are not annotated says what it writes once it has seen their types."""
        key = tuple([(v.dtype, v.ndim) if isinstance(v, torch.Tensor) else type(v) for v in values.values()])
        if key in self._checked or all(s.kind != "any" for s in self.specs):
            return
        tensors = {s.name: values[s.name].detach() for s in self.specs if s.kind == "any"}
        found = self._written(dict(zip(tensors, taken(tuple(tensors.values()), None)[0], strict=True)))
        if set(found) - set(self.writes):
            self._refuse(f"it writes {', '.join(found)}")
        self._checked.add(key)

    def _results(self, args: Sequence[Any], copy: Callable[[Any], Any]) -> dict[str, Any]:
        given = dict(zip([s.name for s in self.arguments], args, strict=True))
        return {n: self.fills[n](*args) if n in self.fills else copy(given[n]) for n in self.writes}

    def run(self, *args: Any) -> Any:
        values: dict[str, Any] = dict(zip([s.name for s in self.arguments], args, strict=True))
        results = {} if self.in_place else self._results(args, torch.clone)
        values.update(results)
        self._check_writes(values)
        launch = self.kernel.over(self.threads(*args), self.block)
        launch(**{n: v.detach() if isinstance(v, torch.Tensor) else v for n, v in values.items()}, **self.constants)
        return self._returned(results)

    def fake(self, *args: Any) -> Any:
        """The results' shapes and types, without any data."""
        return None if self.in_place else self._returned(self._results(args, torch.empty_like))

    def _returned(self, results: dict[str, Any]) -> Any:
        if self.in_place:
            return None
        out = tuple(results.values())
        return out[0] if len(out) == 1 else out
