"""The table that drives the native call path: its slots, written by the runtime and read by compiled code.

One idea: a launch that was made once is described by numbers (what must still be so, what each argument must be, what
to run), so one compiled function makes every launch again (`kdsl.codegen.cpu.call`). All slots are int64.

The memory is [class, name, "stream"] (the class's attribute of that name is the Python way, the last is the keyword argument that
compiled code knows), then tables one after the other: the slots of `CallSlot`, guards (`GuardSlot`), and a row per argument
(`CallRow`).
"""

from __future__ import annotations

from .records import record

__all__ = ["MAX_ARGUMENT_SLOTS", "MAX_SCRATCH", "CallRow", "CallSlot", "CudaSlot", "GuardKind", "GuardSlot", "ObjectLayout",
           "RowKind"]  # fmt: skip

MAX_ARGUMENT_SLOTS = 128  # 8-byte argument slots of a call, which lie on the stack
MAX_SCRATCH = 32_768  # bytes of scratch memory, which lies there too


class CallSlot:
    """One table."""

    HEADER = 3  # slots in front of the first table
    BYTES = 0  # from this table to the next; 0 in the last
    COUNT = 1  # arguments
    GUARDS = 2  # guards
    EPOCH_AT, EPOCH = 3, 4  # where the number is that changes with the thread pool, and what it was
    CODE = 5  # address of the entry
    ITEMS, GRAIN = 6, 7  # work items, and how many a thread of the pool claims at once
    BRIEF = 8  # not 0: run it at once, holding Python's lock
    POOL = 9  # address of `kdsl_pool_run`, or 0 to run on the calling thread
    PACKED = 10  # address of argument slots that are ready, or 0
    SCRATCH = 11  # bytes of scratch memory that the call takes from its stack, where the record has none
    RUNS = 12  # counts the launches made from this table
    TRIES = 13  # not 0: the code gives 0, or anything else where Python has to make the launch
    STREAM = 14  # the object that is given as stream=, or 0
    # Address of a word that is not 0 while the scratch memory in the record is in use, or 0. With POOL, whoever has the pool has
    # that memory: the calling thread alone has none.
    LOCK = 15
    RECORD = 16  # the launch record, `LaunchSlot.COUNT` slots
    LIMITED, MOST = 32, 33  # an argument slot, and the largest number there that this table is for
    COUNT_SLOTS = 34


class CudaSlot:
    """The launch record of a CUDA kernel, in the place of `LaunchSlot`'s, for the code "kdsl_launch_cuda"."""

    LAUNCH = 0  # address of cuLaunchKernel
    FUNCTION = 1
    GRID = 2  # 3 slots
    BLOCK = 5  # 3 slots
    SHARED = 8  # bytes of dynamic shared memory
    STREAM = 9
    ARGUMENTS = 10  # slots of what the user gives
    HIDDEN = 11  # 3 where THREADS goes behind them, else 0
    THREADS = 12  # 3 slots
    COUNTER = 15  # address of a number that is 1 larger after each launch
    COUNT = 16


class GuardSlot:
    """Something outside the arguments that the launch depends on."""

    KIND, SPACE, KEY, VALUE = 0, 1, 2, 3
    COUNT = 4


class GuardKind:
    """ITEM: the dict SPACE holds the object VALUE (or none, if 0) under KEY. CELL: the cell SPACE holds VALUE.
    WORD: the word at SPACE is VALUE. REACHES: it is not less than the word at KEY. SAME: where the word at SPACE is VALUE, the
    next KEY bytes of guards still hold; where it is not, they are asked. SEEN, behind those: they hold, and the guard KEY bytes
    before this one takes the word at SPACE as its VALUE."""

    ITEM, CELL, WORD, SAME, SEEN, REACHES = range(6)


class CallRow:
    """One argument. What A and B mean depends on the kind, and only an array has the slots from FLAGS on."""

    KIND = 0
    TYPE = 1  # its very type
    A = 2  # array: its dtype; device array: its key; int: the smallest; const: the object
    B = 3  # array: its axes, with one for components; device array: its axes; int: the largest
    FLAGS = 4  # NumPy's flags that it must have
    RANK = 5  # axes without that of the components
    COMPONENTS = 6  # of a vector, or 0
    UNIT = 7  # the last axis along which elements lie side by side, or -1
    ITEM = 8  # bytes of an element
    COUNT = 9


class RowKind:
    """IS: this very object. EQUAL: an equal one of this type."""

    ARRAY, DEVICE, F32, F64, INT, U64, BOOL, IS, EQUAL = range(9)


class ObjectLayout(metaclass=record):
    """Offsets in bytes of what the compiled code reads from objects; measured, see `kdsl.runtime.cpu.quick`."""

    type: int
    size: int  # of a tuple
    tuple_items: int
    bytes_data: int
    state: int  # the tuple in a launch whose first item is the array that holds the tables
    array_data: int
    array_nd: int
    array_dims: int
    array_strides: int
    array_dtype: int
    array_flags: int
    device_key: int
    device_buffer: int
    device_offset: int
    device_extents: int
    buffer_address: int
    dict_size: int
    dict_version: int  # of a number that is another one after each change of a dict; 0 where there is none
