"""Made-up next versions of the product: its own wheel with another number, one migration more, a fault if wished."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import zipfile
from pathlib import Path

MIGRATION = '''"""A column that only the made-up version knows."""
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "{before}"


def upgrade() -> None:
    op.add_column("object_def", sa.Column("of_the_next_version", sa.Integer(), nullable=True))
'''
FOLDER = "services/customer/store/migrations/"
# What is added to a file of a faulty version: one whose migration fails half way, one whose web roles never serve, one
# that is ready until it is watched.
FAULTS = {
    "migrating": (f"{FOLDER}9001_next.py", """    raise RuntimeError("this migration fails")
"""),
    "serving": ("chassis/web/__init__.py", """

def serve(*_: object) -> None:
    raise SystemExit("this version cannot serve")
"""),
    "watched": ("chassis/web/admin_port.py", """

_sound = _admin_app


def _admin_app(ready):
    asked = []
    app = _sound(lambda: ready() and not asked)

    def faulty(environ, start_response):
        asked.extend(["metrics"] if environ["PATH_INFO"] == "/metrics" else [])
        return app(environ, start_response)

    return faulty
"""),
}


def next_version(bundle: Path, target: Path, version: str, *, fault: str = "") -> Path:
    """A bundle of a version that comes after; everything else of it is that of `bundle`."""
    shutil.copytree(bundle / "debs", target / "debs", copy_function=_link)
    (target / "wheels-app").mkdir()
    for wheel in (bundle / "wheels-app").glob("*.whl"):
        if wheel.name.startswith("freehold-"):
            _rewrite(wheel, target / "wheels-app", version, fault)
        else:
            _link(str(wheel), str(target / "wheels-app" / wheel.name))
    return target


def _rewrite(wheel: Path, folder: Path, version: str, fault: str) -> None:
    before = wheel.name.split("-")[1]
    with zipfile.ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}
    renamed = {name.replace(f"freehold-{before}.dist-info", f"freehold-{version}.dist-info"): body
               for name, body in files.items()}
    info = f"freehold-{version}.dist-info"
    _change(renamed, f"{info}/METADATA", f"\nVersion: {before}\n", f"\nVersion: {version}\n")
    _change(renamed, "freehold/__init__.py", f'"{before}"', f'"{version}"')
    numbers = sorted(name for name in renamed if re.match(FOLDER + r"\d{4}_", name))
    revision = re.search(rb'^revision = "(\w+)"', renamed[numbers[-1]], re.MULTILINE)
    assert revision
    renamed[f"{FOLDER}9001_next.py"] = MIGRATION.format(before=revision.group(1).decode()).encode()
    if fault:
        file, added = FAULTS[fault]
        renamed[file] += added.encode()
    record = "".join(f"{name},sha256={_digest(body)},{len(body)}\n" for name, body in renamed.items())
    with zipfile.ZipFile(folder / wheel.name.replace(f"-{before}-", f"-{version}-"), "w", zipfile.ZIP_DEFLATED) as out:
        for name, body in renamed.items():
            out.writestr(name, body)
        out.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\n")


def _change(files: dict[str, bytes], name: str, old: str, new: str) -> None:
    assert old.encode() in files[name], name
    files[name] = files[name].replace(old.encode(), new.encode())


def _digest(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)
