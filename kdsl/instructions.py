"""How many instructions of each kind a kernel's code has, from its assembly.

One idea: a table of patterns for mnemonics and operands per family of processors; what matches none is not counted.
The counts are of instructions in the code, not of those executed.
"""

from __future__ import annotations

import re

from .target import Target

__all__ = ["count_instructions"]

# (what, pattern of mnemonic and operands); the first that matches counts.
_X86 = (
    ("gathers", r"v?p?gather\w+ "),
    ("scatters", r"v?p?scatter\w+ "),
    ("fused multiply-adds", r"vfn?m(add|sub)\w+ "),
    ("divisions", r"v?div[ps][sd] |i?div[lq] "),
    ("square roots", r"v?sqrt[ps][sd] "),
    ("locked instructions", r"lock|x?chg[lq] "),
    ("vector stores", r"v?(mov[au]p[sd]|movdq[au]\d*|movnt\w+|p?maskmov\w*) %[xyz]mm\d+, [^%]*\("),
    ("vector loads", r"v?(mov[au]p[sd]|movdq[au]\d*|p?maskmov\w*|broadcast\w+|pbroadcast\w+) .*\(.*\).*%[xyz]mm"),
    ("vector operations with a load", r"v?\w+p[sd] [^%]*\(.*%[xyz]mm|vp\w+ [^%]*\(.*%[xyz]mm"),
    ("vector arithmetic", r"v?(add|sub|mul|min|max)p[sd] |v?p(add|sub|mull|min|max)\w* "),
    ("shuffles", r"v?(perm\w*|p?shuf\w*|unpck\w*|punpck\w*|p?blend\w*|palignr|valign\w) "),
    ("calls", r"call"),
    ("jumps", r"j\w+ "),
)
_ARM = (
    ("fused multiply-adds", r"fml[as] |fmn?adds? |fmsub "),
    ("divisions", r"[fsu]div "),
    ("square roots", r"fsqrt "),
    ("exclusive instructions", r"ld(ax|x)r|st(lx|x)r|cas|swp|ldadd"),
    ("vector stores", r"st[rpu]\w* q|st1 \{"),
    ("vector loads", r"ld[rpu]\w* q|ld1r? \{"),
    ("vector arithmetic", r"f?(add|sub|mul|min|max)\w* v"),
    ("shuffles", r"(tbl|zip[12]|uzp[12]|trn[12]|ext|rev\d+) v"),
    ("calls", r"blr? "),
    ("jumps", r"b(\.\w+)? |cbn?z |tbn?z "),
)


def count_instructions(assembly: str, target: Target) -> dict[str, int]:
    """Kind -> number of instructions, in the order of the table; "instructions" is all of them."""
    table = [(what, re.compile(p)) for what, p in (_ARM if target.triple.startswith("aarch64") else _X86)]
    counts = dict.fromkeys([what for what, _ in table], 0)
    total = 0
    for line in assembly.splitlines():
        text = " ".join(line.split("#")[0].split())
        if not text or text.endswith(":") or text[0] in "./@":
            continue
        total += 1
        for what, pattern in table:
            if pattern.match(text + " "):
                counts[what] += 1
                break
    return {"instructions": total, **{what: n for what, n in counts.items() if n}}
