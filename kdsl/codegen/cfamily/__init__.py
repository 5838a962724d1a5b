"""Text of C's family: what HIP C++ and the Metal Shading Language have in common.

In reading order: `forms` (expressions and how rows spell them), `plan` (what is known before the first line), `emitter`
(lines, names, what waits to be written), `control`, `exits` (loops that are left), `memory` and `functions` (that kernels call). A
dialect is a table: `Dialect` in `emitter`.

One idea: the text reads as a person would have written it. A value that is used once is written where it is used, a
value that a loop carries is a variable that changes, and the user's names are kept.
"""
