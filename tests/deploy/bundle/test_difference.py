"""A difference between two bundles: small, and worth as much as the whole once it is completed."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from deploy.bundle.packing import pack, pack_difference, version_of
from tests.deploy.bundle.conftest import Bundle, make_bundle


@pytest.fixture
def earlier(tmp_path: Path) -> Bundle:
    return make_bundle(tmp_path / "freehold-9.9.9", tmp_path / "key")


@pytest.fixture
def difference(tmp_path: Path, earlier: Bundle) -> Bundle:
    """What 9.9.10 has and 9.9.9 has not, unpacked."""
    later = make_bundle(tmp_path / "freehold-9.9.10", tmp_path / "key", "9.9.10")
    old = pack(earlier.folder, tmp_path / "old.tar")
    assert version_of(old) == "9.9.9"
    archive = pack_difference(later.folder, old, tmp_path / "difference.tar")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "there")
    return Bundle(tmp_path / "there" / "freehold-9.9.10", later.fingerprint)


def test_what_has_not_changed_is_left_out(difference: Bundle) -> None:
    names = {str(file.relative_to(difference.folder)) for file in difference.folder.rglob("*") if file.is_file()}
    assert {"VERSION", "SHA256SUMS", "SHA256SUMS.sig", "freehold-install"} <= names
    assert "images/app.tar.gz" not in names


def test_by_itself_it_does_not_pass(difference: Bundle) -> None:
    answer = difference.call("verify", "--fingerprint", difference.fingerprint)
    assert answer.returncode == 1
    assert "images/app.tar.gz is missing" in answer.stderr
    assert "complete --from" in answer.stderr


def test_completed_it_is_the_whole(difference: Bundle, earlier: Bundle) -> None:
    answer = difference.call("complete", "--from", str(earlier.folder), "--fingerprint", difference.fingerprint)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "9.9.10 is whole" in answer.stdout
    assert (difference.folder / "images" / "app.tar.gz").read_bytes() == bytes(range(256)) * 64


def test_an_earlier_bundle_that_was_altered_is_found_out(difference: Bundle, earlier: Bundle) -> None:
    (earlier.folder / "images" / "app.tar.gz").write_bytes(b"another")
    answer = difference.call("complete", "--from", str(earlier.folder), "--fingerprint", difference.fingerprint)
    assert answer.returncode == 1
    assert "missing or was altered" in answer.stderr
    assert not (difference.folder / "images" / "app.tar.gz").exists()


def test_the_wrong_earlier_bundle_is_named(difference: Bundle, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    answer = difference.call("complete", "--from", str(tmp_path / "none"), "--fingerprint", difference.fingerprint)
    assert (answer.returncode, "is no unpacked bundle" in answer.stderr) == (1, True)
    (tmp_path / "none" / "SHA256SUMS").write_text("0" * 64 + "  ../../etc/passwd\n")
    answer = difference.call("complete", "--from", str(tmp_path / "none"), "--fingerprint", difference.fingerprint)
    assert (answer.returncode, "names no file of the bundle" in answer.stderr) == (1, True)
    (tmp_path / "none" / "SHA256SUMS").write_text("0" * 64 + "  other\n")
    answer = difference.call("complete", "--from", str(tmp_path / "none"), "--fingerprint", difference.fingerprint)
    assert (answer.returncode, "neither this bundle nor" in answer.stderr) == (1, True)
