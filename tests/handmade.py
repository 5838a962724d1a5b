"""Small kernels written by hand in LLVM IR after the CPU calling convention of `kdsl.artifact`, for runtime tests.

One idea: the runtime is tested without the compiler, so a fault is in one or the other.
"""

from __future__ import annotations

from functools import cache

from kdsl.artifact import Artifact, Entry, Param, Site
from kdsl.target import CPU_TARGETS, Target, cpu_target_of_host

__all__ = ["array", "artifact", "compile_object", "entry_text", "pool_bytes", "scalar"]


@cache
def compile_object(text: str, target: Target | None = None) -> bytes:
    """LLVM IR text -> a relocatable ELF object, little optimised."""
    import llvmlite.binding as llvm

    target = target or cpu_target_of_host()
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    module = llvm.parse_assembly(text)
    module.verify()
    machine = llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=1, reloc="pic", codemodel="default"
    )
    return machine.emit_object(module)


@cache
def pool_bytes() -> bytes:
    from kdsl.codegen.cpu.pool import compile_pool

    return compile_pool(cpu_target_of_host())


def array(name: str, dtype: str = "f32", rank: int = 1, writes: bool = False, unit_axis: int | None = None) -> Param:
    from kdsl.runtime.dtypes import size_bytes

    return Param(name, "array", dtype, size_bytes(dtype), rank, unit_axis, True, writes)


def scalar(name: str, dtype: str = "f32") -> Param:
    from kdsl.runtime.dtypes import size_bytes

    return Param(name, "scalar", dtype, size_bytes(dtype))


def entry_text(name: str, body: str) -> str:
    """A whole entry: a loop over the work items around `body`, which sees %item and ends in `br label %next`."""
    return f"""
define void @{name}(ptr %args, ptr %launch, i64 %begin, i64 %end, i64 %worker) {{
entry:
  br label %head
head:
  %item = phi i64 [ %begin, %entry ], [ %item1, %next ]
  %more = icmp slt i64 %item, %end
  br i1 %more, label %body, label %exit
body:
{body}
next:
  %item1 = add i64 %item, 1
  br label %head
exit:
  ret void
}}
"""


def slot(base: str, index: int, name: str, kind: str = "i64") -> str:
    return f"  %{name}.p = getelementptr i64, ptr %{base}, i64 {index}\n  %{name} = load {kind}, ptr %{name}.p\n"


# z[i] = a * x[i] + y[i], rank 1, any strides; a flat entry.
SAXPY = entry_text(
    "saxpy",
    slot("launch", 9, "chunk") + slot("launch", 6, "threads") + slot("args", 0, "a", "float")
    + "".join(slot("args", 1 + 3 * i, n, "ptr") + slot("args", 3 + 3 * i, f"{n}s") for i, n in enumerate("xyz"))
    + """
  %start = mul i64 %item, %chunk
  %past = add i64 %start, %chunk
  %cut = icmp slt i64 %past, %threads
  %stop = select i1 %cut, i64 %past, i64 %threads
  br label %inner
inner:
  %i = phi i64 [ %start, %body ], [ %i1, %work ]
  %c = icmp slt i64 %i, %stop
  br i1 %c, label %work, label %next
work:
  %xo = mul i64 %i, %xs
  %yo = mul i64 %i, %ys
  %zo = mul i64 %i, %zs
  %xp = getelementptr i8, ptr %x, i64 %xo
  %yp = getelementptr i8, ptr %y, i64 %yo
  %zp = getelementptr i8, ptr %z, i64 %zo
  %xv = load float, ptr %xp
  %yv = load float, ptr %yp
  %m = fmul float %a, %xv
  %s = fadd float %m, %yv
  store float %s, ptr %zp
  %i1 = add i64 %i, 1
  br label %inner
""")  # fmt: skip

# count[block] += 1, and hits[worker] += 1 atomically: every block runs once, workers are in range.
COUNT = entry_text(
    "count",
    slot("args", 0, "count", "ptr") + slot("args", 3, "hits", "ptr") + """
  %cp = getelementptr i64, ptr %count, i64 %item
  %old = atomicrmw add ptr %cp, i64 1 monotonic
  %hp = getelementptr i64, ptr %hits, i64 %worker
  %old2 = atomicrmw add ptr %hp, i64 1 monotonic
  br label %next
""")  # fmt: skip

