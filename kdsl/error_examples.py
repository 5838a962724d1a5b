"""Programs that provoke the errors of running and launching: one for each code that has no kernel in `codes`.

One idea: an example is a whole program, run as it stands, so what `docs/ERRORS.md` and `kdsl explain` show under it is
what kdsl really says. `kdsl`, `np`, `Array` and the scalar types are imported for all of them.
"""

from __future__ import annotations

__all__ = ["PROGRAMS"]

_COPY = """
@kdsl.kernel
def copy(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = x[i]
"""
_SCALE = """
@kdsl.kernel
def scale(a: f32, n: i32, x: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < n:
        x[i] = a * x[i]
"""
_FILL = """
@kdsl.kernel
def fill(x: Array[f32, 1]):
    x[kdsl.global_id(0)] = 1.0
"""
_BUNDLE = _FILL + """
kdsl.build([fill], "kernels", ["x86-64-v2", "aarch64"])
"""

PROGRAMS: dict[str, str] = {
    "K100": """
exec(compile("@kdsl.kernel\\ndef k():\\n    pass\\n", "gone.py", "exec"))
k[1, 1]()
""",
    "K214": """
@kdsl.kernel
def k(x):
    x[0] = 1.0

from kdsl.frontend import build
build(k.function, {})
""",
    "K440": """
@kdsl.kernel(debug=True)
def shift(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = x[i + 1]

x, y = np.ones(8, np.float32), np.ones(8, np.float32)
shift.over(8)(x, y)
""",
    "K441": """
@kdsl.kernel(debug=True)
def share(total: i32, parts: Array[i32, 1]):
    i = kdsl.global_id(0)
    parts[i] = total // parts[i]

share.over(4)(12, np.array([1, 2, 0, 4], np.int32))
""",
    "K442": """
@kdsl.kernel(debug=True)
def root(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    assert x[i] >= 0.0, "roots of negative numbers"
    x[i] = kdsl.sqrt(x[i])

root.over(3)(np.array([4.0, -1.0, 9.0], np.float32))
""",
    "K443": """
@kdsl.kernel
def neighbours(x: Array[f32, 1]):
    t = kdsl.thread_id(0)
    s = kdsl.shared(64, f32)
    s[t] = x[t]
    x[t] = s[63 - t]

neighbours.interpret[1, 64](np.ones(64, np.float32))
""",
    "K444": """
@kdsl.kernel
def total(x: Array[f32, 1], out: Array[f32, 1]):
    out[0] += x[kdsl.global_id(0)]

total.interpret[4, 1](np.ones(4, np.float32), np.zeros(1, np.float32))
""",
    "K445": """
@kdsl.kernel
def gather(x: Array[f32, 1]):
    t = kdsl.thread_id(0)
    s = kdsl.shared(64, f32)
    if t < 32:
        s[t] = x[t]
    kdsl.barrier()
    x[t] = s[t]

gather.interpret[1, 64](np.ones(64, np.float32))
""",
    "K446": """
@kdsl.kernel
def window(x: Array[f32, 1]):
    t = kdsl.local(4, f32)
    for k in range(3):
        t[k] = x[k]
    x[0] = t[0] + t[3]

window.interpret[1, 1](np.ones(4, np.float32))
""",
    "K447": """
kernel = '''
kernel @divergent(%x: array<f32, 1, global>) {math = 'default'} {
  %t = simt.thread_id {axis = 0} : index
  %two = arith.constant {value = 2} : index
  %low = arith.lt %t, %two : bool
  scf.if %low then {
    simt.barrier
    scf.yield
  } otherwise {
    scf.yield
  }
  scf.yield
}
'''
from kdsl.ir.interpreter import interpret
from kdsl.ir.parse import parse

interpret(parse(kernel, "divergent.kir"), [np.ones(4, np.float32)], (1, 1, 1), (4, 1, 1))
""",
    "K448": """
kernel = '''
kernel @divergent(%x: array<f32, 1, global>) {math = 'default'} {
  %t = simt.thread_id {axis = 0} : index
  %two = arith.constant {value = 2} : index
  %low = arith.lt %t, %two : bool
  %one = arith.constant {value = 1.0} : f32
  scf.if %low then {
    %sum = subgroup.sum %one : f32
    memory.store %x, %t, %sum {offset = 0}
    scf.yield
  } otherwise {
    scf.yield
  }
  scf.yield
}
'''
from kdsl.ir.interpreter import interpret
from kdsl.ir.parse import parse

interpret(parse(kernel, "divergent.kir"), [np.ones(4, np.float32)], (1, 1, 1), (4, 1, 1))
""",
    "K449": """
@kdsl.kernel
def wait(flag: Array[i32, 1]):
    while flag[0] == 0:
        flag[1] += 1

wait.interpret(step_limit=1000)[1, 1](np.zeros(2, np.int32))
""",
    "K450": """
@kdsl.kernel
def pick(x: Array[f32, 1]):
    t = kdsl.thread_id(0)
    x[t] = kdsl.broadcast(x[t], t)

pick.interpret[1, 4](np.ones(4, np.float32))
""",
    "K199": """
from kdsl.ir.parse import parse

parse("kernel @k() {math = 'default'} {\\n  arith.plus\\n}\\n", "k.kir")
""",
    "K501": _FILL + """
fill.compile(target="cpu:i486")
""",
    "K502": """
@kdsl.kernel
def k(x):
    x[0] = 1.0

k.compile()
""",
    "K503": """
@kdsl.kernel
def k(x: Array[f32, 1]):
    x[0] = 1.0

k.compile(f32)
""",
    "K511": """
@kdsl.kernel
def halve(x: Array[f64, 1]):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        x[i] = x[i] / 2.0

halve.compile(target="metal")
""",
    "K512": """
@kdsl.kernel
def turn(x: Array[f32, 2], y: Array[f32, 2]):
    tile = kdsl.shared((128, 128), f32)
    i, j = kdsl.thread_id(0), kdsl.thread_id(1)
    tile[j, i] = x[j, i]
    kdsl.barrier()
    y[j, i] = tile[i, j]

turn.compile(target="metal", block=(16, 16))
""",
    "K601": _COPY + """
copy.over(4)(np.ones(4, np.float32))
""",
    "K602": _COPY + """
copy.over(4)(np.ones(4, np.float32), z=np.ones(4, np.float32))
""",
    "K603": _COPY + """
x = np.ones(4, np.float32)
copy.over(4)(x, x, y=x)
""",
    "K611": _COPY + """
copy.over(4)(np.ones(4, np.float32), None)
""",
    "K612": _FILL + """
fill.over(4)("four")
""",
    "K613": _FILL + """
fill.over(4)([1.0, 2.0, 3.0, 4.0])
""",
    "K614": _FILL + """
fill.over(4)(np.zeros(4, complex))
""",
    "K615": _FILL + """
fill.over(4)(np.zeros(4))
""",
    "K616": _FILL + """
fill.over(4)(np.zeros((2, 2), np.float32))
""",
    "K617": _FILL + """
fill.over(4)(np.zeros(4, ">f4"))
""",
    "K618": _FILL + """
x = np.zeros(4, np.float32)
x.flags.writeable = False
fill.over(4)(x)
""",
    "K619": _FILL + """
fill.over(4)(np.zeros(17, np.uint8)[1:].view(np.float32))
""",
    "K620": """
@kdsl.kernel
def fill(x: Array[f32, 2]):
    x[kdsl.global_id(1), kdsl.global_id(0)] = 1.0

row = np.zeros(4, np.float32)
fill.over((4, 3))(np.lib.stride_tricks.as_strided(row, (3, 4), (0, 4)))
""",
    "K621": _FILL + """
fill.over(4)(kdsl.device("null").zeros(4), stream=kdsl.device("cpu").stream())
""",
    "K622": _FILL + """
class Mine:
    __array_interface__ = {"version": 3, "shape": (4,), "typestr": "<f4", "data": (0, "yes")}

fill.over(4)(Mine())
""",
    "K623": """
@kdsl.kernel
def fill(p: Array[kdsl.vec3, 1]):
    p[kdsl.global_id(0)] = kdsl.vec3(1.0, 2.0, 3.0)

fill.over(4)(np.zeros((4, 2), np.float32))
""",
    "K624": _FILL + """
cpu = kdsl.device("cpu")
x = cpu.zeros(4)
with cpu.commands() as commands:
    fill.over(4)(x)
commands.update(x=cpu.zeros(8)[::2])
""",
    "K625": _FILL + """
fill.over(4)(np.zeros(4, np.float32), stream="fast")
""",
    "K626": """
kdsl.device("cpu").zeros((4, -1))
""",
    "K631": _SCALE + """
scale.over(4)(2.0, 3.5, np.ones(4, np.float32))
""",
    "K632": _SCALE + """
scale.over(4)(2.0, 2**40, np.ones(4, np.float32))
""",
    "K633": _SCALE + """
scale.over(4)(np.ones(4, np.float32), 4, np.ones(4, np.float32))
""",
    "K634": """
@kdsl.kernel
def fill(x: Array[f32, 1], value: kdsl.const):
    x[kdsl.global_id(0)] = value[0]

fill.over(4)(np.zeros(4, np.float32), [1.0, 2.0])
""",
    "K641": _FILL + """
cpu = kdsl.device("cpu")
x = cpu.zeros(4)
with cpu.commands() as commands:
    fill.over(4)(x)
commands.update(y=cpu.zeros(4))
""",
    "K642": _FILL + """
cpu = kdsl.device("cpu")
x = cpu.zeros(4)
with cpu.commands() as commands:
    fill.over(4)(x)
commands.update(x=np.zeros(4, np.float32))
""",
    "K643": _FILL + """
cpu = kdsl.device("cpu")
x = cpu.zeros(4)
with cpu.commands() as commands:
    fill.over(4)(x)
    commands.submit()
""",
    "K651": _FILL + """
n = 1000
fill[n / 250, 250](np.zeros(n, np.float32))
""",
    "K652": _FILL + """
fill[(2, 2, 2, 2), 8](np.zeros(128, np.float32))
""",
    "K653": _FILL + """
fill[-1, 256](np.zeros(256, np.float32))
""",
    "K654": _FILL + """
fill[4, 0](np.zeros(4, np.float32))
""",
    "K655": _FILL + """
fill[1, 4096](np.zeros(4096, np.float32))
""",
    "K656": _FILL + """
fill[2**62 + 1, 1](np.zeros(4, np.float32))
""",
    "K657": _FILL + """
fill[(), 256](np.zeros(256, np.float32))
""",
    "K658": _FILL + """
fill[4](np.zeros(4, np.float32))
""",
    "K659": _FILL + """
fill(np.zeros(4, np.float32))
""",
    "K660": """
@kdsl.kernel(grid=lambda n: n)
def fill(x: Array[f32, 1]):
    x[kdsl.global_id(0)] = 1.0

fill(np.zeros(4, np.float32))
""",
    "K661": _FILL + """
kdsl.freeze()
fill.over(4)(np.zeros(4, np.float32))
""",
    "K662": _FILL + """
fill.interpret(subgroups=8).over(4)(np.zeros(4, np.float32))
""",
    "K670": """
kdsl.load("kernels_that_nobody_built")
""",
    "K671": _BUNDLE + """
from pathlib import Path
manifest = Path("kernels/manifest.json")
manifest.write_text(manifest.read_text().replace('"version": 2', '"version": 999'))
kdsl.load("kernels")
""",
    "K672": _BUNDLE + """
from pathlib import Path
manifest = Path("kernels/manifest.json")
manifest.write_text(manifest.read_text().replace('"debug": false', '"debug": true'))
kdsl.load("kernels")
""",
    "K673": _BUNDLE + """
x = kdsl.device("null").array(np.zeros(4, np.float32))
kdsl.load("kernels").fill.over(4)(x)
""",
    "K674": _BUNDLE + """
kdsl.load("kernels").fill.over(4)(np.zeros(4, np.int32))
""",
    "K676": _BUNDLE + """
import os
os.environ["KDSL_INTERPRET"] = "1"
kdsl.load("kernels").fill.over(4)(np.zeros(4, np.float32))
""",
    "K677": """
@kdsl.kernel(export=[{"z": Array[f32, 1]}])
def fill(x):
    x[kdsl.global_id(0)] = 1.0

kdsl.build([fill], "kernels.kdsl", ["x86-64-v3"])
""",
    "K679": """
from kdsl.bundle.settings import read_settings
read_settings(".")
""",
    "K681": """
kdsl.from_source("def add(x):\\n    return x + 1\\n", file="made.py")
""",
    "K682": """
from kdsl.compiler import lower
from kdsl.target import parse_target

k = kdsl.from_ir('''kernel @fill(%x: array<f32, 1, global, unit=0>) {math = 'default'} {
  %i = simt.global_id {axis = 0} : index
  %one = arith.constant {value = 1.0} : f32
  memory.store %x, %i, %one {offset = 0}
  scf.yield
}''')
kdsl.from_ir(lower(k.function, parse_target("x86-64-v2")))
""",
    "K683": _BUNDLE + """
from kdsl.interop.native import check_kernel

check_kernel(kdsl.load("kernels").fill)
""",
    "K684": _FILL + """
import os
os.environ["KDSL_PTXAS"] = "missing/ptxas"
kdsl.build([fill], "kernels", ["cuda:sm_80"], binary=True)
""",
    "K680": _FILL + """
kdsl.build([fill], "kernels", ["x86-64-v2"], library="My-Kernels")
""",
    "K685": _FILL + """
from pathlib import Path
Path("taken").write_text("a file")
kdsl.build([fill], "taken", ["x86-64-v3"])
""",
    "K678": _FILL + """
kdsl.build([fill, kdsl.kernel(fill.function)], "kernels.kdsl", ["x86-64-v3"])
""",
}
