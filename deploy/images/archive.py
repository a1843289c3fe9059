"""Writing an image as one archive, readable by `docker load` and as an OCI layout, always the same to the last byte.

Layers are not compressed: the digest of compressed bytes would depend on the compressor's version. Times are fixed,
names sorted, owners are numbers.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.images.tree import Entry, Tree

LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True)
class Layer:
    """One layer: what it is called in the history, and its tar."""

    title: str
    tar: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.tar).hexdigest()


def layer(title: str, tree: Tree, epoch: int) -> Layer:
    """Write the files of a tree as a layer."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, entry in sorted(tree.entries.items()):
            archive.addfile(_member(path, entry, epoch), io.BytesIO(entry.data) if entry.data is not None else None)
    return Layer(title, out.getvalue())


def write_image(
    target: Path, name: str, layers: Sequence[Layer], config: Mapping[str, Any], epoch: int
) -> dict[str, Any]:
    """Write the archive of the image `name` (with its tag); returns name, digest, id, bytes unpacked and layers."""
    created = datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    about = _json(
        {
            "created": created,
            "architecture": "amd64",
            "os": "linux",
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{one.digest}" for one in layers]},
            "history": [{"created": created, "created_by": one.title} for one in layers],
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": _descriptor(CONFIG_TYPE, about),
            "layers": [_descriptor(LAYER_TYPE, one.tar) for one in layers],
        }
    )
    _write(target, name, [one.tar for one in layers], about, manifest, epoch)
    return {
        "name": name,
        "digest": f"sha256:{_sha(manifest)}",
        "id": f"sha256:{_sha(about)}",
        "bytes": sum(len(one.tar) for one in layers),
        "layers": [f"sha256:{one.digest}" for one in layers],
    }


def _write(target: Path, name: str, layers: Sequence[bytes], about: bytes, manifest: bytes, epoch: int) -> None:
    blobs = {f"blobs/sha256/{_sha(data)}": data for data in (*layers, about, manifest)}
    described = _descriptor(MANIFEST_TYPE, manifest) | {
        "annotations": {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": name}
    }
    loadable = [{"Config": _blob(about), "RepoTags": [name], "Layers": [_blob(one) for one in layers]}]
    files = blobs | {
        "index.json": _json({"schemaVersion": 2, "manifests": [described]}),
        "manifest.json": _json(loadable),
        "oci-layout": _json({"imageLayoutVersion": "1.0.0"}),
    }
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for path, data in sorted(files.items()):
            archive.addfile(_member(path, Entry(0o644, data), epoch), io.BytesIO(data))


def _member(path: str, entry: Entry, epoch: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(path)
    member.mtime, member.mode, member.uid, member.gid = epoch, entry.mode, entry.owner, entry.owner
    if entry.is_folder:
        member.type = tarfile.DIRTYPE
    elif entry.target:
        member.type, member.linkname = tarfile.SYMTYPE, entry.target
    else:
        member.size = len(entry.data or b"")
    return member


def _descriptor(kind: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "digest": f"sha256:{_sha(data)}", "size": len(data)}


def _blob(data: bytes) -> str:
    return f"blobs/sha256/{_sha(data)}"


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _json(data: Any) -> bytes:
    return json.dumps(data, indent=1, sort_keys=True).encode()
