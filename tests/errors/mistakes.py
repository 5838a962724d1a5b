"""Mistakes that people who are new to kdsl make, many of them right in NumPy, numba, Triton, Taichi or CUDA.

One idea: a row is a name, the code that the answer must have, and the program. BODIES are the body of a kernel
`k(x: Array[f32, 1], y: Array[f32, 1], idx: Array[i32, 1], m: Array[f32, 2], n: i32)`; PROGRAMS stand for themselves.
"""

from __future__ import annotations

__all__ = ["BODIES", "HEAD", "PROGRAMS"]

HEAD = """\
import math
import numpy as np
import kdsl
from kdsl import Array, bf16, f16, f32, f64, i8, i32, i64, u8, u32, u64, vec2, vec3
"""

BODIES: dict[str, tuple[str, str]] = {
    # Python that kernels do not have
    "list comprehension": ("K104", "a = [x[i] for i in range(4)]\nx[0] = a[0]"),
    "generator in sum": ("K121", "x[0] = sum(x[i] for i in range(n))"),
    "a generator with a condition": ("K121", "x[0] = sum(x[i] for i in range(4) if x[i] > 0.0)"),
    "sum of an array": ("K112", "y[0] = sum(x)"),
    "float of a word": ("K204", "y[0] = float('one')"),
    "a table of masks and numbers": ("K203", "y[0] = (1.0, True)[n]"),
    "a table of rows of different length": ("K121", "y[0] = ((x[0], 1), (x[1],))[n][0]"),
    "a table as an array": ("K121", "y[0] = ((1.0, 2.0), (3.0, 4.0))[n, 0]"),
    "a table of words": ("K121", "print(('a', 'b')[n])"),
    "list literal": ("K110", "a = [0.0, 1.0]\nx[0] = a[n]"),
    "append to a list": ("K110", "out = []\nout.append(x[0])"),
    "dict": ("K110", "d = {'a': 1.0}\nx[0] = d['a']"),
    "set": ("K110 K122", "s = {1, 2}\nx[0] = 1.0"),
    "lambda": ("K105", "f = lambda v: v * 2.0\nx[0] = f(x[1])"),
    "inner function": ("K105", "def f(v):\n    return v\nx[0] = f(x[1])"),
    "class": ("K105", "class A:\n    pass\nx[0] = 1.0"),
    "try": ("K106", "try:\n    x[0] = 1.0\nexcept IndexError:\n    pass"),
    "raise": ("K106", "if n < 0:\n    raise ValueError('negative')"),
    "with": ("K106", "with open('f') as f:\n    x[0] = 1.0"),
    "import": ("K108", "import math\nx[0] = math.pi"),
    "global": ("K108", "global counter\ncounter = n"),
    "del": ("K108", "v = x[0]\ndel v"),
    "yield": ("K107", "yield x[0]"),
    "match": ("K124", "match n:\n    case 0:\n        x[0] = 1.0"),
    "f-string value": ("K111", "s = f'{n}'\nx[0] = 1.0"),
    "string compare": ("K205", "if n == 'two':\n    x[0] = 1.0"),
    "return a value": ("K116", "return x[0]"),
    "undefined name": ("K115", "x[0] = lenght"),
    "a vector of five": ("K120", "v = kdsl.vec(f32, 5)(0.0)"),
    "a vector of a number": ("K120", "v = kdsl.vec(3, x[0])"),
    "misspelt function": ("K130", "x[0] = kdsl.sqr(x[1])"),
    "misspelt builtin": ("K115", "for i in rnage(n):\n    x[i] = 0.0"),
    "for over an array": ("K112", "for v in x:\n    y[0] += v"),
    "enumerate": ("K112", "for i, v in enumerate(x):\n    y[i] = v"),
    "zip": ("K112", "for a, b in zip(x, y):\n    y[0] = a * b"),
    "a value from some breaks only": ("K310", "for i in range(n):\n    if x[i] > 0.0:\n        v = i\n        break\nx[0] = v"),
    "a value from some breaks, and else": ("K310",
        "for i in range(n):\n    if x[i] > 0:\n        break\n    v = i\n    if v > 3:\n        break\nelse:\n    v = 0\nx[0] = v"),
    ":= that may not have run": ("K310", "if n > 0 and (v := x[n]) > 0.0:\n    x[1] = v\nx[0] = v"),
    ":= behind or": ("K310", "if n > 0 or (v := x[1]) > 0.0:\n    x[0] = v"),
    ":= in a chain of comparisons": ("K310", "if 0 < n < (v := idx[0]):\n    x[1] = 0.0\nx[0] = v"),
    "while True without break": ("K315", "while True:\n    x[0] += 1.0"),
    "range step 0": ("K314", "for i in range(0, n, 0):\n    x[i] = 0.0"),
    "complex literal": ("K103", "x[0] = 1j"),
    "matrix product": ("K123", "x[0] = m @ m"),
    "star call": ("K109", "x[0] = kdsl.minimum(*x)"),
    "star call with too much": ("K120", "x[0] = kdsl.minimum(*(x[1], x[2], x[3]))"),
    "star in an assignment": ("K132", "a, b, *c = (x[0],)"),
    "is a number": ("K122", "if n is m:\n    return"),
    "sorted": ("K119", "v = sorted(x)"),
    "open a file": ("K119", "f = open('data')"),
    "input": ("K119", "v = input()"),
    # NumPy and torch habits
    "whole-array arithmetic": ("K205", "y[0] = x * 2.0"),
    "whole-array assignment": ("K405", "y = x[0]"),
    "slice": ("K114", "y[0:4] = x[0:4]"),
    "colon": ("K114", "y[:] = 0.0"),
    "np.dot": ("K119 K118 K123", "y[0] = np.dot(x, x)"),
    "np.zeros": ("K119 K118", "t = np.zeros(4)\nx[0] = t[0]"),
    "x.sum()": ("K130", "y[0] = x.sum()"),
    "x.T": ("K130", "y[0] = m.T[0, 0]"),
    "len of a number": ("K205 K119 K120", "y[0] = len(n)"),
    "negative index": ("K401", "y[0] = x[-1]"),
    "one index for two axes": ("K211", "y[0] = m[0]"),
    "two indices for one axis": ("K211", "y[0] = x[0, 1]"),
    "chained indices": ("K205", "y[0] = m[0][1][2]"),
    "a row": ("K211", "row = m[n]\ny[0] = row[1]"),
    "float index": ("K210", "y[0] = x[n / 2]"),
    "boolean mask index": ("K210 K203 K205", "y[x > 0.0] = 0.0"),
    "fancy index": ("K210 K205 K211", "y[0] = x[idx]"),
    "shape of a missing axis": ("K401 K120 K121", "y[0] = x.shape[1]"),
    "assign to shape": ("K131", "x.shape = 4"),
    "array as a condition": ("K208", "if x:\n    y[0] = 1.0"),
    "comparison as a number": ("K203", "y[0] = x[0] + (n > 0)"),
    "& of numbers as a condition": ("K203 K205", "if (n & 1) and (x[0] & 1):\n    y[0] = 1.0"),
    "a method of arrays": ("K130", "y[0] = x.mean()"),
    "item": ("K130", "y[0] = x[0].item()"),
    # CUDA, numba and Triton habits
    "numba's cuda.grid": ("K115", "i = cuda.grid(1)\nx[i] = 0.0"),
    "ids with attributes": ("K130", "x[kdsl.thread_id.x] = 0.0"),
    "threadIdx": ("K115", "x[threadIdx.x] = 0.0"),
    "tl.program_id": ("K115", "x[tl.program_id(0)] = 0.0"),
    "axis that does not exist": ("K120 K121 K401", "i = kdsl.global_id(3)\nx[i] = 0.0"),
    "axis by a variable": ("K121", "i = kdsl.global_id(n)\nx[i] = 0.0"),
    "id without a call": ("K205 K119 K210", "i = kdsl.global_id\nx[i] = 0.0"),
    "shared without a type": ("K120 K402", "s = kdsl.shared(64)\ns[0] = 0.0"),
    "shared of a run-time size": ("K121", "s = kdsl.shared(n, f32)\ns[0] = 0.0"),
    "shared of size 0": ("K402", "s = kdsl.shared(0, f32)\ns[0] = 0.0"),
    "index past a shared array": ("K401", "s = kdsl.shared(8, f32)\ns[8] = 0.0"),
    "barrier in a branch": ("K301", "i = kdsl.global_id(0)\nif i < n:\n    kdsl.barrier()"),
    "barrier in a divergent loop": ("K302", "for j in range(kdsl.thread_id(0)):\n    kdsl.barrier()"),
    "barrier after a return": ("K301", "if kdsl.global_id(0) >= n:\n    return\nkdsl.barrier()"),
    "subgroup sum in a branch": ("K303", "if x[kdsl.global_id(0)] > 0.0:\n    y[0] = kdsl.subgroup_sum(x[0])"),
    "barrier with an argument": ("K120", "kdsl.barrier(n)"),
    "atomic on a value": ("K403", "v = x[0]\nkdsl.atomic_add(v, 1.0)"),
    "atomic on an array": ("K403 K205 K120", "kdsl.atomic_add(x, 1.0)"),
    "atomic with index argument": ("K403 K120", "kdsl.atomic_add(x, 0, 1.0)"),
    "atomic on bytes": ("K215", "s = kdsl.shared(4, u8)\nkdsl.atomic_add(s[0], 1)"),
    "a character for a number": ("K205", "if idx[0] == '0':\n    y[0] = 1.0"),
    "a string as a table": ("K205", "idx[0] = '0123'[n]"),
    "the end of a type": ("K130", "idx[0] = i32.max"),
    "limits of no type": ("K120", "idx[0] = np.iinfo(x).max"),
    "integer limits of floats": ("K205", "idx[0] = np.iinfo(f32).max"),
    "no such limit": ("K130", "idx[0] = np.iinfo(i32).most"),
    "atomic xor of floats": ("K215 K205", "kdsl.atomic_xor(x[0], 1.0)"),
    # numbers
    "atomic load of a local array": ("K403", "t = kdsl.local(2, f32)\nt[0] = 1.0\ny[0] = kdsl.atomic_load(t[0])"),
    "atomic load of an array": ("K403", "y[0] = kdsl.atomic_load(x)"),
    "atomic store to a variable": ("K403", "v = 1.0\nkdsl.atomic_store(v, 2.0)"),
    "negative integer power": ("K216", "y[0] = f32(n ** -2)"),
    "division by 0": ("K217", "idx[0] = n // 0"),
    "a start that the loop's type does not hold": ("K204", """
best = -1
for j in range(4):
    if idx[j] > 0:
        best = u8(j)
idx[0] = best
"""),
    "literal too large": ("K204", "idx[0] = idx[1] + 5000000000"),
    "bitwise not of a float": ("K205", "y[0] = ~x[0]"),
    "shift of a float": ("K205", "y[0] = x[0] << 1"),
    "modulo by mask": ("K203", "y[0] = x[0] % (n > 1)"),
    "wrong number of arguments": ("K120", "y[0] = kdsl.sqrt(x[0], x[1])"),
    "unknown keyword": ("K120", "y[0] = kdsl.sqrt(x[0], out=y)"),
    "bitcast to another width": ("K209", "y[0] = f32(kdsl.bitcast(x[0], f64))"),
    # variables
    "variable of one branch": ("K310", "if n > 0:\n    v = 1.0\nx[0] = v"),
    "loop variable after the loop": ("K311", "for i in range(n):\n    x[i] = 0.0\nx[0] = f32(i)"),
    "variable before its value": ("K310 K115", "x[0] = v\nv = 1.0"),
    "unpacking too few": ("K132", "a, b, c = 1.0, 2.0\nx[0] = a"),
    "variable of two shapes": ("K206", "if n > 0:\n    v = (1.0, 2.0)\nelse:\n    v = 1.0\nx[0] = v"),
    "print an array": ("K133", "print(x)"),
    "print to a file": ("K133 K120", "print(n, file=None)"),
    "assert with a computed message": ("K205", "assert n > 0, 'n is ' + n"),
    "false constant assert": ("K318", "assert 2 < 1, 'never'"),
    "unrolled by a variable": ("K121", "for j in kdsl.static_range(n):\n    x[j] = 0.0"),
    "unrolled too often": ("K313", "for j in kdsl.static_range(1000000):\n    x[j] = 0.0"),
    "unrolled too often to count": ("K313", "for j in kdsl.static_range(10**12):\n    x[0] = 0.0"),
    "a sum of too many": ("K313", "x[0] = sum(x[j] for j in range(10**12))"),
    "a loop past 64 bits": ("K204", "for j in range(2**70):\n    x[0] += 1.0"),
    "an index past 64 bits": ("K204", "x[2**64] = 1.0"),
    "a local array larger than memory": ("K402", "t = kdsl.local(10**12, f32)\nt[0] = 1.0\nx[0] = t[0]"),
    "all bits set": ("K204", "idx[0] = i32(u32(-1) >> 16)"),
    "bits that an array does not hold": ("K204", "idx[0] = 0xFFFFFFFF"),
    "max by a key": ("K120", "y[0] = max(x[0], x[1], key=abs)"),
    "a mask as an index": ("K210", "y[0] = x[n > 0]"),
    "steps of a tenth": ("K205", "for t in range(0, 1, 0.1):\n    y[0] += t"),
    "print with %": ("K205", "print('n is %d' % n)"),
    "a vector and a tuple": ("K205", "v = vec3(1, 2, 3) + (1, 2, 3)\ny[0] = v.x"),
    "np.random": ("K119", "y[0] = np.random.rand()"),
    "names for one value": ("K132", "h, w = x.shape"),
    "all of a run-time range": ("K121", "y[0] = sum([x[j] for j in range(n)])"),
}

