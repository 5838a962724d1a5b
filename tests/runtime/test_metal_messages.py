"""Every message that kdsl sends to Metal has the types that Apple's headers give it.

One idea: the messages are sent to nobody; what is looked at is whether each is one of the table, with its types. There is no Mac
here, so this is as near to one as a test comes.
"""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from kdsl.diagnostics import DeviceError
from kdsl.runtime.bindings.metal import Failure, Metal, Size, _Range

# Message -> what it gives and takes, in the letters of Objective-C's type encodings: @ object, Q and q 64-bit integers, B bool,
# C byte, d double, v nothing, * C string, ^ pointer, {S} MTLSize, {R} NSRange.
MESSAGES = {
    # NSObject, NSString, NSArray, NSError
    "retain": "@", "release": "v", "alloc": "@", "init": "@", "stringWithUTF8String:": "@*", "UTF8String": "*", "count": "Q",
    "objectAtIndex:": "@Q", "localizedDescription": "@", "domain": "@", "code": "q",
    # MTLDevice
    "name": "@", "registryID": "Q", "currentAllocatedSize": "Q", "recommendedMaxWorkingSetSize": "Q",
    "maxThreadgroupMemoryLength": "Q", "maxThreadsPerThreadgroup": "{S}", "newCommandQueue": "@", "newSharedEvent": "@",
    "supportsFamily:": "Bq",
    "newBufferWithLength:options:": "@QQ", "newBufferWithBytesNoCopy:length:options:deallocator:": "@^QQ^",
    "newLibraryWithSource:options:error:": "@@@^", "newLibraryWithData:error:": "@@^",
    "newComputePipelineStateWithFunction:error:": "@@^",
    # MTLBuffer, MTLCompileOptions, MTLLibrary, MTLComputePipelineState
    "contents": "^", "length": "Q", "device": "@", "gpuAddress": "Q", "setLanguageVersion:": "vQ", "setFastMathEnabled:": "vB",
    "newFunctionWithName:": "@@", "maxTotalThreadsPerThreadgroup": "Q", "threadExecutionWidth": "Q",
    "staticThreadgroupMemoryLength": "Q",
    # MTLCommandQueue, MTLCommandBuffer, MTLSharedEvent
    "commandBuffer": "@", "computeCommandEncoder": "@", "blitCommandEncoder": "@", "commit": "v", "waitUntilCompleted": "v",
    "status": "Q", "error": "@", "GPUEndTime": "d", "encodeSignalEvent:value:": "v@Q", "encodeWaitForEvent:value:": "v@Q",
    "signaledValue": "Q", "setSignaledValue:": "vQ",
    # the encoders
    "endEncoding": "v", "setComputePipelineState:": "v@", "setBuffer:offset:atIndex:": "v@QQ", "setBufferOffset:atIndex:": "vQQ",
    "setBytes:length:atIndex:": "v*QQ", "useResource:usage:": "v@Q",
    "dispatchThreadgroups:threadsPerThreadgroup:": "v{S}{S}",
    "copyFromBuffer:sourceOffset:toBuffer:destinationOffset:size:": "v@Q@QQ", "fillBuffer:range:value:": "v@{R}C",
}  # fmt: skip

_LETTERS: list[tuple[Any, str]] = [
    (None, "v"), (ctypes.c_void_p, "@^"), (ctypes.c_uint64, "Q"), (ctypes.c_int64, "q"), (ctypes.c_bool, "B"),
    (ctypes.c_uint8, "C"), (ctypes.c_double, "d"), (ctypes.c_char_p, "*"), (Size, "S"), (_Range, "R"),
]  # fmt: skip


def fits(kind: Any, letter: str) -> bool:
    return any(kind is k and letter in letters for k, letters in _LETTERS)


