"""The check of signatures agrees with a library and with the vectors of RFC 8032."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from freehold_install.ed25519 import ORDER, is_signed
from hypothesis import given, settings
from hypothesis import strategies as st

VECTORS = [  # RFC 8032, section 7.1: public key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_standard(public: str, message: str, signature: str) -> None:
    assert is_signed(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


@settings(max_examples=20, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200), bit=st.integers(0, 511))
def test_what_a_library_signs_passes_and_one_changed_bit_does_not(seed: bytes, message: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert is_signed(public, message, signature)
    spoilt = bytearray(signature)
    spoilt[bit // 8] ^= 1 << bit % 8
    assert not is_signed(public, message, bytes(spoilt))
    assert not is_signed(public, message + b"x", signature)


def test_a_scalar_beyond_the_order_is_refused() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = key.sign(b"message")
    larger = (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")
    assert not is_signed(key.public_key().public_bytes_raw(), b"message", signature[:32] + larger)


@pytest.mark.parametrize("public", [b"", bytes(31), b"\xff" * 32])
def test_a_key_that_is_none_signs_nothing(public: bytes) -> None:
    assert not is_signed(public, b"", bytes(64))
