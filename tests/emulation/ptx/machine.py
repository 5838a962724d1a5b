"""Threads, warps and blocks: which stretch of instructions runs next, for whom, and where threads wait for one another.

One idea: every thread has its own place in the program. The threads that stand lowest run on together; a barrier holds threads
until all of their block are there, an exchange until all its members are. `order` says who goes first where a program may
not depend on it: "together", "backwards" (of two stores to one place the lower thread's wins), or "alone" (warp by warp).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import arithmetic as ar
from .memory import LOCAL_BASE, SHARED_BASE, Fault, Memory, Space
from .syntax import Immediate, Kernel, Register, Variable, parse
from .translate import Block, Program, translate

__all__ = ["Fault", "Module"]

Triple = tuple[int, int, int]
_MOST = 1 << 14  # threads that run side by side
_DONE = 1 << 30
_UFUNCS = {
    "add": np.add, "min": np.minimum, "max": np.maximum, "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
}  # fmt: skip


class Module:
    """A PTX text, ready to launch its kernels on a `Memory`."""

    def __init__(self, text: str, memory: Memory | None = None) -> None:
        self.text = parse(text)
        self.memory = memory if memory is not None else Memory()
        self.globals: dict[str, int] = {}
        for v in self.text.variables:
            if v.space in ("global", "const"):
                self.globals[v.name] = self.memory.put(v.data.ljust(v.size, b"\0"), max(v.align, 16))
        self.programs: dict[str, Program] = {}

    def program(self, name: str) -> Program:
        if name not in self.programs:
            made = translate(self.text.kernels[name])
            made.code = compile(made.source, f"<{name}>", "exec")
            self.programs[name] = made
        return self.programs[name]

    def launch(self, name: str, grid: Triple, block: Triple, arguments: bytes, *, shared_bytes: int = 0,
               order: str = "together", most_steps: int = 1_000_000) -> None:  # fmt: skip
        """Run a kernel to its end. shared_bytes: what the launch adds for `.extern .shared`."""
        program = self.program(name)
        required = program.kernel.required_block
        if required is not None and required != tuple(block):
            raise Fault(f"{name} is made for blocks of {required}, not {tuple(block)}")
        count = grid[0] * grid[1] * grid[2]
        per_block = -(-block[0] * block[1] * block[2] // 32) * 32
        most = max(1, _MOST // per_block)
        blocks = np.arange(count)
        if order == "backwards":
            blocks = blocks[::-1]
        with np.errstate(all="ignore"):
            for start in range(0, count, most):
                _Run(self, program, grid, block, blocks[start : start + most], arguments, shared_bytes, order, most_steps).go()


def _layout(variables: list[Variable], base: int) -> tuple[dict[str, int], int]:
    places, at = {}, base
    for v in variables:
        at = -(-at // max(v.align, 1)) * max(v.align, 1)
        places[v.name] = at
        at += v.size
    return places, at - base


class _Run:
    """Some blocks of a launch."""

    def __init__(self, module: Module, program: Program, grid: Triple, block: Triple, blocks: np.ndarray, arguments: bytes,
                 dynamic_bytes: int, order: str, most_steps: int) -> None:  # fmt: skip
        self.program, self.order, self.most_steps = program, order, most_steps
        threads = block[0] * block[1] * block[2]
        self.per_block = -(-threads // 32) * 32
        self.count = len(blocks) * self.per_block
        lane = np.arange(self.count)
        self.block_of = lane // self.per_block
        number = lane % self.per_block
        exists = number < threads
        self.pc = np.where(exists, 0, _DONE)
        self.waits = np.zeros(self.count, bool)
        self.every = np.arange(self.count)
        self.arguments = arguments
        kernel = program.kernel
        shared = [v for v in kernel.variables if v.space == "shared"]
        extern = [v for v in module.text.variables if v.space == "shared"]
        places, static_bytes = _layout(shared, SHARED_BASE)
        dynamic = -(-(SHARED_BASE + static_bytes) // 16) * 16
        places.update({v.name: dynamic for v in extern})
        own, local_bytes = _layout([v for v in kernel.variables if v.space == "local"], LOCAL_BASE)
        self.addresses = {**module.globals, **places, **own}
        self.spaces = {
            "global": Space.of_memory(module.memory),
            "shared": Space.per("shared", self.block_of, len(blocks), dynamic - SHARED_BASE + dynamic_bytes, SHARED_BASE),
            "local": Space.per("local", lane, self.count, local_bytes, LOCAL_BASE),
        }
        self.spaces["const"] = self.spaces["global"]
        self.namespace = self._names(kernel, grid, block, blocks, number)
        exec(program.code, self.namespace)
        self.functions = [self.namespace[f"block{b.number}"] for b in program.blocks]

    def _names(self, kernel: Kernel, grid: Triple, block: Triple, blocks: np.ndarray, number: np.ndarray) -> dict[str, Any]:
        names: dict[str, Any] = {"np": np, "ar": ar, "address_of": self.addresses.__getitem__, **self.program.constants}
        for name, kind in sorted(self.program.registers.items(), key=lambda x: len(x[0])):
            if kind == "pred":
                names[name] = np.ones(self.count, bool)
            elif name.endswith(f"_{kind}") and name.removesuffix(f"_{kind}") in names:
                names[name] = names[name.removesuffix(f"_{kind}")].view(ar.as_type(kind))
            else:
                names[name] = np.full(self.count, np.array(0xA5A5A5A5A5A5A5A5, np.uint64).astype(ar.as_type(kind)))
        which = blocks[self.block_of].astype(np.int64)
        parts = {
            "tid": (number % block[0], number // block[0] % block[1], number // (block[0] * block[1])),
            "ctaid": (which % grid[0], which // grid[0] % grid[1], which // (grid[0] * grid[1])),
            "ntid": block, "nctaid": grid,
        }  # fmt: skip
        for register, axes in parts.items():
            for axis, value in zip("xyz", axes, strict=True):
                names[f"S_{register}_{axis}"] = np.asarray(value).astype(np.uint32)
        names["S_laneid"] = (number % 32).astype(np.uint32)
        names["S_warpid"] = (number // 32).astype(np.uint32)
        for method in ("lanes_of", "load", "store", "atomic", "parameter", "shuffle", "vote", "reduce_", "active"):
            names[method] = getattr(self, method)
        return names

    # Who runs

    def go(self) -> None:
        for _ in range(self.most_steps):
            if not self.step():
                return
        raise Fault(f"{self.program.kernel.name} does not end")

    def step(self) -> bool:
        """Run one stretch for the threads that stand at it; False once all have ended."""
        ready = self.pc < _DONE
        if not ready.any():
            return False
        ready &= ~self.waits
        if not ready.any():
            self.release()
            return True
        if self.order == "alone":
            first = int(np.flatnonzero(ready)[0]) // 32 if ready.any() else 0
            warp = np.zeros(self.count, bool)
            warp[first * 32 : first * 32 + 32] = True
            if self.try_some(ready & warp):
                return True
        if self.try_some(ready):
            return True
        raise Fault(f"{self.program.kernel.name}: threads wait at an exchange for members that never come")

    def try_some(self, ready: np.ndarray) -> bool:
        """Run the lowest stretch that any of some threads may run now."""
        places = np.unique(self.pc[ready])
        for place in places:
            here = ready & (self.pc == place)
            block = self.program.blocks[place]
            if block.kind == "exchange":
                here = self.assembled(block, here)
                if not here.any():
                    continue
            self.run(block, here)
            return True
        return False

    def run(self, block: Block, here: np.ndarray) -> None:
        m: Any = True if here.all() else here
        if block.code:
            self.functions[block.number](m)
        if block.kind == "branch" and block.guard is not None:
            p = self.predicate(block.guard)
            self.pc[here] = np.where(p[here], block.target, block.after)
        elif block.kind == "branch":
            self.pc[here] = block.target
        elif block.kind == "exit" and block.guard is not None:
            self.pc[here] = np.where(self.predicate(block.guard)[here], _DONE, block.after)
        elif block.kind == "exit":
            self.pc[here] = _DONE
        else:
            self.pc[here] = block.after
            if block.kind == "barrier":
                self.waits |= here

    def predicate(self, r: Register) -> np.ndarray:
        import re

        found = self.namespace["R_" + re.sub(r"\W", "_", r.name)]
        return ~found if r.negated else found

    def release(self) -> None:
        """All threads that have not ended wait: at the same barrier, block by block."""
        alive = self.pc < _DONE
        for b in np.unique(self.block_of[alive]):
            mine = alive & (self.block_of == b)
            places = np.unique(self.pc[mine])
            if len(places) > 1:
                raise Fault(f"threads of one block wait at different barriers, before lines {self._lines(places)}")
        self.waits[:] = False

    def _lines(self, places: np.ndarray) -> list[int]:
        return [b.code[0].line for b in self.program.blocks if b.number in places and b.code]

    def assembled(self, block: Block, here: np.ndarray) -> np.ndarray:
        """Those whose exchange has all its members."""
        members = self.members(block)
        present = self.bits(here)
        own = np.uint32(1) << (self.every % 32).astype(np.uint32)
        outside = here & ((members & own) == 0)
        if outside.any():
            raise Fault(f"lane {int(np.flatnonzero(outside)[0])} is no member of its own exchange in {block.code[0].text}")
        gone = self.bits(self.pc >= _DONE)
        if (here & ((members & gone) != 0)).any():
            raise Fault(f"an exchange names threads that have ended or never were: {block.code[0].text}")
        return here & ((members & ~present) == 0)

    def members(self, block: Block) -> np.ndarray:
        x = block.members
        if isinstance(x, Immediate):
            return np.full(self.count, x.value & 0xFFFFFFFF, np.uint32)
        assert isinstance(x, Register)
        import re

        return self.namespace["R_" + re.sub(r"\W", "_", x.name)]

    def bits(self, mask: np.ndarray) -> np.ndarray:
        """For each lane, the lanes of its warp where `mask` holds, as bits."""
        table = mask.reshape(-1, 32) @ (np.int64(1) << np.arange(32, dtype=np.int64))
        return np.repeat(table.astype(np.uint32), 32)

    # What the translated instructions call

    def lanes_of(self, m: Any) -> np.ndarray:
        return self.every if m is True else np.flatnonzero(m)

    def parameter(self, start: int, kind: str) -> Any:
        dtype = ar.as_type(kind)
        if start + dtype.itemsize > len(self.arguments):
            raise Fault(f"parameter bytes {start} to {start + dtype.itemsize} of {len(self.arguments)}")
        return np.frombuffer(self.arguments, dtype, 1, start)[0]

    def _at(self, addresses: Any, lanes: np.ndarray) -> np.ndarray:
        return np.full(len(lanes), addresses) if np.ndim(addresses) == 0 else addresses[lanes]

    def load(self, space: str, addresses: Any, lanes: np.ndarray, kind: str, count: int, what: str) -> list[np.ndarray]:
        dtype, at = ar.as_type(kind), self._at(addresses, lanes)
        if count > 1 and (at % (count * dtype.itemsize)).any():
            raise Fault(f"misaligned vector in {what}")
        return [self.spaces[space].load(at + k * dtype.itemsize, lanes, dtype, what) for k in range(count)]

    def store(self, space: str, addresses: Any, lanes: np.ndarray, kind: str, values: list[Any], what: str) -> None:
        dtype, at = ar.as_type(kind), self._at(addresses, lanes)
        if len(values) > 1 and (at % (len(values) * dtype.itemsize)).any():
            raise Fault(f"misaligned vector in {what}")
        turn = slice(None, None, -1) if self.order == "backwards" else slice(None)
        for k, value in enumerate(values):
            given = np.broadcast_to(np.asarray(value).astype(dtype, copy=False), self.count)[lanes]
            self.spaces[space].store((at + k * dtype.itemsize)[turn], lanes[turn], given[turn], what)

    def atomic(self, space: str, operation: str, addresses: Any, lanes: np.ndarray, kind: str, values: list[Any],
               what: str) -> np.ndarray:  # fmt: skip
        """One thread after the other where they meet in one place; gives the old values."""
        dtype = ar.as_type(kind)
        given = [np.broadcast_to(np.asarray(v).astype(dtype, copy=False), self.count)[lanes] for v in values]
        at = self.spaces[space].places(self._at(addresses, lanes), lanes, dtype.itemsize, what, reads=True)
        view = self.spaces[space].view(dtype)
        old = np.empty(len(lanes), dtype)
        left = np.arange(len(lanes))
        if self.order == "backwards":
            left = left[::-1]
        while len(left):
            _, first = np.unique(at[left], return_index=True)
            now = left[np.sort(first)]
            place = at[now] // dtype.itemsize
            before = view[place]
            old[now] = before
            view[place] = _updated(operation, before, [v[now] for v in given], space)
            left = left[~np.isin(left, now)]
        return old

    def _table(self, m: Any, x: Any) -> np.ndarray:
        return np.broadcast_to(np.asarray(x), self.count).reshape(-1, 32)

    def shuffle(self, mode: str, m: Any, a: np.ndarray, b: Any, c: Any, members: Any, what: str) -> tuple[np.ndarray, np.ndarray]:
        """PTX ISA, `shfl.sync`: the pseudo code of the manual, for all lanes at once."""
        lane = self.every % 32
        b = np.broadcast_to(np.asarray(b), self.count).astype(np.int64) & 0x1F
        c = np.broadcast_to(np.asarray(c), self.count).astype(np.int64)
        clamp, segment = c & 0x1F, (c >> 8) & 0x1F
        top, bottom = (lane & segment) | (clamp & ~segment), lane & segment
        if mode == "up":
            source = lane - b
            inside = source >= top
        elif mode == "down":
            source = lane + b
            inside = source <= top
        elif mode == "bfly":
            source = lane ^ b
            inside = source <= top
        else:
            source = bottom | (b & ~segment)
            inside = source <= top
        source = np.where(inside, source, lane)
        values = np.broadcast_to(a, self.count)
        got = values[self.every - lane + source]
        asked = (np.broadcast_to(np.asarray(members), self.count).astype(np.int64) >> source) & 1
        # What a thread that is no member would have given is not defined: something that nobody takes for a result.
        return np.where(asked == 1, got, np.uint32(0xDEADBEEF)), inside

    def vote(self, mode: str, m: Any, p: Any, members: Any) -> np.ndarray:
        here = np.ones(self.count, bool) if m is True else m
        yes = self.bits(np.broadcast_to(np.asarray(p), self.count) & here)
        asked = np.broadcast_to(np.asarray(members), self.count).astype(np.uint32)
        if mode == "ballot":
            return yes & asked
        if mode == "any":
            return (yes & asked) != 0
        if mode == "all":
            return (yes & asked) == asked
        return ((yes & asked) == 0) | ((yes & asked) == asked)

    def reduce_(self, operation: str, m: Any, x: Any, members: Any) -> np.ndarray:
        table = self._table(m, x)
        asked = np.broadcast_to(np.asarray(members), self.count).astype(np.int64).reshape(-1, 32)
        here = np.broadcast_to(np.asarray(True if m is True else m), self.count).reshape(-1, 32)  # others' registers hold anything
        inside = ((asked >> np.arange(32)) & 1).astype(bool) & here
        info = np.iinfo(table.dtype)
        start = {"min": info.max, "max": info.min, "and": -1}.get(operation, 0)
        neutral = np.array(start).astype(table.dtype)
        out = _UFUNCS[operation].reduce(np.where(inside, table, neutral), axis=1, dtype=table.dtype)
        return np.repeat(out, 32)

    def active(self, m: Any) -> np.ndarray:
        return self.bits(np.ones(self.count, bool) if m is True else m)


def _updated(operation: str, old: np.ndarray, given: list[np.ndarray], space: str) -> np.ndarray:
    x = given[0]
    if operation == "cas":
        return np.where(old == given[0], given[1], old)
    if operation == "exch":
        return x
    if operation == "add":
        if old.dtype == np.float32 and space == "global":
            return ar.flush(ar.flush(old) + ar.flush(x))  # "atom.add.f32 on global memory flushes subnormal inputs and results"
        return old + x
    if operation == "inc":
        return np.where(old >= x, old.dtype.type(0), old + old.dtype.type(1))
    if operation == "dec":
        return np.where((old == 0) | (old > x), x, old - old.dtype.type(1))
    return _UFUNCS[operation](old, x)