class Recorder(Metal):
    """Metal whose messages are kept, and answered with what somebody has put down for them."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.answers: dict[str, Any] = {}
        self.names: dict[int, str] = {}
        self._selectors, self._prototypes = {}, {}
        self._objc: Any = self
        self._system: Any = self
        self._metal: Any = self

    # The functions of the libraries
    def sel_registerName(self, name: bytes) -> int:
        self.names[len(self.names) + 1] = name.decode()
        return len(self.names)

    def objc_getClass(self, name: bytes) -> int:
        assert name in (b"NSString", b"MTLCompileOptions")
        return 9

    def objc_autoreleasePoolPush(self) -> int:
        return 8

    def objc_autoreleasePoolPop(self, pool: int) -> None:
        assert pool == 8

    def dispatch_data_create(self, data: bytes, size: int, queue: None, destructor: None) -> int:
        assert len(data) == size
        return 7

    def dispatch_release(self, held: int) -> None:
        assert held == 7

    def MTLCopyAllDevices(self) -> int:
        return 6

    def _prototype(self, gives: Any, takes: tuple[Any, ...]) -> Any:
        def send(to: int, selector: int, *args: Any) -> Any:
            message = self.names[selector]
            letters = MESSAGES[message].replace("{", "").replace("}", "")
            assert fits(gives, letters[0]), f"{message} gives {letters[0]}"
            assert message.count(":") == len(args) == len(takes) == len(letters) - 1, message
            for kind, letter, value in zip(takes, letters[1:], args, strict=True):
                assert fits(kind, letter), f"{message} takes {letters[1:]}"
                if kind is not ctypes.c_void_p or not hasattr(value, "_obj"):  # of `byref`
                    kind.from_param(value)
            self.sent.append(message)
            default = {None: None, ctypes.c_char_p: b"text", ctypes.c_double: 0.5, Size: Size(3, 2, 1)}
            return self.answers.get(message, default.get(gives, 5))

        return send


def test_every_message_has_its_types() -> None:
    m = Recorder()
    assert m.devices() == [5] * 5 and m.name(1) == "text" and m.memory_bytes(1) == (5, 5)
    assert m.threadgroup_bytes(1) == 5 and m.threadgroup_size(1) == (3, 2, 1)
    assert m.is_of_family(1, 1008)
    assert m.new_buffer(1, 64) == m.new_buffer_over(1, 1 << 14, 1 << 14) == 5
    assert m.contents(2) == m.gpu_address(2) == m.buffer_bytes(2) == 5 and m.is_of(2, 1)
    assert m.new_library(1, "text", "3.1") == m.new_library_of(1, b"MTLB") == m.new_pipeline(1, 2, "k") == 5
    assert m.pipeline_facts(3) == (5, 5, 5)
    assert m.new_queue(1) == m.new_event(1) == m.commands(1) == m.compute(1) == m.blit(1) == 5
    m.play(1, [m.step("pipeline", 2), m.step("buffer", 2, 16, 0), m.step("offset", 32, 0), m.step("bytes", b"abcd", 1),
               m.step("resource", 4), m.step("launch", (1, 2, 3), (4, 5, 6))])  # fmt: skip
    m.copy(1, 2, 0, 3, 4, 5)
    m.fill(1, 2, 0, 4, 255)
    m.end(1)
    m.signal(1, 2, 3)
    m.wait_for(1, 2, 3)
    m.commit(1)
    m.finish(1)
    assert m.event_value(2) == 5 and m.end_seconds(1) == 0.5
    m.set_event_value(2, 7)
    m.answers |= {"UTF8String": b"MTLCommandBufferErrorDomain", "code": 8}
    assert m.error(1) == (Failure.OUT_OF_MEMORY, "MTLCommandBufferErrorDomain")  # of status 5, which is that of errors
    assert set(m.sent) == set(MESSAGES), set(MESSAGES) ^ set(m.sent)


def test_what_metal_does_not_make_is_an_error() -> None:
    m = Recorder()
    m.answers = dict.fromkeys(["newCommandQueue", "newSharedEvent", "commandBuffer", "computeCommandEncoder", "blitCommandEncoder"])
    for make in (m.new_queue, m.new_event, m.commands, m.compute, m.blit):
        with pytest.raises(DeviceError, match="Metal makes no (.|\n)*help"):
            make(1)
    m.answers = dict.fromkeys(["newLibraryWithData:error:", "newBufferWithBytesNoCopy:length:options:deallocator:"])
    assert m.new_buffer_over(1, 1 << 14, 1 << 14) == 0
    with pytest.raises(DeviceError, match="Metal does not load the library:\n  no reason given"):
        m.new_library_of(1, b"MTLB")
    m.answers = {"status": 4}
    assert m.error(1) == (0, "")
    m.answers = {"UTF8String": b"IOGPU", "code": 8}
    assert m.error(1) == (Failure.INTERNAL, "IOGPU")
