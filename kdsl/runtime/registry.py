"""Names to devices. A device's module loads when the device is first asked for; its absence is a reason, not an error.

One idea: one row per kind of device; adding a device adds a row.
"""

from __future__ import annotations

import os
import threading
from importlib import import_module

from ..diagnostics import refuse
from .api import Device

__all__ = ["KINDS", "device", "devices"]

# kind -> module with `open_device() -> Device`; in the order of preference for "the best available".
KINDS: dict[str, str] = {
    "cpu": "kdsl.runtime.cpu.device",
    "null": "kdsl.runtime.null",
}
_open: dict[str, Device] = {}
_lock = threading.RLock()


def device(name: str | Device | None = None) -> Device:
    """The device called `name` ("cpu", "cpu:0", "null"); without a name the one KDSL_DEVICE says, or the best.

    The same name gives the same object. An unknown name is refused with K501.
    """
    if isinstance(name, Device):
        return name
    wanted = name or os.environ.get("KDSL_DEVICE") or "cpu"
    if not isinstance(wanted, str):
        refuse("K501", None, f"there is no device {wanted!r}", help=f"the devices are: {', '.join(KINDS)}")
    found = _open.get(wanted)
    if found is not None:
        return found
    kind, _, index = wanted.partition(":")
    if kind not in KINDS or index not in ("", "0"):
        refuse("K501", None, f"there is no device {wanted!r}", help=f"the devices are: {', '.join(KINDS)}")
    with _lock:
        if kind not in _open:
            _open[kind] = import_module(KINDS[kind]).open_device()
        _open[wanted] = _open[kind]
    return _open[wanted]


def devices() -> list[tuple[str, str]]:
    """(name, what it is) of every device of this machine, for `kdsl doctor` and `kdsl.devices()`."""
    return [(kind, repr(device(kind))) for kind in KINDS]
