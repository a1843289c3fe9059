"""Packs that come as a zip: what is exported loads again, and hostile archives are refused before they hurt."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from gateway.packs import PackError, install_pack, load_pack, shipped_pack
from gateway.packs.archive import MAX_ARCHIVE_BYTES, MAX_MEMBERS, load_archive
from gateway.packs.export import Exported, export_pack, zipped
from tests.support.fake_freehold import FakeFreehold

MANIFEST = {"name": "own", "version": "1.0.0", "label": {"en": "Own"}, "requires": {"freehold": "0.1"},
            "order": ["groups"]}


def exported(server: FakeFreehold) -> Exported:
    return export_pack(server, name="own", version="1.0.0", label={"en": "Own"})


def archive(files: dict[str, bytes], *, unix_mode: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = unix_mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, content)
    return out.getvalue()


def test_an_export_installed_into_an_empty_product_exports_the_same_files() -> None:
    first, second = FakeFreehold(), FakeFreehold()
    install_pack(first, load_pack(shipped_pack("crm")))
    files = exported(first).files
    install_pack(second, load_archive(zipped(files)))
    assert dict(exported(second).files) == dict(files)
    assert zipped(files) == zipped(dict(reversed(files.items())))


def test_what_names_people_is_left_out_and_said() -> None:
    server = FakeFreehold()
    install_pack(server, load_pack(shipped_pack("crm")))
    rules = server.collections["/api/workflow/v1/rules"]
    rule = next(iter(rules.values()))
    rule["actions"] = [{"type": "assign", "to": {"user_id": "01890a5d-ac96-774b-bcce-b302099a8057"}}]
    made = exported(server)
    assert made.left_out == (("rule", rule["key"]),)
    assert "01890a5d" not in "".join(made.files.values())


def test_fields_that_the_system_keeps_stay_at_home_and_so_does_what_speaks_of_them() -> None:
    server, empty = FakeFreehold(), FakeFreehold()
    install_pack(server, load_pack(shipped_pack("crm")))
    lead = server.objects["lead"]
    lead["fields"].append({"name": "pool_id", "type": "choice", "label": {"en": "Pool"},
                           "options": {"managed": True, "choices": [{"value": "a", "label": {"en": "A"}}]}})
    lead["list_fields"].append("pool_id")
    view = next(one for one in server.collections["/api/customer/v1/views"].values() if one["object"] == "lead")
    view["columns"] = [*view["columns"], {"field": "pool_id", "width": None}]
    made = exported(server)
    assert made.left_out == (("view", view["key"]),)
    assert "pool_id" not in made.files["objects/lead.json"]
    install_pack(empty, load_archive(zipped(made.files)))
    assert empty.objects.keys() == server.objects.keys()


def test_a_chosen_object_takes_along_what_belongs_to_it_and_says_what_it_needs() -> None:
    server = FakeFreehold()
    install_pack(server, load_pack(shipped_pack("crm")))
    made = export_pack(server, name="leads", version="1.0.0", label={"en": "Leads"}, objects=["lead"])
    assert [path for path in made.files if path.startswith("objects/")] == ["objects/lead.json"]
    assert {"layouts/lead-form.json", "views/lead-board.json", "groups.json"} <= made.files.keys()
    assert "customer" in json.loads(made.files["pack.json"])["requires"]["objects"]
    assert load_archive(zipped(made.files)).name == "leads"


@pytest.mark.parametrize("data", [
    b"", b"PK\x03\x04 this is no archive", b"x" * (MAX_ARCHIVE_BYTES + 1),
    archive({"../outside.json": b"{}"}), archive({"/etc/passwd": b"{}"}), archive({"a\\..\\b.json": b"{}"}),
    archive({"C:/windows.json": b"{}"}), archive({"objects/link.json": b"/etc/passwd"}, unix_mode=0o120777),
    archive({"objects/bomb.json": b" " * 5_000_000}),
    archive({f"objects/{place}.json": b"" for place in range(MAX_MEMBERS + 1)}),
    archive({f"objects/{place}.json": b" " * 1_000_000 for place in range(40)}),
    archive({"readme.txt": b"no pack"}), archive({"pack.json": b"[" * 100_000}), archive({"pack.json": b"\xff\xfe"}),
])
def test_a_hostile_archive_is_refused(data: bytes) -> None:
    with pytest.raises(PackError):
        load_archive(data)


def test_an_archive_of_a_folder_is_read_like_its_files() -> None:
    groups = {"groups": [{"key": "own", "label": {"en": "Own"}, "position": 1}]}
    files = {"pack.json": json.dumps(MANIFEST).encode(), "groups.json": json.dumps(groups).encode()}
    assert [item.name for item in load_archive(archive(files)).items] == ["group/own"]
    inside = {f"own-1.0.0/{name}": content for name, content in files.items()}
    assert [item.name for item in load_archive(archive(inside)).items] == ["group/own"]
