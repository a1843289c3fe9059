"""`freehold-install verify`: only what was sealed by a trusted key passes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from freehold_install.trust import trusted
from freehold_install.verify import RefusedError

from deploy.bundle import parts
from deploy.bundle.signing import public_half, sign
from tests.deploy.bundle.conftest import Bundle


def test_a_sealed_bundle_passes_and_nothing_is_changed(sealed: Bundle) -> None:
    before = {path: path.stat().st_mtime_ns for path in sealed.folder.rglob("*")}
    answer = sealed.call("verify", "--fingerprint", sealed.fingerprint)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "9.9.9 is whole" in answer.stdout
    assert "Nothing has been changed" in answer.stdout
    assert {path: path.stat().st_mtime_ns for path in sealed.folder.rglob("*")} == before


def test_a_key_that_nobody_named_is_not_trusted(sealed: Bundle) -> None:
    answer = sealed.call("verify")
    assert answer.returncode == 3
    assert f"--fingerprint {sealed.fingerprint}" in answer.stderr


def test_the_public_half_that_came_another_way_vouches_for_the_bundle(sealed: Bundle, tmp_path: Path) -> None:
    half = public_half(sealed.folder.parent / "key")
    named = tmp_path / "signers"
    named.write_text(f"# both of the change of 2027\nSHA256:{'A' * 43}\nrelease@freehold namespaces=\"x\" {half}")
    answer = sealed.call("verify", "--signers", str(named))
    assert (answer.returncode, answer.stderr) == (0, "")
    named.write_text(f"SHA256:{'A' * 43}\n")
    assert f"not by SHA256:{'A' * 43}" in sealed.call("verify", "--signers", str(named)).stderr


def test_a_key_that_came_with_the_bundle_is_no_witness(bundle: Bundle) -> None:
    (bundle.folder / "signer.pub").write_text(bundle.fingerprint)
    answer = bundle.call("verify", "--signers", str(bundle.folder / "signer.pub"))
    assert answer.returncode == 1
    assert "cannot vouch for itself" in answer.stderr


def test_where_a_key_is_pinned_nobody_names_another_one(sealed: Bundle, tmp_path: Path) -> None:
    pinned, other = tmp_path / "bundle-signers", f"SHA256:{'B' * 43}"
    pinned.write_text(public_half(sealed.folder.parent / "key"))
    assert trusted(sealed.folder, None, None, (pinned,)) == {sealed.fingerprint}
    assert trusted(sealed.folder, sealed.fingerprint, None, (pinned,)) == {sealed.fingerprint}
    with pytest.raises(RefusedError, match="is not among the keys"):
        trusted(sealed.folder, other, None, (pinned,))
    assert trusted(sealed.folder, other, None, (tmp_path / "nothing",)) == {other}


@pytest.mark.parametrize(("text", "mode", "said"), [
    ("# nothing\n", 0o644, "names no key"), ("ssh-rsa AAAA\n", 0o644, "a line that is no key"),
    ("ssh-ed25519 AAA\n", 0o644, "cut short"), (f"SHA256:{'A' * 43}\n", 0o666, "everybody may write")])
def test_a_file_of_signers_that_cannot_be_trusted_is_refused(sealed: Bundle, tmp_path: Path, text: str, mode: int,
                                                             said: str) -> None:
    (tmp_path / "signers").write_text(text)
    (tmp_path / "signers").chmod(mode)
    answer = sealed.call("verify", "--signers", str(tmp_path / "signers"))
    assert answer.returncode == 1
    assert said in answer.stderr


@pytest.mark.parametrize("name", ["images/app.tar.gz", "VERSION", "freehold_install/verify.py", "ansible/install.yml"])
@pytest.mark.parametrize("place", [0, -1])
def test_an_altered_byte_is_refused(bundle: Bundle, name: str, place: int) -> None:
    file = bundle.folder / name
    data = bytearray(file.read_bytes())
    data[place] ^= 0x20 if name.endswith(("py", "yml")) else 1
    file.write_bytes(data)
    answer = bundle.call("verify", "--fingerprint", bundle.fingerprint)
    assert answer.returncode == 1
    if name != "freehold_install/verify.py":
        assert f"{name} was altered" in answer.stderr


def _remove(folder: Path) -> None:
    (folder / "VERSION").unlink()


def _add(folder: Path) -> None:
    (folder / "ansible" / "more.yml").write_text("- hosts: all\n")


def _link(folder: Path) -> None:
    (folder / "VERSION").rename(folder.parent / "elsewhere")
    (folder / "VERSION").symlink_to(folder.parent / "elsewhere")


def _link_folder(folder: Path) -> None:
    (folder / "debs").symlink_to("/etc")


def _shorten_list(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    (folder / "SHA256SUMS").write_text("\n".join(lines[1:]) + "\n")


def _drop_signature(folder: Path) -> None:
    (folder / "SHA256SUMS.sig").unlink()


def _spoil_signature(folder: Path) -> None:
    lines = (folder / "SHA256SUMS.sig").read_text().splitlines()
    lines[-2] = lines[-2][:4] + ("A" if lines[-2][4] != "A" else "B") + lines[-2][5:]
    (folder / "SHA256SUMS.sig").write_text("\n".join(lines) + "\n")


def _garbage_signature(folder: Path) -> None:
    (folder / "SHA256SUMS.sig").write_bytes(b"\xff\xfe\0")


@pytest.mark.parametrize(
    "spoil",
    [_remove, _add, _link, _link_folder, _shorten_list, _drop_signature, _spoil_signature, _garbage_signature],
    ids=lambda one: one.__name__.strip("_"),
)
def test_a_bundle_that_is_not_as_sealed_is_refused(bundle: Bundle, spoil: Callable[[Path], None]) -> None:
    spoil(bundle.folder)
    answer = bundle.call("verify", "--fingerprint", bundle.fingerprint)
    assert answer.returncode == 1
    assert answer.stderr.startswith("REFUSED: ")
    assert "Traceback" not in answer.stderr


def test_who_seals_it_anew_with_his_own_key_is_found_out(bundle: Bundle, tmp_path: Path) -> None:
    (bundle.folder / "ansible" / "install.yml").write_text("- hosts: all\n  tasks: [{shell: 'steal'}]\n")
    for name in ("SHA256SUMS", "SHA256SUMS.sig"):
        (bundle.folder / name).unlink()
    sign(parts.checksums(bundle.folder), tmp_path / "his-key")
    answer = bundle.call("verify", "--fingerprint", bundle.fingerprint)
    assert answer.returncode == 1
    assert f"not by {bundle.fingerprint}" in answer.stderr


def test_a_signature_for_another_purpose_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    (bundle.folder / "SHA256SUMS.sig").unlink()
    key = tmp_path / "key"
    program = shutil.which("ssh-keygen") or "ssh-keygen"
    subprocess.run([program, "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    subprocess.run(
        [program, "-q", "-Y", "sign", "-f", str(key), "-n", "git", str(bundle.folder / "SHA256SUMS")],
        check=True,
        capture_output=True,
    )
    answer = bundle.call("verify", "--fingerprint", bundle.fingerprint)
    assert "made for another purpose" in answer.stderr


def test_openssh_agrees(sealed: Bundle) -> None:
    program = shutil.which("ssh-keygen") or "ssh-keygen"
    answer = subprocess.run(
        [program, "-Y", "check-novalidate", "-n", "freehold-bundle", "-s", str(sealed.folder / "SHA256SUMS.sig")],
        input=(sealed.folder / "SHA256SUMS").read_bytes(),
        capture_output=True,
        check=False,
    )
    assert answer.returncode == 0
    assert sealed.fingerprint in answer.stdout.decode()


def test_a_verb_that_changes_hosts_verifies_first(bundle: Bundle, tmp_path: Path) -> None:
    (bundle.folder / "VERSION").write_text("10\n")
    answer = bundle.call("install", "-i", str(tmp_path / "inventory"), "--fingerprint", bundle.fingerprint)
    assert answer.returncode == 1
    assert "VERSION was altered" in answer.stderr
    assert "From here on" not in answer.stdout


def test_only_verbs_with_a_playbook_are_offered(sealed: Bundle) -> None:
    said = sealed.call("--help").stdout
    assert "install " in said
    assert "rollback" not in said