_FILL = """
@kdsl.kernel
def fill(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = 1.0

x = np.zeros(16, np.float32)
"""

PROGRAMS: dict[str, tuple[str, str]] = {
    # kernels that cannot be written
    "recursion": ("K117", """
@kdsl.func
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

@kdsl.kernel
def k(x: Array[i32, 1]):
    x[0] = fib(x[1])

k.compile()
"""),
    "plain function called": ("K118", """
def square(v):
    return v * v

@kdsl.kernel
def k(x: Array[f32, 1]):
    x[0] = square(x[1])

k.compile()
"""),
    "another kernel called": ("K118 K119", """
@kdsl.kernel
def a(x: Array[f32, 1]):
    x[0] = 1.0

@kdsl.kernel
def k(x: Array[f32, 1]):
    a(x)

k.compile()
"""),
    "function without value on a path": ("K316", """
@kdsl.func
def positive(v):
    if v > 0.0:
        return v

@kdsl.kernel
def k(x: Array[f32, 1]):
    x[0] = positive(x[1])

k.compile()
"""),
    "list from outside": ("K125", """
weights = [0.25, 0.5, 0.25]

@kdsl.kernel
def k(x: Array[f32, 1]):
    x[0] = weights[1]

k.compile()
"""),
    "NumPy array from outside": ("K125", """
weights = np.ones(3, np.float32)

@kdsl.kernel
def k(x: Array[f32, 1]):
    x[0] = weights[1]

k.compile()
"""),
    "dict of settings": ("K125", """
settings = {"gain": 2.0}

@kdsl.kernel
def k(x: Array[f32, 1]):
    x[0] = settings["gain"]

k.compile()
"""),
    "a method": ("K128", """
class Solver:
    @kdsl.kernel
    def step(self, x: Array[f32, 1]):
        x[0] = 1.0

Solver.step.compile()
"""),
    "a lambda": ("K105", """
k = kdsl.kernel(lambda x: None)
k.compile()
"""),
    "an async kernel": ("K107", """
@kdsl.kernel
async def k(x: Array[f32, 1]):
    x[0] = 1.0

k.compile()
"""),
    "*args": ("K109", """
@kdsl.kernel
def k(*arrays):
    pass

k.compile()
"""),
    "return annotation": ("K116", """
@kdsl.kernel
def k(x: Array[f32, 1]) -> f32:
    x[0] = 1.0

k.compile()
"""),
    "NumPy type hint": ("K127", """
@kdsl.kernel
def k(x: np.ndarray):
    x[0] = 1.0

k.compile()
"""),
    "a row as a value": ("K211", """
@kdsl.kernel
def k(x: Array[f32, 2], y: Array[f32, 1]):
    row = x[kdsl.global_id(0)]
    y[0] = row[0]

k.compile()
"""),
    "an item of a tuple": ("K131", """
@kdsl.kernel
def k(x: Array[f32, 1]):
    p = (x[0], x[1])
    p[0] = 1.0
    x[0] = p[1]

k.compile()
"""),
    "ids of two axes at once": ("K132", """
@kdsl.kernel
def k(x: Array[f32, 2]):
    i, j = kdsl.global_id(0)
    x[i, j] = 1.0

k.compile()
"""),
    "a method of vectors": ("K212", """
@kdsl.kernel
def k(x: Array[f32, 1]):
    v = vec3(1.0, 2.0, 3.0)
    x[0] = v.dot(v)

k.compile()
"""),
    "the floor of a float as an index": ("K210", """
@kdsl.kernel
def k(x: Array[f32, 1]):
    cell = x[0] // 0.5
    x[cell] = 1.0

k.compile()
"""),
    "rank as a string": ("K127", """
@kdsl.kernel
def k(x: Array[f32, "1"]):
    x[0] = 1.0

k.compile()
"""),
    "unknown math mode": ("K150", """
@kdsl.kernel(math="quick")
def k(x: Array[f32, 1]):
    x[0] = 1.0
"""),
    "numba's fastmath": ("K150", """
@kdsl.kernel(fastmath=True)
def k(x: Array[f32, 1]):
    x[0] = 1.0
"""),
    "a name that is a number": ("K150", """
@kdsl.kernel(name=3)
def k(x: Array[f32, 1]):
    x[0] = 1.0
"""),
    "a name of two lines": ("K150", """
@kdsl.kernel(name="a\\nb")
def k(x: Array[f32, 1]):
    x[0] = 1.0
"""),
    "decorated twice": ("K129", _FILL + "kdsl.kernel(fill)\n"),
    "a device function of a kernel": ("K129", _FILL + "kdsl.func(fill)\n"),
    "brackets of a call": ("K127", """
@kdsl.kernel
def k(x: Array(f32, 1)):
    x[0] = 1.0

k.compile()
"""),
    "numba's array type": ("K127", """
@kdsl.kernel
def k(x: f32[:]):
    x[0] = 1.0

k.compile()
"""),
    "a function of a class": ("K130", """
class Physics:
    def gravity(self):
        return 9.81

@kdsl.kernel
def k(x: Array[f32, 1]):
    x[0] = Physics.gravity

k.compile()
"""),
    "a Decimal": ("K125", """
from decimal import Decimal
rate = Decimal("0.1")

@kdsl.kernel
def k(x: Array[f32, 1]):
    x[0] = rate

k.compile()
"""),
    "a type that is no constant": ("K612", """
@kdsl.kernel
def k(x: Array[f32, 1], T):
    x[0] = T(1)

k.over(1)(np.zeros(1, np.float32), f32)
"""),
    "a tuple that is no constant": ("K613", """
@kdsl.kernel
def k(x: Array[f32, 1], weights):
    x[0] = weights[0]

k.over(1)(np.zeros(1, np.float32), (1.0, 2.0))
"""),
    "a parameter that is called stream": ("K601", """
@kdsl.kernel
def k(x: Array[f32, 1], stream: Array[f32, 1]):
    x[0] = stream[0]

x = np.zeros(1, np.float32)
k.over(1)(x, stream=None)
"""),
    "arguments of over": ("K658", _FILL + "fill.over(16, x, 1)\n"),
    "over of the arguments": ("K651", _FILL + "fill.over(x)\n"),
    "over of nothing": ("K657", _FILL + "fill.over()(x)\n"),
    "a grid of two axes, or a grid and a block": ("K658", """
@kdsl.kernel(block=(8, 8))
def fill(x: Array[f32, 1]):
    x[0] = 1.0

fill[4, 3](np.zeros(1, np.float32))
"""),
    "a grid that is a function": ("K658", _FILL + "fill[lambda meta: (1,)](x)\n"),
    "a number for a vector": ("K631", """
@kdsl.kernel
def k(v: vec3, x: Array[f32, 1]):
    x[0] = v.x

k.over(1)(1.0, np.zeros(1, np.float32))
"""),
    "id on the host": ("K151", """
i = kdsl.global_id(0)
"""),
    "missing annotation for an ahead-of-time build": ("K502", """
@kdsl.kernel
def k(x, n: i32):
    x[0] = 1.0

k.compile()
"""),
    "constant without a value": ("K601", """
@kdsl.kernel
def k(x: Array[f32, 1], SIZE: kdsl.const):
    x[0] = f32(SIZE)

k.compile()
"""),
    "unknown target": ("K501", _FILL + 'fill.compile(target="cpu:skylake")\n'),
    "unknown device": ("K501", 'kdsl.device("gpu")\n'),
    # types
    "i32 with u32": ("K201", """
@kdsl.kernel
def k(a: Array[i32, 1], b: Array[u32, 1]):
    a[0] = a[1] + b[0]

k.compile()
"""),
    "f16 with bf16": ("K202", """
@kdsl.kernel
def k(a: Array[f16, 1], b: Array[bf16, 1]):
    a[0] = a[1] + b[0]

k.compile()
"""),
    "vec2 with vec3": ("K213", """
@kdsl.kernel
def k(a: Array[vec2, 1], b: Array[vec3, 1]):
    a[0] = a[0] + b[0]

k.compile()
"""),
    "component that is not there": ("K212", """
@kdsl.kernel
def k(a: Array[vec2, 1], x: Array[f32, 1]):
    x[0] = a[0].z

k.compile()
"""),
    "vector stored as a number": ("K207", """
@kdsl.kernel
def k(a: Array[vec2, 1], x: Array[f32, 1]):
    x[0] = a[0]

k.compile()
"""),
    "field that is not there": ("K212 K130", """
@kdsl.struct
class Ray:
    origin: vec3
    length: f32

@kdsl.kernel
def k(rays: Array[Ray, 1], x: Array[f32, 1]):
    x[0] = rays[0].direction

k.compile()
"""),
    "atomic on i8": ("K215", """
@kdsl.kernel
def k(x: Array[i8, 1]):
    kdsl.atomic_add(x[0], 1)

k.compile()
"""),
    # launches
    "float64 array": ("K615", _FILL + "fill.over(16)(np.zeros(16))\n"),
    "int array": ("K615", _FILL + "fill.over(16)(np.zeros(16, int))\n"),
    "wrong rank": ("K616", _FILL + "fill.over(16)(x.reshape(4, 4))\n"),
    "read-only array": ("K618", _FILL + "x.flags.writeable = False\nfill.over(16)(x)\n"),
    "list": ("K613", _FILL + "fill.over(16)([0.0] * 16)\n"),
    "None": ("K611", _FILL + "fill.over(16)(None)\n"),
    "a number for an array": ("K612", _FILL + "fill.over(16)(1.0)\n"),
    "a string for an array": ("K612", _FILL + "fill.over(16)('x')\n"),
    "complex array": ("K614", _FILL + "fill.over(16)(np.zeros(16, complex))\n"),
    "object array": ("K614 K622", _FILL + "fill.over(16)(np.zeros(16, object))\n"),
    "big-endian array": ("K617", _FILL + "fill.over(16)(np.zeros(16, '>f4'))\n"),
    "broadcast array": ("K618 K620", _FILL + "fill.over(16)(np.broadcast_to(np.float32(0), (16,)))\n"),
    "no grid": ("K659", _FILL + "fill(x)\n"),
    "grid without block": ("K658", _FILL + "fill[16](x)\n"),
    "negative grid": ("K653", _FILL + "fill[-1, 16](x)\n"),
    "float grid": ("K651", _FILL + "fill[16 / 4, 4](x)\n"),
    "grid of four axes": ("K652", _FILL + "fill[(1, 1, 1, 1), 16](x)\n"),
    "empty block": ("K654", _FILL + "fill[16, 0](x)\n"),
    "block larger than the device allows": ("K655", _FILL + "fill[1, 100000](x)\n"),
    "block of too many threads": ("K655", _FILL + "fill[1, (64, 64)](x)\n"),
    "negative number of threads": ("K653", _FILL + "fill.over(-16)(x)\n"),
    "array as the number of threads": ("K651", _FILL + "fill.over(x)(x)\n"),
    "shape instead of size": ("K652", _FILL + "fill.over((2, 2, 2, 2))(x)\n"),
    "missing argument": ("K601", _FILL + "fill.over(16)()\n"),
    "too many arguments": ("K601", _FILL + "fill.over(16)(x, x)\n"),
    "misspelt argument": ("K602", _FILL + "fill.over(16)(X=x)\n"),
    "argument twice": ("K603", _FILL + "fill.over(16)(x, x=x)\n"),
    "float for an int": ("K631", """
@kdsl.kernel
def k(n: i32, x: Array[i32, 1]):
    x[0] = n

k.over(1)(2.5, np.zeros(1, np.int32))
"""),
    "int too large": ("K632", """
@kdsl.kernel
def k(n: u8, x: Array[u8, 1]):
    x[0] = n

k.over(1)(256, np.zeros(1, np.uint8))
"""),
    "array for a number": ("K633", """
@kdsl.kernel
def k(n: f32, x: Array[f32, 1]):
    x[0] = n

k.over(1)(np.zeros(1, np.float32), np.zeros(1, np.float32))
"""),
    "list for a constant": ("K634", """
@kdsl.kernel
def k(x: Array[f32, 1], weights: kdsl.const):
    x[0] = weights[0]

k.over(1)(np.zeros(1, np.float32), [1.0])
"""),
    "arrays of two devices": ("K621", """
@kdsl.kernel
def k(x: Array[f32, 1], y: Array[f32, 1]):
    y[kdsl.global_id(0)] = x[kdsl.global_id(0)]

k.over(16)(kdsl.device("null").zeros(16), kdsl.device("cpu").zeros(16))
"""),
    # found while it runs
    "off by one": ("K440", """
@kdsl.kernel(debug=True)
def k(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = x[i + 1]

k.over(8)(np.zeros(8, np.float32), np.zeros(8, np.float32))
"""),
    "more threads than elements": ("K440", """
@kdsl.kernel(debug=True)
def k(x: Array[f32, 1]):
    x[kdsl.global_id(0)] = 1.0

k[1, 256](np.zeros(100, np.float32))
"""),
    "axes swapped": ("K440", """
@kdsl.kernel(debug=True)
def k(m: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    m[x, y] = 1.0

k.over((8, 4))(np.zeros((4, 8), np.float32))
"""),
    "forgotten barrier": ("K443", """
@kdsl.kernel
def k(x: Array[f32, 1]):
    t = kdsl.thread_id(0)
    s = kdsl.shared(64, f32)
    s[t] = x[t]
    x[t] = s[63 - t]

k.interpret[1, 64](np.zeros(64, np.float32))
"""),
    "sum without an atomic": ("K444", """
@kdsl.kernel
def k(x: Array[f32, 1], out: Array[f32, 1]):
    out[0] += x[kdsl.global_id(0)]

k.interpret[4, 1](np.zeros(4, np.float32), np.zeros(1, np.float32))
"""),
    "shared memory is not zero": ("K445", """
@kdsl.kernel
def k(x: Array[f32, 1]):
    s = kdsl.shared(4, f32)
    x[0] += s[0]

k.interpret[1, 1](np.zeros(1, np.float32))
"""),
}
