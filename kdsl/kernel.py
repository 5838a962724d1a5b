"""`@kdsl.kernel`: specialise, compile, cache, launch.

One idea: a kernel is specialised on what is visible (element types, axes, which axis is contiguous, `const` values, the
debug mode), and a launch that was seen before is a dictionary look-up and a call. Everything slow (annotations,
the front end, the compiler) is imported when the first launch needs it.
"""

from __future__ import annotations

import functools
import inspect
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from math import gcd
from types import FunctionType
from typing import TYPE_CHECKING, Any, overload

from .diagnostics import InternalError, KdslError, refuse, with_article
from .records import record
from .runtime.arrays import PLAIN
from .runtime.launcher import Launcher, Repeated, launcher_of, recording

if TYPE_CHECKING:
    from .artifact import Artifact
    from .compiler import Known
    from .frontend.outside import Read
    from .ir.core import Function
    from .recall import Facts, Question
    from .runtime.api import Device, Executable, Geometry, Stream
    from .runtime.quick import Guard
    from .target import Target

__all__ = ["Bound", "Kernel", "Launch", "kernel"]

MATH_MODES = ("default", "strict", "fast")
_MOST_LAUNCHES = 256
_SHORT, _MANY = 32, 64  # threads of rows that are taken together, and such rows
_MOST_FOLDED = 200  # ops of the vectors that such rows are
_ROW = 8  # threads along an axis that are worth a vector: fewer take less time one by one
_MOST_SHAPES = 16  # block shapes that a kernel gets code of its own for; a search over more shares one code
_environment: Any = getattr(os.environ, "_data", None)
_is_quick = isinstance(_environment, dict) and os.name == "posix"
_DEBUG, _INTERPRET, _TRACEBACK, _TARGET = b"KDSL_DEBUG", b"KDSL_INTERPRET", b"KDSL_TRACEBACK", b"KDSL_TARGET"
_DEVICE = b"KDSL_DEVICE"


def _asked_for(name: bytes) -> bool:
    """Whether an environment variable is set to something but 0; without the cost of decoding it."""
    if _is_quick:
        return _environment.get(name, b"0") not in (b"", b"0")
    return os.environ.get(name.decode(), "0") not in ("", "0")


@overload
def kernel(function: Callable[..., Any], *, math: str = "default", debug: bool = False,
           grid: Callable[..., Any] | None = None, block: Any = None, name: str | None = None,
           export: Sequence[dict[str, Any]] | None = None) -> Kernel: ...  # fmt: skip
@overload
def kernel(*, math: str = "default", debug: bool = False, grid: Callable[..., Any] | None = None, block: Any = None,
           name: str | None = None, export: Sequence[dict[str, Any]] | None = None,
           ) -> Callable[[Callable[..., Any]], Kernel]: ...  # fmt: skip
def kernel(function: Callable[..., Any] | None = None, *, math: str = "default", debug: bool = False,
           grid: Callable[..., Any] | None = None, block: Any = None, name: str | None = None,
           export: Sequence[dict[str, Any]] | None = None, **wrong: Any) -> Any:  # fmt: skip
    """Make a kernel of a Python function.

    math: "default" (IEEE, contraction allowed, functions within 4 ULP), "strict" (the same bits on every target) or "fast"
    (reassociation, approximate functions). debug: check every access, assert and integer division. grid: a function of
    the arguments that gives the grid, so that `k(x, y)` launches; block: the threads of a block of such a launch and the
    default of `over`. export: the variants that `kdsl build` makes, a dictionary each, from parameter to type or to the value of a
    constant, as in export=[{"x": Array[f32, 1]}, {"x": Array[f64, 1]}]. Raises K1xx for a function that cannot be a kernel.
    """
    if wrong:
        refuse("K150", None, f"@kdsl.kernel has no option {next(iter(wrong))!r}",
               help='there are math, debug, grid, block, name and export; what others call fastmath is math="fast"')  # fmt: skip
    if function is None:
        return functools.partial(kernel, math=math, debug=debug, grid=grid, block=block, name=name, export=export)
    if math not in MATH_MODES:
        refuse("K150", None, f"math={math!r} is not a mode", help="write math=" + " or ".join(map(repr, MATH_MODES)))
    if name is not None and not (isinstance(name, str) and name.isprintable()):
        refuse("K150", None, f"name={name!r} is not a name", help="give a text of one line, or leave it out")
    return Kernel(function, math=math, debug=debug, grid=grid, block=block, name=name, export=export)


