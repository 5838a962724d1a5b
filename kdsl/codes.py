"""Every code that a message of kdsl can carry: the single list, from which docs/ERRORS.md and `kdsl explain` are made.

One idea: a code is a row with a title, the reason behind the rule, and (for what the compiler finds) a kernel that
shows it. K1 is syntax, K2 types, K3 control flow and uniformity, K4 memory, K5 targets, K6 launches. Examples may use
`kdsl`, `Array` and the scalar types; the kernel at fault is the last function named `k`.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CODES", "Code"]


class Code(NamedTuple):
    """One code: what it is called, why the rule exists, and a kernel that breaks it ("" where only a launch can)."""

    code: str
    title: str
    reason: str
    example: str = ""


_ROWS = (
    Code("K100", "the source of a kernel cannot be found",
         "kdsl compiles the text of a function, so it must still be there: a file, a cell, the REPL or exec's string."),
    Code("K102", "a statement that kernels do not have",
         "The kernel language is a part of Python; docs/language.md lists it."),
    Code("K103", "an expression that kernels do not have",
         "The kernel language is a part of Python; docs/language.md lists it.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = 1j
"""),
    Code("K104", "a comprehension",
         "A kernel makes no lists: every thread computes numbers and writes them to arrays.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    y = [x[i] for i in range(3)]
"""),
    Code("K105", "a lambda, function or class inside a kernel",
         "What a kernel calls is defined outside it, so that it has one meaning.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    def f(a):
        return a
    x[0] = f(1.0)
"""),
    Code("K106", "with, try or raise",
         "Nothing in a kernel raises an exception; it runs on devices that have none.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    try:
        x[0] = 1.0
    except ValueError:
        pass
"""),
    Code("K107", "async or a generator",
         "A kernel runs from start to end in every thread.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    yield x[0]
"""),
    Code("K108", "global, nonlocal, del or import",
         "A kernel reads constants of its surroundings and changes nothing there.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    import math
    x[0] = math.pi
"""),
    Code("K109", "* or ** arguments",
         "What a call is given must be known when the kernel is compiled; `*` takes tuples, shapes and vectors apart.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = max(*x)
"""),
    Code("K110", "a list, dict or set",
         "Threads have numbers, vectors, structs, tuples known at compile time, and arrays in memory.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    a = [1, 2, 3]
    x[0] = a[n]
"""),
    Code("K111", "a string used as a value",
         "Strings exist only in print and assert.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    name = f"{n}"
    x[0] = 1.0
"""),
    Code("K112", "a loop over something that is not a range",
         "Loops count (`range`), or are unrolled over what is known at compile time (`static_range`, tuples).",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    for v in x:
        x[0] += v
"""),
    Code("K114", "a tile operation in a thread kernel",
         "A thread kernel works on one element per thread. Slices and element regions belong to block programs.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0:4] = 0.0
"""),
    Code("K115", "an undefined name",
         "The name is neither a variable of the kernel, nor a constant around it, nor a Python builtin.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = lenght
"""),
    Code("K116", "a kernel that returns a value",
         "Threads have nowhere to return a value to.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    return x[n]
"""),
    Code("K117", "recursion",
         "Device functions are inlined at their calls, so a chain of calls must end.",
         """
@kdsl.func
def f(a):
    return f(a - 1)

@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = f(n)
"""),
    Code("K118", "a plain Python function called in a kernel",
         "The function would have to run in Python, once per thread.",
         """
def square(a):
    return a * a

@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = square(x[n])
"""),
    Code("K119", "a call of something that kernels cannot call",
         "Kernels call kdsl's functions, `@kdsl.func` functions, types, and the scalar functions of math and numpy.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = sorted(x)
"""),
    Code("K120", "a call with the wrong arguments",
         "The function has other parameters.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = kdsl.sqrt(1.0, 2.0)
"""),
    Code("K121", "a value that must be known at compile time",
         "Shapes, axes and the bounds of unrolled loops decide what code there is.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    t = kdsl.local(n, f32)
    t[0] = 1.0
"""),
    Code("K122", "`in` of something that is no tuple, or `is` between numbers",
         "`x in (a, b)` compares with each; `is` asks about Python objects, and a kernel has numbers.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    if n in x:
        x[0] = 1.0
"""),
    Code("K123", "@",
         "Matrix products are tile operations, which thread kernels do not have.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = x @ x
"""),
    Code("K124", "match",
         "It is not part of the kernel language.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    match n:
        case 1:
            x[0] = 1.0
"""),
    Code("K125", "a mutable object from outside",
         "A kernel could not see later changes of it, so only constants are taken from outside.",
         """
table = [1.0, 2.0]

@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = table[0]
"""),
    Code("K126", "a kernel nested too deeply",
         "The compiler walks the text recursively and has reached Python's limit."),
    Code("K127", "an annotation that is no type",
         "An annotation says the type of a parameter, variable or field.",
         """
@kdsl.kernel
def k(x: "Array[f33, 1]"):
    x[0] = 1.0
"""),
    Code("K128", "a method as a kernel",
         "`self` is a Python object, which a kernel cannot hold.",
         """
class Solver:
    @kdsl.kernel
    def k(self, x: Array[f32, 1]):
        x[0] = 1.0

k = Solver.k
"""),
    Code("K129", "not a function",
         "A kernel is compiled from the text of a function; classes, partials and built-in functions have none.",
         """
k = kdsl.kernel(len)
"""),
    Code("K130", "an attribute that does not exist",
         "Arrays, vectors, structs, modules and enums have attributes in kernels.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = x.T[0]
"""),
    Code("K131", "something that cannot be assigned",
         "Variables, elements of arrays, and fields of vectors and structs can be assigned.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x.shape = 3
"""),
    Code("K132", "a tuple of another length",
         "As many names as values are needed.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    a, b = 1.0, 2.0, 3.0
    x[0] = a
"""),
    Code("K133", "a print or assert message that cannot be made",
         "print takes strings, numbers, vectors and f-strings with constant formats; an assert's message is constant.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    print(x)
"""),
    Code("K199", "text that is not IR",
         "IR given as text (`kdsl opt`, a test) must be as `kdsl opt` prints it, with ops that exist."),
    Code("K150", "an unknown math mode, or option of @kdsl.kernel",
         "math is \"default\", \"strict\" or \"fast\"; the other options are debug, grid, block, name and export.",
         """
@kdsl.kernel(math="quick")
def k(x: Array[f32, 1]):
    x[0] = 1.0
"""),
    Code("K151", "a kernel function called on the host",
         "It has a meaning only for a thread of a running kernel.",
         """
kdsl.global_id(0)
"""),
    Code("K201", "signed and unsigned integers mixed",
         "Neither type holds the numbers of both; the language does not guess.",
         """
@kdsl.kernel
def k(x: Array[i32, 1], y: Array[u32, 1]):
    x[0] = x[1] + y[1]
"""),
    Code("K202", "f16 and bf16 mixed",
         "Neither type holds the numbers of both.",
         """
@kdsl.kernel
def k(x: Array[f16, 1], y: Array[bf16, 1]):
    x[0] = x[1] + y[1]
"""),
    Code("K203", "a mask used as a number, or a number as a mask",
         "A comparison gives a mask (bool). Masks are not numbers here, since an accidental one is a common bug.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = x[1] + (n > 0)
"""),
    Code("K204", "a literal that does not fit",
         "A literal takes the type of the other side, and must fit it.",
         """
@kdsl.kernel
def k(x: Array[u8, 1]):
    x[0] = x[1] + 300
"""),
    Code("K205", "an operation on the wrong kind of value",
         "The operation works on numbers, or integers, or one element.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = x + 1.0
"""),
    Code("K206", "a variable with two meanings where paths meet",
         "After a branch or around a loop a variable has one type.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    if n > 0:
        v = (1.0, 2.0)
    else:
        v = 1.0
    x[0] = v
"""),
    Code("K207", "a value of another shape stored",
         "A vector or struct is stored as what it is, or field by field.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], p: Array[kdsl.vec3, 1]):
    x[0] = p[0]
"""),
    Code("K208", "a condition that is neither mask nor number",
         "A condition is one mask, or a number that is compared with 0.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    if x:
        x[0] = 1.0
"""),
    Code("K209", "a bitcast between different widths",
         "The bits of one type must be exactly those of the other.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = kdsl.bitcast(x[1], kdsl.f64)
"""),
    Code("K210", "an index that is no integer",
         "Elements are counted by integers.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[n / 2] = 1.0
"""),
    Code("K211", "the wrong number of indices",
         "An array has one index per axis.",
         """
@kdsl.kernel
def k(x: Array[f32, 2]):
    x[0] = 1.0
"""),
    Code("K212", "a component or field that does not exist",
         "The vector or struct has other components.",
         """
@kdsl.kernel
def k(p: Array[kdsl.vec2, 1]):
    p[0].z = 1.0
"""),
    Code("K213", "vectors of different length",
         "Vectors meet component by component.",
         """
@kdsl.kernel
def k(p: Array[kdsl.vec2, 1], q: Array[kdsl.vec3, 1]):
    p[0] = p[0] + q[0]
"""),
    Code("K214", "a parameter whose type is not known",
         "Without an argument to look at, the type must be annotated.",
         """
@kdsl.kernel
def k(x):
    x[0] = 1.0
"""),
    Code("K215", "an atomic on a type that has none",
         "Devices have atomics for a few types only.",
         """
@kdsl.kernel
def k(x: Array[kdsl.i8, 1]):
    kdsl.atomic_add(x[0], 1)
"""),
    Code("K216", "an integer to a power that is no integer, or far out of range",
         "A negative power of an integer is a fraction, and a constant one above 64 can only be meant for floats.",
         """
@kdsl.kernel
def k(x: Array[i32, 1], n: i32):
    x[0] = n ** -2
"""),
    Code("K217", "division by the constant zero",
         "The result is not what anybody means.",
         """
@kdsl.kernel
def k(x: Array[i32, 1]):
    x[0] = x[1] // 0
"""),
    Code("K301", "a barrier in a branch that threads take differently",
         "Threads that do not come would leave the others waiting for ever.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    i = kdsl.global_id(0)
    if i < n:
        kdsl.barrier()
    x[i] = 1.0
"""),
    Code("K302", "a barrier in a loop that threads leave at different times",
         "Threads that left the loop would leave the others waiting for ever.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    i = kdsl.global_id(0)
    for j in range(i):
        kdsl.barrier()
    x[i] = 1.0
"""),
    Code("K303", "a subgroup operation that the threads of a subgroup may not reach together",
         "It combines the values of all threads of a subgroup; what those that do not come would give is not defined.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    i = kdsl.global_id(0)
    if x[i] > 0.0:
        x[i] = kdsl.subgroup_sum(x[i])
"""),
    Code("K310", "a variable that may have no value",
         "It is assigned on some paths only.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    if n > 0:
        v = 1.0
    x[0] = v
"""),
    Code("K311", "a loop variable after the loop",
         "A loop over an empty range never gives it a value.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    for i in range(n):
        x[i] = 0.0
    x[0] = i
"""),
    Code("K313", "too much unrolled",
         "Every round of static_range is code of its own.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    for i in kdsl.static_range(1000000):
        x[i] = 0.0
"""),
    Code("K314", "a range with step 0",
         "A loop that never gets on would never end.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    for i in range(0, n, 0):
        x[i] = 0.0
"""),
    Code("K315", "a loop without end",
         "`while True` needs a `break` or `return` inside.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    while True:
        x[0] += 1.0
"""),
    Code("K316", "a device function that returns a value on some paths only",
         "The call needs a value on every path.",
         """
@kdsl.func
def f(a):
    if a > 0:
        return a

@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[0] = f(x[1])
"""),
    Code("K318", "an assertion that is false at compile time",
         "Constants and types are already known.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: kdsl.const = 3):
    assert n % 2 == 0, "n must be even"
    x[0] = 1.0
"""),
    Code("K401", "a constant index out of range",
         "Indices count from 0; negative ones do not count from the end.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x[-1] = 0.0
"""),
    Code("K402", "a shared or local array with an impossible shape",
         "Its extents are constants of at least 1, and it has an element type.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    t = kdsl.shared(0, f32)
    t[0] = x[0]
"""),
    Code("K403", "an atomic on something that is not shared memory",
         "Atomics work on an element that other threads can see.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    v = 1.0
    kdsl.atomic_add(v, 1.0)
"""),
    Code("K405", "a whole array assigned",
         "Assigning to a parameter's name would not change the array.",
         """
@kdsl.kernel
def k(x: Array[f32, 1], n: i32):
    x = x[0] * 2.0
"""),
    Code("K440", "an index out of bounds",
         "Found while the kernel ran, in a debug build or in the interpreter."),
    Code("K441", "integer division by zero",
         "Found while the kernel ran, in a debug build or in the interpreter."),
    Code("K442", "a failed assertion",
         "Found while the kernel ran, in a debug build or in the interpreter."),
    Code("K443", "a data race inside a block",
         "Found while the kernel ran, in a debug build or in the interpreter."),
    Code("K444", "a data race between blocks",
         "Found while the kernel ran, in a debug build or in the interpreter."),
    Code("K445", "a read of shared memory that nobody wrote",
         "Found while the kernel ran, in a debug build or in the interpreter."),
    Code("K446", "a read of local memory that was not written",
         "Found while the kernel ran, in a debug build or in the interpreter."),
    Code("K447", "a barrier that not all threads reach",
         "Found while the kernel ran, in a debug build or in the interpreter."),
    Code("K448", "subgroup operations that threads reach differently",
         "Found while the kernel ran, in a debug build or in the interpreter."),
    Code("K449", "a loop that does not end",
         "Found while the kernel ran, in a debug build or in the interpreter."),
    Code("K450", "a lane that the subgroup does not agree on",
         "Found while the kernel ran, in a debug build or in the interpreter."),
    Code("K501", "an unknown target or device",
         "Targets and devices have the names that `kdsl doctor` prints."),
    Code("K502", "a parameter without a type in an ahead-of-time build",
         "Without arguments to look at, every parameter needs an annotation or an entry in the signature."),
    Code("K503", "a signature that is not types",
         "An ahead-of-time build is told the type of each parameter by name, or in order."),
    Code("K511", "a type or operation that the target does not have",
         "What a machine cannot do is refused where it is written, and never done in another type: a kernel means the same "
         "on every target. `kdsl.target.GPU_TARGETS` says what each target has; a device may have more than its name promises."),
    Code("K512", "more shared memory than a block may have",
         "The `kdsl.shared` arrays of a kernel lie in the fast memory of the processor that runs the block, which is small."),
    Code("K601", "too many or too few arguments",
         "A launch gives every parameter a value once; kernels have no *args. Compile-time constants with a "
         "default may be left out."),
    Code("K602", "no parameter of this name",
         "Arguments may be given by name, and the name must be that of a parameter."),
    Code("K603", "an argument is given twice",
         "An argument that stands at its place cannot be given by name again."),
    Code("K611", "None where an array or a number is expected",
         "A kernel has no optional arguments. None often comes from a function that works in place and returns "
         "nothing."),
    Code("K612", "not an array and not convertible to one without a copy",
         "An array is a NumPy array, a kdsl array, or what offers its memory by DLPack, __array_interface__ or the "
         "buffer protocol."),
    Code("K613", "a Python list or tuple where an array is expected",
         "A list is not memory that a kernel can work on, and a copy of it would not give results back."),
    Code("K614", "an element type that kernels cannot hold",
         "Kernels hold bool, integers of 8 to 64 bits, floats of 16 to 64 bits, vectors and structs of them; no "
         "complex numbers, strings, dates or Python objects."),
    Code("K615", "the array's element type is not the parameter's",
         "An annotated element type is a promise. Nothing is converted on the way, for a conversion would be a "
         "copy that costs time and takes the results with it. NumPy's own default is float64."),
    Code("K616", "the array's number of axes is not the parameter's",
         "Array[f32, 2] has two axes; code for another number of axes is other code."),
    Code("K617", "the array is stored in the byte order of another machine",
         "Bytes would have to be swapped at every access."),
    Code("K618", "the kernel writes to a read-only array",
         "What the array shares its memory with (a file, a constant, another library) must not change."),
    Code("K619", "the array's memory is not aligned to its element type",
         "Vector instructions and atomics need elements at multiples of their size. Such arrays come from views "
         "into raw bytes."),
    Code("K620", "the kernel writes to an array whose elements share memory",
         "Two threads would write to the same place. Broadcast and sliding-window views are such arrays; they may "
         "be read."),
    Code("K621", "the array lives on another device",
         "A launch runs on one device and sees that device's memory."),
    Code("K622", "the array's memory cannot be shared",
         "The object says that it shares its memory, and then does not."),
    Code("K623", "the last axis does not hold the components of the vector type",
         "A vec3 parameter takes an array whose last axis has 3 elements, side by side."),
    Code("K624", "the axis that must be contiguous is not",
         "Code is made for the axis that is contiguous. A new launch follows its arguments; a recorded one cannot."),
    Code("K625", "not a stream of the device that the launch runs on",
         "A launch goes to a stream of its own device. Streams of torch, CuPy, numba and pycuda, and their handles, are "
         "streams of the CUDA device that they belong to."),
    Code("K626", "something that a call of a device, stream or event does not take",
         "Extents and sizes are ints that are not negative; a stream waits for an event, which stream.record() gives; what is "
         "copied or filled lies in the buffer."),
    Code("K631", "a value of the wrong kind for a scalar parameter",
         "Scalars are not converted where that would lose something: 3.5 is no i32, and True is no number."),
    Code("K632", "a number out of the range of the parameter's type",
         "The value would wrap around. Python's ints have any size, a kernel's have a fixed one."),
    Code("K633", "an array where a number is expected",
         "A scalar parameter is one number for all threads."),
    Code("K634", "a value that cannot be a compile-time constant",
         "A kernel is compiled once for each value of its constants, so that value must not change: it must be "
         "hashable."),
    Code("K641", "an update names nothing that was recorded",
         "A recording knows the arguments of the launches that were recorded, by parameter name and by object."),
    Code("K642", "an update with an argument of another type than the recorded one",
         "A recorded launch is code for the types, devices and layouts of its arguments."),
    Code("K643", "a command buffer used at the wrong time",
         "What is recorded has not run, and can run when the recording is complete."),
    Code("K651", "a grid or block that is not made of ints",
         "`/` gives a float in Python; `//` and `kdsl.cdiv` give an int."),
    Code("K652", "a grid or block of more than three axes",
         "Devices count blocks and threads along three axes."),
    Code("K653", "a negative grid or block",
         "A grid of 0 blocks is allowed and runs nothing; a negative one is an error in the size."),
    Code("K654", "a block without threads",
         "A block is a group of threads, at least one."),
    Code("K655", "a block larger than the device allows",
         "The threads of a block share memory and meet at barriers, on one core; devices limit how many may."),
    Code("K656", "a grid larger than the device allows",
         "Devices limit how many blocks one launch may have along an axis."),
    Code("K657", "a grid without axes",
         "An empty tuple says nothing about the number of blocks."),
    Code("K658", "a launch whose block is not known",
         "The grid counts blocks, so the size of a block must be known: here, or by block= at the kernel."),
    Code("K659", "a kernel called without a grid",
         "A plain call is a launch only if the kernel knows its own grid."),
    Code("K660", "a grid= that does not take the kernel's parameters",
         "grid= is called with every argument of the launch, by its parameter's name."),
    Code("K661", "a compilation after kdsl.freeze()",
         "kdsl.freeze() is a promise that nothing will be compiled from then on, so that no launch takes long "
         "unexpectedly."),
    Code("K662", "an option that the interpreter does not have",
         "kernel.interpret(...) takes the options of the reference interpreter by name."),
    Code("K670", "no bundle of kernels, or no such kernel in it",
         "A bundle is a folder or a .kdsl file that `kdsl build` made; its manifest names its kernels."),
    Code("K671", "a bundle of another version of the format",
         "The manifest's version changes when its fields do; what is read differently is not read at all."),
    Code("K672", "a damaged bundle",
         "Every file of a bundle has a checksum in the manifest, and the manifest has one of its own; nothing is loaded that does "
         "not match."),
    Code("K673", "a bundle without code for the device",
         "A bundle holds code for the targets that it was built for, and for what runs the same code."),
    Code("K674", "a bundle without code for these types",
         "A kernel in a bundle exists for the types and constants that its annotations or its export= named."),
    Code("K675", "a bundle without code for this shape of block",
         "Code for GPUs is made for one shape of block each."),
    Code("K676", "a bundle where an interpreter would be needed",
         "A bundle holds compiled code alone; the interpreter runs intermediate code."),
    Code("K677", "an export that cannot be built",
         "export= is a list of dictionaries, from parameter to type, or from constant to value."),
    Code("K679", "a pyproject.toml that does not say what to build",
         "`kdsl build` without files reads [tool.kdsl.build]."),
    Code("K681", "no such kernel in a text",
         "kdsl.from_source gives one kernel: the one that is named, or the only one."),
    Code("K682", "intermediate code that is not of one thread",
         "What is launched says what one thread does; code of blocks comes out of the passes."),
    Code("K683", "a kernel that another library's code cannot call",
         "numba, JAX and torch call functions that are known when they compile: of kernels with their source, of types that both "
         "sides have, with results where there must be some."),
    Code("K684", "machine code that cannot be made",
         "`kdsl build --binary` has GPUs' machine code made by their vendors' tools: ptxas for CUDA, hipcc for HIP, "
         "and on a Mac metal and metallib."),
    Code("K680", "a C library that cannot be made",
         "A library's name begins its functions' names, and its functions are kernels that were built for processors."),
    Code("K685", "a bundle that cannot be written",
         "A bundle is written whole or not at all; the place must be one that the build may write to."),
    Code("K678", "two kernels of one name in a bundle",
         "A bundle's kernels are asked for by name."),
)  # fmt: skip

CODES: dict[str, Code] = {row.code: row for row in _ROWS}
