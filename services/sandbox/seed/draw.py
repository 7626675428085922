"""Repeatable chance: the same question always gets the same answer, whatever was asked before.

A hash instead of a generator, so that one invoice can be made without making all others first.
"""

from hashlib import blake2b


def draw(seed: int, question: str) -> bytes:
    """32 bytes of chance for one question."""
    return blake2b(f"{seed}/{question}".encode(), digest_size=32).digest()


def guid(seed: int, question: str) -> str:
    """A version 4 shaped GUID."""
    h = blake2b(f"{seed}/{question}".encode(), digest_size=16).hexdigest()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"


def falls(byte: int, below: int) -> bool:
    """Whether a byte of chance falls among the first `below` of its 256 places."""
    return byte < below