def _keep(known: dict[Any, Launch], where: Any, launch: Launch) -> Launch:
    if len(known) >= _MOST_LAUNCHES:
        known.clear()
    try:
        known[where] = launch
    except TypeError:
        pass  # an unhashable grid, such as a list, is just not kept
    return launch


def _taken(args: tuple[Any, ...], named: dict[str, Any], stream: Any) -> tuple[tuple[Any, ...], dict[str, Any], Stream | None]:
    """Arguments and stream, with those of other libraries taken over (`kdsl.runtime.foreign`)."""
    from .runtime.foreign import taken  # most launches have nothing of the kind

    values, stream = taken((*args, *named.values()), stream)
    return values[: len(args)], dict(zip(named, values[len(args) :], strict=True)), stream


def _shorten(error: KdslError) -> None:
    """Drop kdsl's own frames from a refusal: the message has the place that matters. KDSL_TRACEBACK=1 keeps them."""
    if not isinstance(error, InternalError) and not _asked_for(_TRACEBACK):
        error.__traceback__ = None


@functools.cache
def provide_pool() -> None:
    """Tell the runtime, which cannot compile and has no cache, where its thread pool and its call path come from, and where
    devices keep things."""
    from .compiler import call_object, has_pool_object, keep, kept, pool_object
    from .runtime import keep_with, set_call_provider
    from .runtime.cpu.threads import set_pool_provider

    set_pool_provider(pool_object, has_pool_object)
    set_call_provider(call_object)
    keep_with(kept, keep)


class Walk(metaclass=record):
    """How code for a target, on a device, goes through the threads of a block. linear: as one row, where subgroups would not
    fit into rows. block: the shape that all blocks have, if it is known. cut: whether the launch ends inside blocks, or has more
    of them than the machine takes at once. beside: the axis whose threads are side by side, where few lie along the
    one that code would choose. folded: how few, where code for that number is another. near: whether threads are few enough
    for code that takes their numbers in 32 bits for indices."""

    device: str
    target: str
    linear: bool = False
    block: tuple[int, int, int] | None = None
    cut: bool = False
    beside: int | None = None
    folded: int = 0
    near: bool = False