# Fills the worker's scratch with the block's number, then adds it up: out[block] = 64 * block if nobody interferes.
SCRATCH = entry_text(
    "scratch",
    slot("args", 0, "out", "ptr") + slot("launch", 10, "base", "ptr") + slot("launch", 11, "stride") + """
  %mine = mul i64 %worker, %stride
  %mem = getelementptr i8, ptr %base, i64 %mine
  br label %put
put:
  %i = phi i64 [ 0, %body ], [ %i1, %put ]
  %p = getelementptr i64, ptr %mem, i64 %i
  store volatile i64 %item, ptr %p
  %i1 = add i64 %i, 1
  %c = icmp slt i64 %i1, 64
  br i1 %c, label %put, label %sum
sum:
  %j = phi i64 [ 0, %put ], [ %j1, %sum ]
  %t = phi i64 [ 0, %put ], [ %t1, %sum ]
  %q = getelementptr i64, ptr %mem, i64 %j
  %v = load volatile i64, ptr %q
  %t1 = add i64 %t, %v
  %j1 = add i64 %j, 1
  %d = icmp slt i64 %j1, 64
  br i1 %d, label %sum, label %done
done:
  %op = getelementptr i64, ptr %out, i64 %item
  store i64 %t1, ptr %op
  br label %next
""")  # fmt: skip


def _record(site: int, payload: list[str]) -> str:
    stores = [str(site), "%item", "0", "0", "0", "0", "0", *payload]
    text = (
        slot("launch", 12, "diag", "ptr")
        + """
  %index = atomicrmw add ptr %diag, i64 1 monotonic
  %capp = getelementptr i64, ptr %diag, i64 1
  %cap = load i64, ptr %capp
  %fits = icmp slt i64 %index, %cap
  br i1 %fits, label %write, label %next
write:
  %offset = mul i64 %index, 16
  %first = add i64 %offset, 3
  %record = getelementptr i64, ptr %diag, i64 %first
"""
    )
    for k, value in enumerate(stores):
        text += f"  %w{k} = getelementptr i64, ptr %record, i64 {k}\n  store i64 {value}, ptr %w{k}\n"
    return text + "  br label %next\n"


BOUNDS = entry_text("bounds", _record(0, ["0", "%item", "7"]))
ASSERT = entry_text("bounds", _record(1, []))
DIVIDE = entry_text("bounds", _record(2, []))
PRINT = entry_text("bounds", _record(3, ["%item", "4611686018427387904"]))  # 2.0 as an f64
# The same with the buffer's address as a hidden argument, as on GPUs.
HIDDEN_BOUNDS, HIDDEN_PRINT = (
    text.replace("ptr %launch, i64 12", "ptr %args, i64 0") for text in (BOUNDS, PRINT)
)
PARTS = (("text", "i = "), ("value", "i64"), ("text", " x "), ("value", "f64"), ("text", "\n"))
SITES = (
    Site("bounds", "x", (__file__, 1, 1, 4, "bounds")),
    Site("assert", "i must be small", (__file__, 1, 1, 4, "bounds")),
    Site("div", "", (__file__, 1, 1, 4, "bounds")),
    Site("print", "", (__file__, 1, 1, 4, "bounds"), PARTS),
)

_PARAMS = {
    "saxpy": (scalar("a"), array("x"), array("y"), array("z", writes=True)),
    "count": (array("count", "i64", writes=True), array("hits", "i64", writes=True)),
    "scratch": (array("out", "i64", writes=True),),
    "bounds": (),
}


def artifact(text: str, symbol: str, cost: float = 1.0, shared_bytes: int = 0,
             sites: tuple[Site, ...] = ()) -> Artifact:  # fmt: skip
    """An artifact for this machine with one entry. `saxpy` is flat with 16 lanes, the others run blocks."""
    entry = Entry(symbol, _PARAMS[symbol], symbol == "saxpy", 16 if symbol == "saxpy" else 1, shared_bytes, cost=cost)
    return Artifact(cpu_target_of_host().name, "elf", compile_object(text), (entry,), sites)


AARCH64 = CPU_TARGETS["aarch64"]
