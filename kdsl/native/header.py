"""The C header of a library of kernels, and the files by which CMake and pkg-config find it.

One idea: a header is the documentation that a C programmer opens first, so it says for each kernel what Python's docstring
says, and for each structure what its fields mean.
"""

from __future__ import annotations

from collections.abc import Sequence

from .glue import Function, c_type

__all__ = ["cmake_config", "header_text", "pkg_config"]

_TYPES = """\
#ifndef KDSL_TYPES
#define KDSL_TYPES
/* An array in memory. shape: the extent of each axis. strides: the bytes from one element to the next along each axis; NULL
 * where the elements lie side by side, the last axis fastest. Neither is needed after the call. */
typedef struct {
    void *data;
    const int64_t *shape;
    const int64_t *strides;
} kdsl_array;

/* What is launched: blocks along each axis, threads of a block along each axis, and threads that exist along each axis (no
 * more than grid * block, and more than would fit into one block less). Axis 0 varies fastest. */
typedef struct {
    int64_t grid[3], block[3], threads[3];
} kdsl_launch;

/* grid blocks of block threads, along one axis. */
static inline kdsl_launch kdsl_grid(int64_t grid, int64_t block) {
    kdsl_launch l = {{grid, 1, 1}, {block, 1, 1}, {grid * block, 1, 1}};
    return l;
}
/* Exactly x threads, x * y or x * y * z threads: code guards the last blocks. */
static inline kdsl_launch kdsl_over(int64_t x) {
    kdsl_launch l = {{(x + 255) / 256, 1, 1}, {256, 1, 1}, {x, 1, 1}};
    return l;
}
static inline kdsl_launch kdsl_over2(int64_t x, int64_t y) {
    kdsl_launch l = {{(x + 31) / 32, (y + 7) / 8, 1}, {32, 8, 1}, {x, y, 1}};
    return l;
}
static inline kdsl_launch kdsl_over3(int64_t x, int64_t y, int64_t z) {
    kdsl_launch l = {{(x + 31) / 32, (y + 3) / 4, (z + 1) / 2}, {32, 4, 2}, {x, y, z}};
    return l;
}

/* What a call returns: 0, or one of these in the low byte and the number of the argument that is wrong, from 1, in the next. */
enum kdsl_error {
    KDSL_OK = 0,
    KDSL_NO_POINTER = 1,   /* a null pointer where an array, a shape or a value is expected */
    KDSL_BAD_GEOMETRY = 2, /* a grid, block (1 to 1024 threads) or number of threads that cannot be */
    KDSL_BAD_EXTENT = 3,   /* a negative extent, or an array larger than memory */
    KDSL_NOT_ALIGNED = 4,  /* an array whose elements are not aligned as their type is */
    KDSL_OVERLAPS = 5,     /* an array to be written whose elements share memory */
    KDSL_NO_MEMORY = 6,    /* out of memory */
    KDSL_NO_CODE = 7       /* the library holds no code for this processor */
};
#define KDSL_ERROR_KIND(e) ((e) & 255)
#define KDSL_ERROR_ARGUMENT(e) ((e) >> 8)

/* Runs pieces of a launch: body(state, begin, end, worker) for ranges that cover [0, items) once, on any threads. worker is a
 * number below that of the threads, no two of which run at once under one number. Returns when all have run. */
typedef void kdsl_body(void *state, int64_t begin, int64_t end, int64_t worker);
typedef void kdsl_parallel(void *context, kdsl_body *body, void *state, int64_t items);
#endif
"""

_COMMON = """\
/* How many threads launches use, the caller among them; 0: as many as the process has processors (or KDSL_NUM_THREADS says).
 * To be said before the first launch. */
void {p}_set_threads(int32_t threads);
/* Run launches on threads of the caller's own instead of the library's, `threads` of them at most; NULL: the library's again.
 * Not while a launch runs. */
void {p}_set_parallel(kdsl_parallel *run, void *context, int32_t threads);
/* Ends the library's threads; launches after it run on the calling thread. Done by itself when the program ends. */
void {p}_shutdown(void);
/* What a number that a call returned means. */
const char *{p}_error_text(int32_t error);
"""


