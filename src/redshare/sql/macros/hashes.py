"""Hash functions over bytes: each is a fold over a string's hexadecimal digits."""

from __future__ import annotations

from typing import Final

_BYTES: Final = """list_transform(range(0, length({hex}) // 2), lambda i:
    (strpos('0123456789ABCDEF', ({hex})[2 * i + 1]) - 1) * 16
    + strpos('0123456789ABCDEF', ({hex})[2 * i + 2]) - 1)"""
_TURNS: Final = 8


def _crc_table() -> str:
    table = []
    for number in range(256):
        value = number
        for _ in range(_TURNS):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(str(value))
    return f"[{', '.join(table)}]::BIGINT[]"


HASHES: Final[dict[str, str]] = {
    # The bytes that `h` spells in hexadecimal, as a list of numbers.
    "rs_bytes(h)": f"list_transform([h], lambda v: {_BYTES.format(hex='v')})[1]",
    # CRC-32C, in eight hexadecimal digits.
    "rs_crc32(s)": f"""
        list_transform([hex(encode(s))], lambda h: CASE WHEN h IS NULL THEN NULL ELSE
            format('{{:08x}}', xor(list_reduce(list_prepend(4294967295::BIGINT,
                list_transform(rs_bytes(h), lambda b: b::BIGINT)), lambda c, b:
                xor(c >> 8, ({_crc_table()})[(xor(c, b) & 255) + 1])), 4294967295::BIGINT))
            END)[1]""",
    # FNV-1a in 64 bits, shown signed.
    "rs_fnv(h, seed)": """
        list_transform([list_reduce(list_prepend(
                CASE WHEN seed < 0 THEN seed::HUGEINT + 18446744073709551616::HUGEINT
                    ELSE seed::HUGEINT END,
                list_transform(rs_bytes(h), lambda b: b::HUGEINT)), lambda f, b:
                (xor(f, b) * 1099511628211::HUGEINT) % 18446744073709551616::HUGEINT)],
            lambda f: CASE WHEN h IS NULL OR seed IS NULL THEN NULL
                WHEN f >= 9223372036854775808::HUGEINT
                THEN (f - 18446744073709551616::HUGEINT)::BIGINT ELSE f::BIGINT END)[1]""",
    "rs_getbit(h, n)": """
        list_transform([rs_bytes(h)], lambda b: CASE WHEN h IS NULL OR n IS NULL THEN NULL
            WHEN n < 0 OR n >= 8 * len(b)
            THEN error('#[22023] index ' || n::VARCHAR || ' out of valid range, 0..'
                || (8 * len(b) - 1)::VARCHAR || ']#')
            ELSE (b[len(b) - n // 8] >> (n % 8)) & 1 END)[1]::INTEGER""",
    # An integer's bytes in hexadecimal, the lowest first.
    "rs_little_endian(n, size)": """
        list_transform([n::HUGEINT], lambda v: array_to_string(list_transform(range(0, size),
            lambda i: format('{:02X}', (((v + CASE WHEN v < 0 THEN 18446744073709551616::HUGEINT
                ELSE 0 END) >> (8 * i)::INTEGER) & 255)::INTEGER)), ''))[1]""",
}
