#!/bin/sh
# Make .venv and install pinned, hash-checked requirements into it.
#
#   python.sh runtime    what the product needs
#   python.sh dev        … and what tests and tools need
#   python.sh deploy     … and what tests of the deployment kit need
#
# A stamp per list makes the second call instant. pip's own configuration of the machine (index, certificates) applies.
set -eu
cd "$(dirname "$0")/.."

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c '' 2>/dev/null; then
    python=$(scripts/find-python.sh)
    echo "Making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi

launcher() {
    site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    pwd >"$site/freehold-checkout.pth"
    cat >.venv/bin/freehold <<END
#!$PWD/.venv/bin/python
import sys

from freehold.cli import main

sys.exit(main())
END
    chmod 755 .venv/bin/freehold
}

install() {
    list=$1
    stamp=.venv/.installed-$list
    want="$(sha256sum <"requirements/$list.txt") $PWD"
    [ "$(cat "$stamp" 2>/dev/null)" != "$want" ] || return 0
    echo "Installing Python packages ($list)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
        -r "requirements/$list.txt"
    launcher
    echo "$want" >"$stamp"
}

install runtime
case ${1:-runtime} in
runtime) ;;
*) install "$1" ;;
esac