def header_text(prefix: str, functions: Sequence[Function], version: str) -> str:
    """NAME.h of a library whose functions begin with `prefix`."""
    guard = f"{prefix.upper()}_H"
    parts = [
        f"/* {prefix}: compute kernels, compiled by kdsl {version}. Every function may be called from any thread; a call returns\n"
        " * when the kernel has run. Of launches from several threads at once, one has the library's threads; the others run\n"
        " * alone. */\n"
        f'#ifndef {guard}\n#define {guard}\n#include <stdbool.h>\n#include <stdint.h>\n#ifdef __cplusplus\nextern "C" {{\n#endif\n',
        _TYPES,
        _COMMON.format(p=prefix),
        *[_declaration(prefix, f) for f in functions],
        "#ifdef __cplusplus\n}\n#endif\n#endif\n",
    ]
    return "\n".join(parts)


def _declaration(prefix: str, f: Function) -> str:
    words = [" ".join(f.doc.replace("*/", "* /").split())] if f.doc else []
    for p in f.params:
        if p.kind == "array":
            axes = f"{p.rank} {'axis' if p.rank == 1 else 'axes'}"
            done = (
                " and ".join([w for w, is_so in (("read", p.reads), ("written", p.writes)) if is_so]) or "not touched"
            )
            words.append(f" * {p.name}: {_short(p.dtype)}, {axes}, {done}.")
        elif c_type(p) == "const void *":
            words.append(f" * {p.name}: the {p.size_bytes} bytes of a {_short(p.dtype)}.")
        elif p.dtype in ("f16", "bf16", "f8e4m3", "f8e5m2"):
            words.append(f" * {p.name}: the bits of a {p.dtype}.")
    given = ["const kdsl_launch *launch", *[_spaced(c_type(p), p.name) for p in f.params]]
    said = "\n".join([f.name, *words] if not f.doc else words)
    return f"/* {said} */\nint32_t {prefix}_{f.name}({', '.join(given)});\n"


def _short(dtype: str) -> str:
    return dtype.split(" {")[0]


def _spaced(type: str, name: str) -> str:
    return f"{type}{name}" if type.endswith("*") else f"{type} {name}"


def cmake_config(prefix: str) -> str:
    """lib/cmake/NAME/NAMEConfig.cmake: find_package(NAME) gives NAME::NAME, the static library, and NAME::shared."""
    return f"""\
# find_package({prefix}): the targets {prefix}::{prefix} (static) and {prefix}::shared.
get_filename_component(_{prefix}_root "${{CMAKE_CURRENT_LIST_DIR}}/../../.." ABSOLUTE)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(_{prefix}_machine x86_64)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(_{prefix}_machine aarch64)
else()
  set({prefix}_FOUND FALSE)
  set({prefix}_NOT_FOUND_MESSAGE "{prefix} was not built for ${{CMAKE_SYSTEM_PROCESSOR}}")
  return()
endif()
set(_{prefix}_lib "${{_{prefix}_root}}/lib/${{_{prefix}_machine}}")
if(NOT EXISTS "${{_{prefix}_lib}}/lib{prefix}.a")
  set({prefix}_FOUND FALSE)
  set({prefix}_NOT_FOUND_MESSAGE "{prefix} was not built for ${{_{prefix}_machine}}")
  return()
endif()
find_package(Threads REQUIRED)
if(NOT TARGET {prefix}::{prefix})
  add_library({prefix}::{prefix} STATIC IMPORTED)
  set_target_properties({prefix}::{prefix} PROPERTIES
    IMPORTED_LOCATION "${{_{prefix}_lib}}/lib{prefix}.a"
    INTERFACE_INCLUDE_DIRECTORIES "${{_{prefix}_root}}/include"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
  add_library({prefix}::shared SHARED IMPORTED)
  set_target_properties({prefix}::shared PROPERTIES
    IMPORTED_LOCATION "${{_{prefix}_lib}}/lib{prefix}.so"
    INTERFACE_INCLUDE_DIRECTORIES "${{_{prefix}_root}}/include")
endif()
"""


def pkg_config(prefix: str, machine: str, version: str) -> str:
    """lib/MACHINE/pkgconfig/NAME.pc"""
    return f"""\
prefix=${{pcfiledir}}/../../..
Name: {prefix}
Description: Compute kernels, compiled by kdsl
Version: {version}
Cflags: -I${{prefix}}/include
Libs: -L${{prefix}}/lib/{machine} -l{prefix}
Libs.private: -pthread
"""
