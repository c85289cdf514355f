"""What the header of a Linux program says about it."""

import struct

# e_machine, from the ELF specification.
PROCESSORS = {62: "amd64", 183: "arm64"}
PT_INTERP = 3


class NotElf(Exception):
    """The file is not a program for 64-bit Linux."""


def processor(program):
    """The processor that a program is for, by its name in image indexes; the number of an unknown one."""
    number = _field(program, 18, "<H")
    return PROCESSORS.get(number, str(number))


def is_static(program):
    """Whether a program runs without a dynamic loader, which an empty image does not have."""
    offset, size, count = _field(program, 32, "<Q"), _field(program, 54, "<H"), _field(program, 56, "<H")
    return all(_field(program, offset + size * index, "<I") != PT_INTERP for index in range(count))


def _field(program, offset, form):
    if program[:6] != b"\x7fELF\x02\x01":
        raise NotElf("it is not a 64-bit little-endian ELF file")
    try:
        return struct.unpack_from(form, program, offset)[0]
    except struct.error:
        raise NotElf(f"the file ends after {len(program)} bytes, before its program header") from None
