# SPDX-License-Identifier: GPL-2.0-or-later
"""What the module declares of the library is what the header has."""

import ctypes
import enum
import re
import subprocess
import tempfile
import unittest
from ctypes import POINTER, c_void_p
from pathlib import Path
from typing import Any

import iiobridge
from iiobridge import _errors, _library, _rx, _stream

TOP = Path(__file__).parents[2]
HEADER = TOP / "include/iiobridge/iiobridge.h"

# What the module has no use for.
UNUSED = {
    "iiobridge_board_clock",
    "iiobridge_board_records_endpoint",
    "iiobridge_control_find",
    "iiobridge_conversion_new",
    "iiobridge_conversion_pack_planar",
    "iiobridge_conversion_unpack_planar",
    "iiobridge_route_channel_mask",
    "iiobridge_route_endpoint_in",
    "iiobridge_route_endpoint_out",
    "iiobridge_route_sample_rate_millihertz",
    "iiobridge_tx_acquire",  # what is packed is written in one call
    "iiobridge_tx_submit",
}
UNUSED_STRUCTURES = {"iiobridge_buffer", "iiobridge_clock_offset", "iiobridge_value"}

TYPES = {
    "void": None,
    "bool": ctypes.c_bool,
    "int": ctypes.c_int,
    "unsigned int": ctypes.c_uint,
    "double": ctypes.c_double,
    "size_t": ctypes.c_size_t,
    "int64_t": ctypes.c_int64,
    "uint32_t": ctypes.c_uint32,
    "uint64_t": ctypes.c_uint64,
    "char *": ctypes.c_char_p,
    "void *": c_void_p,
    "unsigned int *": POINTER(ctypes.c_uint),
    "size_t *": POINTER(ctypes.c_size_t),
}

# What the module has as enumerations, and by which names the header has them.
ENUMERATIONS: dict[str, type[enum.Enum]] = {
    "IIOBRIDGE_ROUTE_": iiobridge.RouteKind,
    "IIOBRIDGE_TRANSFER_": iiobridge.Transfer,
    "IIOBRIDGE_CONTROL_": iiobridge.Role,
    "IIOBRIDGE_CONTROL_IS_": iiobridge.ControlKind,
    "IIOBRIDGE_RECORD_": iiobridge.RecordFlags,
    "IIOBRIDGE_STREAM_": _stream.StreamFlags,
    "IIOBRIDGE_BLOCK_": _rx.BlockFlags,
}


def without_comments() -> str:
    return re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.DOTALL)


def ctypes_of(declared: str) -> Any:
    """The type of a declaration, which may have a name behind it."""
    declared = re.sub(r"\bconst\b", "", declared)
    match = re.fullmatch(r"\s*((?:struct |unsigned )?\w+)\s*(\**)\s*\w*\s*", declared)
    assert match, declared
    name, stars = match[1], match[2]
    if name.startswith("struct "):
        structure = _library.STRUCTURES.get(name.removeprefix("struct "))
        if structure:
            assert stars == "*", declared
            return POINTER(structure)
        return c_void_p if stars == "*" else POINTER(c_void_p)
    return TYPES[f"{name} {stars}".strip()]


def prototypes() -> dict[str, tuple[Any, ...]]:
    found = {}
    pattern = r"^([a-z][\w ]*?[ *]+)(iiobridge_\w+)\(([^;]*)\);"
    text = re.sub(r"\*\n", "* ", without_comments())
    for result, name, arguments in re.findall(pattern, text, re.MULTILINE):
        if name not in UNUSED:
            kinds = [] if arguments == "void" else arguments.split(",")
            found[name] = (ctypes_of(result), *map(ctypes_of, kinds))
    return found


def names_in_header(pattern: str) -> set[str]:
    return set(re.findall(pattern, without_comments(), re.MULTILINE))


def numbers_of_compiler(expressions: list[str]) -> list[int]:
    """What C says of expressions of the header's."""
    lines = "".join(f'printf("%lld\\n", (long long)({e}));\n' for e in expressions)
    source = (
        "#include <iiobridge/iiobridge.h>\n#include <stdio.h>\n"
        f"int main(void)\n{{\n{lines}return 0;\n}}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "numbers"
        subprocess.run(
            ["cc", f"-I{TOP}/include", "-x", "c", "-o", program, "-"],
            input=source, text=True, check=True,
        )  # fmt: skip
        # The sanitizers are for this process.
        run = subprocess.run(
            [program], stdout=subprocess.PIPE, text=True, check=True, env={"PATH": ""}
        )
    return [int(line) for line in run.stdout.split()]


class Header(unittest.TestCase):
    def test_all_functions_are_declared_with_their_types(self) -> None:
        declared = prototypes()
        self.assertGreater(len(declared), 100)
        self.assertEqual(declared, _library.PROTOTYPES)

    def test_those_that_are_not_used_are_in_the_header(self) -> None:
        self.assertLessEqual(UNUSED, names_in_header(r"\b(iiobridge_\w+)\("))

    def test_all_structures_are_declared(self) -> None:
        declared = names_in_header(r"^struct (\w+) \{$")
        self.assertEqual(declared, set(_library.STRUCTURES) | UNUSED_STRUCTURES)

    def test_structures_have_the_members_sizes_and_offsets_of_the_compiler(self) -> None:
        text = without_comments()
        expressions, expected = [], []
        for name, structure in _library.STRUCTURES.items():
            match = re.search(rf"^struct {name} {{\n(.*?)^}};", text, re.MULTILINE | re.DOTALL)
            assert match
            members = re.findall(r"(\w+)(?:\[\d+\])?;", match[1])
            self.assertEqual([field[0] for field in structure._fields_], members)
            expressions.append(f"sizeof(struct {name})")
            expected.append(ctypes.sizeof(structure))
            for member in members:
                expressions.append(f"__builtin_offsetof(struct {name}, {member})")
                expressions.append(f"sizeof(((struct {name} *)0)->{member})")
                expected += [getattr(structure, member).offset, getattr(structure, member).size]
        self.assertEqual(numbers_of_compiler(expressions), expected)

    def test_errors_have_the_numbers_of_the_header(self) -> None:
        named = {
            name: number
            for name, number in re.findall(r"IIOBRIDGE_ERROR_(\w+) = (-\d+),", without_comments())
        }
        self.assertEqual({int(number) for number in named.values()}, set(_errors._CLASSES))
        self.assertEqual(iiobridge.Refused.result, int(named["REFUSED"]))
        self.assertEqual(iiobridge.Timeout.result, int(named["TIMEOUT"]))
        self.assertEqual(iiobridge.Ended.result, int(named["ENDED"]))

    def test_enumerations_have_the_numbers_of_the_header(self) -> None:
        members = [
            (f"{prefix}{member.name}", member.value)
            for prefix, kind in ENUMERATIONS.items()
            for member in kind
        ]
        numbers = numbers_of_compiler([name for name, _ in members])
        self.assertEqual(numbers, [number for _, number in members])

    def test_formats_have_the_numbers_of_the_header(self) -> None:
        from iiobridge._samples import _FORMATS

        names = ["S8", "S16", "S32", "F32", "F32"]
        numbers = numbers_of_compiler([f"IIOBRIDGE_FORMAT_{name}" for name in names])
        self.assertEqual(numbers, list(_FORMATS.values()))


class Symbols(unittest.TestCase):
    def test_all_functions_are_exported(self) -> None:
        exported = (TOP / "library/libiiobridge.map").read_text()
        for name in _library.PROTOTYPES:
            self.assertIn(f"\t{name};\n", exported)
