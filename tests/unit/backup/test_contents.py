"""Snapshots of folders: what was kept comes back, once, and no stranger's bytes are taken for ours."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from freehold.backup.contents import Contents
from freehold.backup.errors import BackupError
from freehold.backup.keys import derive, make_recovery_key, open_key, seal_key
from freehold.backup.store import PIECE, Store

KEY, OTHER = bytes(range(32)), bytes(32)


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    return Contents(tmp_path / "repository", KEY)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "customer").mkdir(parents=True)
    (folder / "customer" / "contract.pdf").write_bytes(b"contract")
    (folder / "customer" / "contract.pdf").chmod(0o640)
    return folder


def pieces(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "repository" / "pieces").rglob("*") if path.is_file()]


def test_files_come_back_with_mode_below_another_root(contents: Contents, files: Path, tmp_path: Path) -> None:
    snapshot = contents.take([files])
    assert contents.restore(contents.read(snapshot.name), (files,), tmp_path / "root") == 1
    back = tmp_path / "root" / str(files).lstrip("/") / "customer" / "contract.pdf"
    assert back.read_bytes() == b"contract"
    assert back.stat().st_mode & 0o777 == 0o640


def test_the_same_bytes_are_kept_once(contents: Contents, files: Path, tmp_path: Path) -> None:
    (files / "copy.pdf").write_bytes(b"contract")
    contents.take([files])
    contents.take([files])
    assert len(pieces(tmp_path)) == 1


def test_a_large_file_is_cut_and_joined(contents: Contents, files: Path, tmp_path: Path) -> None:
    large = os.urandom(2 * PIECE + 5)
    (files / "large.bin").write_bytes(large)
    snapshot = contents.take([files])
    assert len(pieces(tmp_path)) == 4
    contents.restore(snapshot, (files,), tmp_path / "root")
    assert (tmp_path / "root" / str(files / "large.bin").lstrip("/")).read_bytes() == large


def test_what_can_be_made_anew_and_the_key_itself_are_left_out(contents: Contents, files: Path) -> None:
    for name in ("report.duckdb", "report.duckdb.wal", "half.new", "lock", "repository-key", "pgbackrest.conf"):
        (files / name).write_bytes(b"no")
    assert contents.take([files]).files == 1


def test_a_changed_file_is_read_again(contents: Contents, files: Path) -> None:
    contents.take([files])
    (files / "customer" / "contract.pdf").write_bytes(b"changed!")
    os.utime(files / "customer" / "contract.pdf", ns=(1, 1))
    contents.restore(contents.take([files]), (files,))
    assert (files / "customer" / "contract.pdf").read_bytes() == b"changed!"


def test_a_time_has_the_files_before_and_after_it(contents: Contents, files: Path) -> None:
    first = contents.take([files])
    (files / "customer" / "contract.pdf").unlink()
    (files / "customer" / "offer.pdf").write_bytes(b"offer")
    second = contents.take([files])
    between = second.made_at - (second.made_at - first.made_at) / 2
    assert [one.name for one in contents.around(between)] == [first.name, second.name]
    assert [one.name for one in contents.around(second.made_at + timedelta(hours=1))] == [second.name]


def test_pieces_go_with_the_last_list_that_names_them(contents: Contents, files: Path, tmp_path: Path) -> None:
    contents.take([files])
    (files / "customer" / "contract.pdf").write_bytes(b"something else")
    newest = contents.take([files])
    assert contents.expire(35) == 0
    for name in contents.names()[:-1]:
        (tmp_path / "repository" / "snapshots" / name).rename(
            tmp_path / "repository" / "snapshots" / f"2020{name[4:]}")
    assert contents.expire(35) == 1
    assert contents.names() == [newest.name]
    assert contents.verify(newest) == 1


def test_an_altered_swapped_or_missing_piece_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path, KEY)
    one, two = store.put(b"one"), store.put(b"two")
    first, second = tmp_path / one[:2] / one, tmp_path / two[:2] / two
    first.write_bytes(second.read_bytes())
    with pytest.raises(BackupError, match="was altered"):
        store.get(one)
    first.unlink()
    with pytest.raises(BackupError, match="lacks the piece"):
        store.get(one)
    with pytest.raises(BackupError, match="another repository key"):
        Store(tmp_path, OTHER).get(two)


def test_only_the_recovery_key_opens_what_was_sealed_to_it(tmp_path: Path) -> None:
    make_recovery_key(tmp_path / "one.key", tmp_path / "one.pub")
    make_recovery_key(tmp_path / "two.key", tmp_path / "two.pub")
    sealed = seal_key(KEY, tmp_path / "one.pub")
    assert open_key(sealed, tmp_path / "one.key") == KEY
    with pytest.raises(BackupError, match="not the recovery key"):
        open_key(sealed, tmp_path / "two.key")
    with pytest.raises(BackupError, match="is there already"):
        make_recovery_key(tmp_path / "one.key", tmp_path / "one.pub")
    assert (tmp_path / "one.key").stat().st_mode & 0o777 == 0o600


def test_each_use_has_a_key_of_its_own() -> None:
    assert len({derive(KEY, use) for use in ("postgres", "pieces", "names", "id")}) == 4
