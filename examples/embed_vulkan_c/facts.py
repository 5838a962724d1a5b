"""What main.c must know of the bundle, as a header: `python facts.py BUNDLE > facts.h`. It reads the manifest and nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def facts(bundle: Path) -> str:
    """#defines of the kernel `saxpy` for launches that may end inside of blocks."""
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    kernel = next(k for k in manifest["kernels"] if k["name"] == "saxpy")
    artifact = next(a for a in kernel["variants"][0]["artifacts"] if a["target"].startswith("vulkan") and a["cut"])
    lines = [f'#define SPV_FILE "{artifact["file"]}"', f'#define ENTRY "{artifact["entry"]["symbol"]}"']
    lines.append(f"#define BLOCK {artifact['block'][0] // artifact['entry']['coarsen']}")
    lines.append(f"#define THREADS_PER_BLOCK {artifact['block'][0]}")
    end = 0
    for argument in artifact["arguments"]:
        lines.append(f"#define AT_{argument['name'].replace('.', '_').upper()} {argument['offset']}")
        end = max(end, argument["offset"] + 8)
    return "\n".join([*lines, f"#define ARGUMENT_BYTES {end}", ""])


if __name__ == "__main__":
    print(facts(Path(sys.argv[1])), end="")
