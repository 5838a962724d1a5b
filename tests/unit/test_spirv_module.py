"""The writer of SPIR-V modules: words, sections, what is made once."""

from __future__ import annotations

import struct

from kdsl.codegen.spirv.grammar import OPCODES, REVISION
from kdsl.codegen.spirv.module import Module, append, text_words


def test_literal_strings_end_in_a_zero_byte_and_fill_their_words():
    assert text_words("") == [0]
    assert text_words("abc") == [0x00636261]
    assert text_words("abcd") == [0x64636261, 0]
    assert text_words("é") == [0x0000A9C3]


def test_instructions_say_their_length():
    words: list[int] = []
    append(words, "Name", 7, *text_words("abcd"))
    assert words == [4 << 16 | OPCODES["Name"], 7, 0x64636261, 0]


def test_types_constants_strings_and_imports_are_made_once():
    m = Module((1, 5))
    assert m.int_(32) == m.int_(32) != m.int_(64)
    assert m.word(-1) == m.word(0xFFFFFFFF) != m.long(-1)
    assert m.truth(True) == m.truth(True) != m.truth(False)
    assert m.string("a.py") == m.string("a.py") != m.string("b.py")
    assert m.import_("GLSL.std.450") == m.import_("GLSL.std.450")
    assert m.pointer(5349, m.int_(32)) == m.pointer(5349, m.int_(32)) != m.pointer(4, m.int_(32))
    parts = (m.word(1), m.word(2))
    assert m.composite(m.array_(m.int_(32), 2), parts) == m.composite(m.array_(m.int_(32), 2), parts)
    assert list(m.capabilities) == ["Int64"]


def test_the_header_holds_version_and_bound():
    m = Module((1, 5))
    m.need("Shader")
    m.need("Shader", "SPV_KHR_16bit_storage")
    m.int_(32)
    words = struct.unpack(f"<{len(m.binary()) // 4}I", m.binary())
    assert words[:5] == (0x07230203, 0x00010500, 0, 2, 0)
    assert words[5] & 0xFFFF == OPCODES["Capability"]
    assert words[7] & 0xFFFF == OPCODES["Extension"]


def test_the_table_of_numbers_says_where_it_is_from():
    assert REVISION.startswith("1.6")
    assert (OPCODES["Nop"], OPCODES["IAdd"], OPCODES["GroupNonUniformShuffle"]) == (0, 128, 345)
