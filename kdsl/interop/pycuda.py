"""A kernel of kdsl's that is called as a function of pycuda's.

One idea: pycuda's functions are called with `block=` and `grid=`, on arrays of pycuda's and in the context that is current; all
else is a launch like any other. pycuda itself is not needed for that.

    f = function(saxpy)
    f(2.0, x_gpu, y_gpu, block=(256, 1, 1), grid=(n // 256, 1), stream=s)
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..diagnostics import refuse

if TYPE_CHECKING:
    from ..kernel import Kernel

__all__ = ["Function", "function"]


class Function:
    """See `pycuda.driver.Function`. Arrays must say their shape: GPUArrays do, bare allocations do not."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.__name__ = kernel.name
        self.__doc__ = kernel.__doc__

    def __repr__(self) -> str:
        return f"<pycuda function of kdsl kernel {self.kernel.name}>"

    def __call__(self, *args: Any, block: int | Sequence[int] | None = None, grid: int | Sequence[int] = (1, 1), stream: Any = None,
                 shared: int = 0, time_kernel: bool = False) -> float | None:  # fmt: skip
        """Launch. block: the kernel's own, or K658, where it is not given. shared: the kernel knows itself what it needs, so this
        is not looked at. Gives seconds with time_kernel."""
        del shared
        start = time.perf_counter()
        size = self.kernel.block if block is None else _axes(block)
        if size is None:
            refuse("K658", None, f"{self.kernel.name}: a launch needs a block", help="say which: block=(256, 1, 1)")
        self.kernel[_axes(grid), size](*args, stream=stream)
        if not time_kernel:
            return None
        _wait_for(args)
        return time.perf_counter() - start

    def prepare(self, arg_types: Any, shared: Any = None, texrefs: Sequence[Any] = ()) -> Function:
        """Nothing is left to prepare: types are seen at the launch."""
        del arg_types, shared, texrefs
        return self

    def prepared_call(self, grid: Sequence[int], block: Sequence[int], *args: Any, shared_size: int = 0) -> None:
        del shared_size
        self(*args, block=block, grid=grid)

    def prepared_async_call(self, grid: Sequence[int], block: Sequence[int], stream: Any, *args: Any, shared_size: int = 0) -> None:
        del shared_size
        self(*args, block=block, grid=grid, stream=stream)

    def prepared_timed_call(self, grid: Sequence[int], block: Sequence[int], *args: Any, shared_size: int = 0) -> Any:
        """A function that gives the seconds it took."""
        del shared_size
        took = self(*args, block=block, grid=grid, time_kernel=True)
        return lambda: took


def _axes(size: Any) -> Any:
    """A tuple of what is a sequence; the launch says what is wrong with anything else."""
    return tuple(size) if isinstance(size, Sequence) and not isinstance(size, str) else size


def _wait_for(args: Sequence[Any]) -> None:
    from ..runtime.foreign import adopt

    for value in args:
        found = adopt(value)
        if found is not None:
            found[0].device.synchronize()


def function(kernel: Kernel) -> Function:
    """The kernel, to be called as pycuda's functions are."""
    return Function(kernel)
