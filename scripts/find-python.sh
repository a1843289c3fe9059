#!/bin/sh
# Print a Python of 3.11 or newer that can make virtual environments; PYTHON names a preferred one.
set -eu

for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        command -v "$candidate"
        exit 0
    fi
done
echo "Freehold needs Python 3.11 or newer with its venv module." >&2
exit 1