class Specialisation:
    """A kernel for one set of argument types: its IR, and launchers for the ways to walk a block."""

    __slots__ = ("axes", "captured", "code", "consts", "executables", "folds", "is_flat", "launchers", "linear_matters", "shapes",
                 "short", "turned")  # fmt: skip

    def __init__(self, code: Known, facts: Facts) -> None:
        self.code = code
        self.captured = facts.captured
        self.is_flat = facts.is_flat
        self.linear_matters = facts.needs_linear_order and not facts.is_flat
        self.turned, self.axes, self.folds, self.short = facts.turned, facts.axes, facts.folds, facts.short
        self.launchers: dict[tuple[object, Walk], Launcher] = {}  # by what Python knows of the arguments, and the walk
        self.executables: dict[Walk, Executable] = {}
        self.shapes: set[tuple[int, int, int]] = set()
        self.consts: dict[str, Any] = {}  # constant arguments by name

    @classmethod
    def of(cls, function: Function, captured: list[Read], *, few: bool = True) -> Specialisation:
        """What is to be known of IR that the front end has made. few: whether launches say how many threads they have, so that
        there is code for those of few (`near_ids`)."""
        from .compiler import known
        from .ir.analysis.axes import CROSSED, better_axis, free_axes
        from .ir.passes.near_ids import near_ids
        from .ir.passes.opt_counted import opt_counted
        from .ir.passes.vectorize import grid_strides, is_flat, needs_linear_order
        from .ir.passes.vectorize.folded import ops_to_fold
        from .recall import Facts

        code, near = known(function), opt_counted(near_ids(function, few=few))
        strided = grid_strides(near) is not None
        flat = strided or is_flat(near)
        # Rows of threads that stride are as long as what they go through, whatever the launch has.
        axes = better_axis(near) % CROSSED, 0 if strided else free_axes(near)
        folds = ops_to_fold(near) if flat and not strided and axes[0] == 1 else 0
        short = near_ids(function) is not function
        return cls(code, Facts(code.digest, flat, needs_linear_order(function), *axes, folds, short, captured))

    @property
    def facts(self) -> Facts:
        """What another process needs to know."""
        from .recall import Facts

        return Facts(self.code.digest, self.is_flat, self.linear_matters, self.turned, self.axes, self.folds, self.short,
                     self.captured)

    @property
    def function(self) -> Function:
        """The kernel's IR; the front end runs if that was not necessary yet."""
        return self.code.function()

    def walk(self, geometry: Geometry, device: Device, target: Target) -> Walk:
        """How to go through the blocks of a launch. Where none is cut off, the code is made for their shape; on GPUs always."""
        from .target import FEW_THREADS

        gx, gy, gz, bx, by, bz, tx, ty, tz = geometry
        shape, cut = (bx, by, bz), (tx, ty, tz) != (gx * bx, gy * by, gz * bz)
        if device.compiles_shapes:
            x, y, z = target.grid_limit
            return Walk(device.name, target.name, block=shape, cut=cut or gx > x or gy > y or gz > z)
        beside, near = self._beside(geometry), self.short and max(tx, ty, tz) <= FEW_THREADS
        if self.is_flat:
            if self._folds(geometry, target):
                return Walk(device.name, target.name, beside=0, folded=geometry[7], near=near)
            return Walk(device.name, target.name, beside=beside, folded=self._folded(geometry, beside), near=near)
        # Rows of the block would cut subgroups short.
        linear = self.linear_matters and bx % target.lanes != 0 and by * bz > 1
        if cut or len(self.shapes | {shape}) > _MOST_SHAPES:
            return Walk(device.name, target.name, linear, beside=beside, near=near)
        self.shapes.add(shape)
        return Walk(device.name, target.name, linear, shape, beside=beside, near=near)

    def _beside(self, geometry: Geometry) -> int | None:
        """The axis that has threads for vectors, where that which the code would choose has not. Blocks of few threads along axis 0
        have short vectors."""
        if not self.axes or geometry[6 + self.turned] >= _ROW:
            return None
        longer = [k for k in range(3) if self.axes >> k & 1 and geometry[6 + k] >= _ROW]
        return longer[0] if longer and (self.is_flat or longer[0] == 0) else None

    def _folds(self, geometry: Geometry, target: Target) -> bool:
        """Whether rows along axis 1 are too short to be one vector after another, and many."""
        points, few = geometry[6:8]
        if not self.folds or self.turned != 1 or not _ROW <= few <= _SHORT or points < _MANY:
            return False
        return few // gcd(few, target.lanes) * self.folds <= _MOST_FOLDED

    def _folded(self, geometry: Geometry, beside: int | None) -> int:
        """How many threads lie along the axis that lies along memory, where it is axis 1 of code with `beside` as axis 0."""
        if beside is None or self.turned != (0 if beside == 1 else 1):
            return 0
        few = geometry[6 + self.turned]
        return few if few > 1 else 0


class ByGeometry:
    """In place of a launcher where code, or what the device allows, depends on the launch's blocks: finds it, and launches."""

    __slots__ = ("find", "found")

    def __init__(self, find: Callable[[Sequence[Any], Geometry, Stream | None], Launcher]) -> None:
        self.find = find
        self.found: dict[Geometry, Launcher] = {}

    def __call__(self, args: Sequence[Any], geometry: Geometry, stream: Stream | None = None) -> None:
        launcher = self.found.get(geometry)
        if launcher is None:
            if len(self.found) >= _MOST_LAUNCHES:
                self.found.clear()
            launcher = self.found[geometry] = self.find(args, geometry, stream)
        launcher(args, geometry, stream)


