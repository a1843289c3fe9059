"""What Prometheus learns of backups, through node-exporter's textfile collector.

The commands are no servers that could be scraped: they leave a small file, whose values stay until the next success.
"""

from __future__ import annotations

import re
from pathlib import Path

METRICS = {
    "last_backup": ("freehold_last_backup_timestamp_seconds", "When the last backup was whole and sealed."),
    "last_backup_seconds": ("freehold_last_backup_duration_seconds", "How long it took."),
    "last_files_backup": ("freehold_last_files_backup_timestamp_seconds", "When files were backed up last."),
    "last_verified_restore": ("freehold_last_verified_restore_timestamp_seconds",
                              "When a restoration gave back every row and file last."),
    "last_verified_restore_seconds": ("freehold_last_verified_restore_duration_seconds", "How long it took."),
}
_LINE = re.compile(r"^(freehold_[a-z_]+) (\S+)$", re.MULTILINE)


def report(file: Path, **values: float) -> None:
    """Change some values; the file is replaced as a whole, as the collector wants it."""
    known = dict(_LINE.findall(file.read_text(encoding="utf-8"))) if file.exists() else {}
    known |= {METRICS[name][0]: f"{value:.3f}" for name, value in values.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.new")
    draft.write_text("".join(
        f"# HELP {name} {about}\n# TYPE {name} gauge\n{name} {known[name]}\n"
        for name, about in METRICS.values() if name in known), encoding="utf-8")
    draft.chmod(0o644)
    draft.replace(file)
