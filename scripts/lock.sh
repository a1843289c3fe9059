#!/bin/sh
# Resolve requirements/*.in into pinned versions with hashes. Without arguments what is pinned stays pinned;
# `make lock UPGRADE=--upgrade` takes the newest versions.
set -eu
cd "$(dirname "$0")/.."

for name in runtime dev node deploy hosts; do
    UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --generate-hashes --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links "$@" -o "requirements/$name.txt" "requirements/$name.in"
done