class Launch(Repeated):
    """`kernel[grid, block]` or `kernel.over(n)`: call it with the kernel's arguments."""

    __slots__ = ("_complete", "geometry", "interpreted", "kernel", "options")

    def __init__(self, kernel: Launchable, geometry: Geometry, *, interpreted: bool = False,
                 options: dict[str, Any] | None = None) -> None:  # fmt: skip
        super().__init__()
        self.kernel = kernel
        self.geometry = geometry
        self.interpreted = interpreted
        self.options = options or {}
        self._complete: Launch | None = None  # the same launch, for calls whose arguments were put in order before

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled and copied as what makes one: how often it was called, and native code for that, are this object's own."""
        return _launch, (self.kernel, self.geometry, self.interpreted, self.options)

    def __repr__(self) -> str:
        g, where = self.geometry, ".interpret" if self.interpreted else ""
        return f"<launch of {self.kernel.name}{where}: grid {g[:3]}, block {g[3:6]}, threads {g[6:]}>"

    def __call__(self, *args: Any, stream: Stream | None = None, **named: Any) -> None:
        """Launch. Raises LaunchError (K6) before anything ran, KernelFault from a debug build.

        stream: a stream of the device, or one of torch, CuPy, numba or pycuda on that device.
        """
        k = self.kernel
        try:
            if (named or len(args) < len(k.specs)) and not self.interpreted:
                if self._complete is None:
                    self._complete = Launch(k, self.geometry)
                full = k._bind(args, named)
                self._complete(*full) if stream is None else self._complete(*full, stream=stream)
                return
            given = stream
            if not PLAIN.issuperset(map(type, args)) or stream is not None:
                args, named, stream = _taken(args, named, stream)
            launcher = k._seen(args, stream) if not named and not self.interpreted else None
            if launcher is None:
                k._launch(args, named, self, stream)
            else:
                launcher(args, self.geometry, stream)
        except KdslError as error:
            _shorten(error)
            raise
        if not named and stream is given and self._is_due():
            self._become_quick(args, stream)

    def _become_quick(self, args: tuple[Any, ...], stream: Stream | None) -> None:
        """The next call like the one just made is native (`kdsl.runtime.quick`), where that can be."""
        from .runtime.quick import make_quick, rows_of

        k = self.kernel
        guards = None if self.interpreted or len(args) != len(k.specs) else k._guards(args)
        if guards is not None:
            launcher = k._launcher(args, self.geometry, stream)
            rows = rows_of(launcher.entry.params, args, k._const_at)
            make_quick(self, launcher.executable.call_plan(launcher.entry, self.geometry, stream), guards, rows, stream=stream)

    @property
    def interpret(self) -> Launch:
        """The same launch in the reference interpreter: `kernel[grid, block].interpret(...)`."""
        return Launch(self.kernel, self.geometry, interpreted=True)

    def bind(self, *args: Any, **named: Any) -> Bound:
        """Check the arguments once; the result launches with them, without any further work."""
        return Bound(self, _taken(self.kernel._bind(args, named), {}, None)[0])


def _launch(kernel: Launchable, geometry: Geometry, interpreted: bool, options: dict[str, Any]) -> Launch:
    return Launch(kernel, geometry, interpreted=interpreted, options=options)


class Bound(Repeated):
    """A launch with its arguments: `run()`. Arrays are taken as they are at each run, numbers as they were given."""

    __slots__ = ("_args", "_data", "_launch", "_launcher", "_run")

    def __init__(self, launch: Launch, args: tuple[Any, ...]) -> None:
        super().__init__()
        k = launch.kernel
        self._launch = launch
        self._args = args
        self._launcher = k._launcher(args, launch.geometry)
        self._data = self._launcher.pack(k._runtime(args))
        self._run = self._launcher.runner(k._runtime(args))

    def __reduce__(self) -> tuple[Any, ...]:
        return Bound, (self._launch, self._args)

    def __repr__(self) -> str:
        return f"<bound {repr(self._launch)[1:]}"

    def __call__(self, stream: Stream | None = None) -> None:
        geometry = self._launch.geometry
        given = stream
        if stream is not None:
            stream = _taken(self._args, {}, stream)[2]
        if recording:
            self._launcher(self._launch.kernel._runtime(self._args), geometry, stream)
            return
        self._run(self._data, geometry, stream)
        if stream is given and self._is_due():
            from .runtime.quick import make_quick

            plan = self._launcher.executable.call_plan(self._launcher.entry, geometry, stream)
            make_quick(self, plan, (), ([], self._args), self._data, stream)


class Interpreted:
    """`kernel.interpret[grid, block]` and `kernel.interpret.over(n)`: the same launch in the reference interpreter."""

    __slots__ = ("kernel", "options")

    def __init__(self, kernel: Kernel, options: dict[str, Any]) -> None:
        self.kernel = kernel
        self.options = options

    def __repr__(self) -> str:
        given = ", ".join(f"{k}={v!r}" for k, v in self.options.items())
        return f"<interpreter of kdsl kernel {self.kernel.name}{f' with {given}' if given else ''}>"

    def __call__(self, **options: Any) -> Interpreted:
        """With options of `kdsl.ir.interpreter.interpret`, such as `subgroup_size=8` or `detect_races=False`."""
        from .ir.interpreter import check_options

        check_options(options)
        return Interpreted(self.kernel, {**self.options, **options})

    def __getitem__(self, where: Any) -> Launch:
        return Launch(self.kernel, self.kernel._geometry(where), interpreted=True, options=self.options)

    def over(self, threads: Any, block: Any = None) -> Launch:
        geometry = self.kernel._geometry_over(threads, block)
        return Launch(self.kernel, geometry, interpreted=True, options=self.options)


class Launchable(ABC):
    """What is launched: `self[grid, block](...)`, `self.over(n)(...)`, or a plain call where `grid` says over what. How code
    for some arguments is come by is a child's affair: `specs`, `_specialisation`."""

    debug = False

    def __init__(self, name: str, grid: Callable[..., Any] | None, block: Any) -> None:
        self.name = name
        self.grid = grid
        self.block = block
        self._const_at: tuple[int, ...] = ()
        self._fast: dict[Any, Launcher | ByGeometry] = {}
        self._launches: dict[Any, Launch] = {}  # by what was written: of `kernel[grid, block]`, of `over(n, block)`
        self._overs: dict[Any, Launch] = {}  # of `over(n)`
        self._key: Callable[[Sequence[object]], object] | None = None
        self._captured: list[tuple[Any, str, Any]] = []
        self._made_for: tuple[Any, Any] = (None, None)  # KDSL_TARGET and KDSL_DEVICE when `_fast` was filled

    def __repr__(self) -> str:
        return f"<kdsl kernel {self.name}>"

    # --- what a child gives ---

    @property
    @abstractmethod
    def specs(self) -> Any:
        """What is known of each parameter before any argument is seen (`frontend.ParamSpec`)."""

    @abstractmethod
    def _specialisation(self, args: Sequence[Any]) -> Specialisation:
        """The code, or where it comes from, for the types of these arguments."""

    @abstractmethod
    def _interpret(self, args: tuple[Any, ...], launch: Launch) -> None:
        """Run a launch in the reference interpreter."""

    # --- how to launch ---

    def __getitem__(self, where: Any) -> Launch:
        """`kernel[grid, block]`: grid and block are an int or a tuple of up to three, axis 0 first."""
        try:
            return self._launches[where]
        except (KeyError, TypeError):
            return _keep(self._launches, where, Launch(self, self._geometry(where)))

    def over(self, threads: Any = (), block: Any = None, *rest: Any) -> Launch:
        """Exactly `threads` threads (an int or a tuple of up to three); the compiler guards the tail."""
        if rest:
            refuse("K658", None, f"{self.name}.over takes the number of threads, and the threads of a block",
                   help=f"a kernel's arguments stand in brackets of their own: {self.name}.over(n)(x, y)")  # fmt: skip
        try:
            if block is None:
                return self._overs[threads]
            return self._launches["over", threads, block]
        except (KeyError, TypeError):
            launch = Launch(self, self._geometry_over(threads, block))
            known, where = (self._overs, threads) if block is None else (self._launches, ("over", threads, block))
            return _keep(known, where, launch)

    def _geometry(self, where: Any) -> Geometry:
        from .runtime.geometry import geometry

        if not isinstance(where, tuple) or len(where) != 2:
            if self.block is None:
                what = "..." if callable(where) else repr(where)
                refuse("K658", None, f"{self.name}[{what}]: a launch needs a grid and a block",
                       help=f"write {self.name}[grid, block](...), or {self.name}.over(n)(...) for n threads"
                       + ("; a grid that depends on the arguments is said at the kernel: @kdsl.kernel(grid=..., block=...)"
                          if callable(where) else ""))  # fmt: skip
            return geometry(self.name, where[0] if isinstance(where, tuple) and len(where) == 1 else where, self.block)
        if isinstance(self.block, tuple) and len(self.block) > 1 and isinstance(where[0], int) and isinstance(where[1], int):
            a, b = where
            refuse("K658", None, f"{self.name}[{a}, {b}]: is that {a} blocks of {b} threads, or {a} by {b} blocks of the "
                   f"{self.block} that the kernel names?",
                   help=f"write {self.name}[({a}, {b}),] for those, {self.name}[{a}, ({b}, 1)] for the first")  # fmt: skip
        return geometry(self.name, where[0], where[1])

    def _geometry_over(self, threads: Any, block: Any) -> Geometry:
        from .runtime.geometry import geometry_over

        if block is None:
            block = self.block
        if block is None:
            axes = len(threads) if isinstance(threads, (tuple, list)) else 1
            block = {1: 256, 2: (32, 8)}.get(axes, (32, 4, 2))
        return geometry_over(self.name, threads, block)

    def __call__(self, *args: Any, **named: Any) -> None:
        """Launch over the grid that `grid=` gives for these arguments."""
        if self.grid is None:
            refuse("K659", None, f"{self.name}(...) was called without a grid",
                   help=f"write {self.name}[grid, block](...) or {self.name}.over(n)(...), or give "
                        "@kdsl.kernel(grid=lambda ...: ...)")  # fmt: skip
        values = self._bind(args, named)
        given = {s.name: v for s, v in zip(self.specs, values, strict=True)}
        try:
            inspect.signature(self.grid).bind(**given)
        except TypeError as error:
            refuse("K660", None, f"{self.name}: grid= does not take these parameters: {error}",
                   help=f"write grid=lambda {', '.join(given)}: ..., or end it with **_ for those it has no use for")  # fmt: skip
        where = self.grid(**given)
        is_pair = isinstance(where, tuple) and len(where) == 2 and isinstance(where[1], tuple)
        self[where if is_pair else (where, self.block or 256)](*values)

    # --- from arguments to code ---

    def _seen(self, args: tuple[Any, ...], stream: Stream | None) -> Launcher | ByGeometry | None:
        """The launcher of a call with these types, where nothing else has to be asked."""
        if self._key is None or self._const_at:
            return None
        if not (_is_quick and _INTERPRET not in _environment and _DEBUG not in _environment) and (
            _asked_for(_INTERPRET) or _asked_for(_DEBUG)
        ):
            return None
        if self._captured and self._stale(self._captured):
            self._forget()
            return None
        if _is_quick and (_environment.get(_TARGET), _environment.get(_DEVICE)) != self._made_for:
            self._forget()
            return None
        key = self._key(args)
        return self._fast.get(key if stream is None else (key, stream.device.name))

    def _forget(self) -> None:
        """Something that `_fast` does not ask about has changed."""
        self._fast.clear()
        self._captured.clear()

    def _guards(self, args: tuple[Any, ...]) -> list[Guard] | None:
        """What a launch with these arguments depends on beside them: the environment, and constants from outside."""
        if not _is_quick:
            return None
        from .runtime.quick import guards_of

        asked = [(_environment, name, _environment.get(name)) for name in (_DEBUG, _INTERPRET, _TARGET, _DEVICE)]
        captured = self._specialisation(args).captured
        return None if self._stale(captured) else guards_of([*asked, *captured])

    def _stale(self, captured: list[tuple[Any, str, Any]]) -> bool:
        """Whether a constant that code was made with (a global, a closure's variable) is another one now."""
        from .frontend.outside import captures_changed

        return captures_changed(captured)

    def _bind(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        from .runtime.checked import bind_arguments

        specs = self.specs
        defaults = {s.name: s.default for s in specs if s.has_default}
        return bind_arguments(self.name, [s.name for s in specs], args, named, defaults)

    def _runtime(self, args: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments that are not compile-time constants."""
        if not self._const_at:
            return tuple(args)
        return tuple(a for i, a in enumerate(args) if i not in self._const_at)

    def _launch(self, args: tuple[Any, ...], named: dict[str, Any], launch: Launch, stream: Stream | None) -> None:
        args = self._bind(args, named)
        if launch.interpreted or _asked_for(_INTERPRET):
            self._interpret(args, launch)
            return
        self._launcher(args, launch.geometry, stream)(self._runtime(args), launch.geometry, stream)

    def _debug(self) -> bool:
        return self.debug or _asked_for(_DEBUG)

    def _launcher(self, args: Sequence[Any], geometry: Geometry, stream: Stream | None = None) -> Launcher:
        """The launcher for these arguments, made if this is the first call with their types."""
        from .compiler import uncollected
        from .runtime.geometry import ANY_DEVICE, check_geometry
        from .runtime.registry import device_of
        from .runtime.signature import signature_key

        runtime = self._runtime(args)
        types = signature_key(runtime)
        device = device_of(runtime, stream)
        check_geometry(self.name, geometry, device.limits)
        with uncollected():  # from the front end to the code: what it leaves behind is collected once
            spec = self._specialisation(args)
            target = self._target(device)
            walk = spec.walk(geometry, device, target)
            found = spec.launchers.get((types, walk))
            if found is None:
                found = spec.launchers[types, walk] = self._make_launcher(spec, runtime, device, target, walk)
        if not self._const_at and not _asked_for(_DEBUG):
            self._key = signature_key
            if _is_quick:
                self._made_for = (_environment.get(_TARGET), _environment.get(_DEVICE))
            depends = device.limits != ANY_DEVICE or not spec.is_flat or spec.axes > 1 or spec.short
            where = types if stream is None else (types, stream.device.name)
            self._fast.setdefault(where, ByGeometry(self._launcher) if depends else found)
            self._captured += [c for c in spec.captured if c not in self._captured]
        return found

    def _make_launcher(self, spec: Specialisation, runtime: tuple[Any, ...], device: Device, target: Target,
                       walk: Walk) -> Launcher:  # fmt: skip
        """A launcher of code for `walk`, compiled if it is not there yet."""
        from .compiler import compile_function

        executable = spec.executables.get(walk)
        if executable is None:
            on_cpu = {"linear": walk.linear, "beside": walk.beside, "folded": walk.folded, "near": walk.near}
            how: dict[str, Any] = {"cut": walk.cut} if device.compiles_shapes else on_cpu
            artifact = compile_function(spec.code, target, block=walk.block, **how)
            executable = spec.executables[walk] = device.load(artifact)
        provide_pool()
        return launcher_of(self.name, executable, executable.artifact.entry, runtime)

    def _target(self, device: Device) -> Target:
        """What code for a device is made for: what KDSL_TARGET says where that is of the device's kind."""
        from .target import parse_target

        wanted = parse_target(os.environ.get("KDSL_TARGET") or None)
        return device.target if device.compiles_shapes and wanted.backend != device.target.backend else wanted


class Kernel(Launchable):
    """A decorated function. `kernel[grid, block](...)`, `kernel.over(n)(...)`, `.interpret`, `.compile`, `.explain`."""

    __kdsl_kernel__ = True  # how the front end, which cannot import this class, knows one that is called in a kernel

    def __init__(self, function: Callable[..., Any], *, math: str = "default", debug: bool = False,
                 grid: Callable[..., Any] | None = None, block: Any = None, name: str | None = None,
                 export: Sequence[dict[str, Any]] | None = None) -> None:  # fmt: skip
        from .frontend.parameters import capture

        if not isinstance(function, FunctionType):
            if getattr(function, "__kdsl_kernel__", False) or getattr(function, "__kdsl_func__", False):
                refuse("K129", None, f"{function!r} is one already",
                       help="decorate it once; what kernels share is a @kdsl.func")  # fmt: skip
            refuse("K129", None, f"{with_article(type(function).__name__)} cannot be a kernel",
                   help="decorate a function written with def: @kdsl.kernel above it")  # fmt: skip
        capture(function)
        super().__init__(name or getattr(function, "__name__", "kernel"), grid, block)
        self.function = function
        self.math = math
        self.debug = debug
        self.export = export
        functools.update_wrapper(self, function)
        self._specs: Any = None
        self._defaults: tuple[Any, Any] = (None, None)  # when `_specs` was made
        self._specialisations: dict[Any, Specialisation] = {}

    def __reduce__(self) -> str:
        """Pickled and copied as functions are: by name."""
        return str(self.function.__qualname__)

    @property
    def interpret(self) -> Interpreted:
        """The reference interpreter, with its checks: races, bounds, uninitialised reads, divergent barriers."""
        return Interpreted(self, {})

    def _interpret(self, args: tuple[Any, ...], launch: Launch) -> None:
        from .interpreting import interpret_launch

        interpret_launch(self, args, launch)

    # --- from arguments to code ---

    @property
    def specs(self) -> Any:
        """What the annotations say of each parameter, and its default, which Python lets anybody change."""
        f = self.function
        defaults = (f.__defaults__, f.__kwdefaults__ and dict(f.__kwdefaults__))
        if self._specs is None or defaults[0] is not self._defaults[0] or defaults[1] != self._defaults[1]:
            from .frontend.parameters import parameter_specs, plain_specs

            self._specs = tuple(plain_specs(f) or parameter_specs(f))
            self._defaults = defaults
            self._const_at = tuple(i for i, s in enumerate(self._specs) if s.kind == "const")
        return self._specs

    def _specialisation(self, args: Sequence[Any]) -> Specialisation:
        from .specialise import signature_of

        signature, consts = signature_of(self, args)
        key = (tuple(signature.items()), consts.key, self._debug())
        found = self._specialisations.get(key)
        if found is None or self._stale(found.captured):
            found = self._specialisations[key] = self._specialise(signature, consts.values)
            found.consts = consts.values
        return found

    def _specialise(self, signature: dict[str, Any], consts: dict[str, Any]) -> Specialisation:
        """What an earlier process found out, or what the front end does, which is then written down."""
        from .compiler import Known
        from .recall import ask, recall

        debug = self._debug()
        question = ask(self, signature, consts, debug)
        facts = recall(question) if question is not None else None
        if facts is not None:
            make = functools.partial(self.ir, signature, consts, debug=debug)
            return Specialisation(Known(facts.digest, None, make), facts)
        return self._lowered(signature, consts, debug, question)

    def _lowered(self, signature: dict[str, Any], consts: dict[str, Any], debug: bool, question: Question | None) -> Specialisation:
        from .recall import remember

        captured: list[Read] = []
        bindings: list[Read] = []
        made = Specialisation.of(self.ir(signature, consts, debug=debug, captured=captured, bindings=bindings), captured)
        if question is not None:
            remember(question, made.facts, bindings)
        return made

    def ir(self, signature: dict[str, Any], consts: dict[str, Any] | None = None, *, debug: bool | None = None,
           captured: list[Read] | None = None, bindings: list[Read] | None = None) -> Function:  # fmt: skip
        """The kernel's IR for parameters of the given IR types (`kdsl.ir.types`) and `const` values."""
        from .compiler import uncollected
        from .frontend.entry import build
        from .ir.analysis.convergence import check_convergence

        with uncollected():
            f = build(self.function, signature, consts=consts or {}, math=self.math,
                      debug=self._debug() if debug is None else debug, name=self.name, captured=captured,
                      bindings=bindings)  # fmt: skip
            check_convergence(f)
        return f

    # --- looking inside ---

    def compile(self, signature: dict[str, Any] | Sequence[Any] | None = None, target: str | Target | None = None,
                *, block: Any = None, cut: bool = False, **consts: Any) -> Artifact:  # fmt: skip
        """Code for a target, without a launch.

        signature: the type of each parameter that the annotations leave open, by name or in order: a kdsl type,
        `Array[f32, 1]`, or a sample argument. block: the threads of a block, of which GPU code is made for one shape: that
        of the kernel, or 256, where it is not given. cut (GPU): the code may be launched with `over(n)` for any n, not only
        with whole blocks. CPU code is for launches of at most 2**28 threads along each axis, where the kernel numbers them in 32
        bits. Other keyword arguments are the `const` values (one called `block` or `cut` too).
        """
        from .compiler import compile_function
        from .ir.passes.near_ids import near_ids
        from .ir.passes.opt_counted import opt_counted
        from .ir.passes.vectorize import is_flat
        from .runtime.api import Limits
        from .runtime.geometry import geometry
        from .specialise import declared_signature
        from .target import parse_target

        names = {s.name for s in self.specs}
        if "block" in names:
            consts, block = {**consts, **({} if block is None else {"block": block})}, None
        if "cut" in names:
            consts, cut = {**consts, "cut": cut}, False
        types, values = declared_signature(self, signature, consts)
        found = parse_target(target)
        shape = self.block if block is None and found.is_gpu else block
        f = self.ir(types, values)
        near = not found.is_gpu and near_ids(f) is not f
        if shape is None or (not found.is_gpu and is_flat(opt_counted(near_ids(f)))):
            return compile_function(f, found, cut=cut and found.is_gpu, near=near)
        whole = geometry(self.name, 1, shape, Limits(found.block_threads, found.block_limit))[3:6]
        return compile_function(f, found, block=whole, cut=cut and found.is_gpu, near=near)

    def explain(self, target: str | Target | None = None, signature: Any = None, **consts: Any) -> str:
        """What the kernel became for a target, and why: source, IR, each access's kind, code, as text."""
        from .explain import explain_kernel

        return explain_kernel(self, target, signature, consts)
