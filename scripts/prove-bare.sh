#!/bin/bash
# Prove that the commands work on a bare Debian 12: make a minimal root, put a clone into it, run a command there.
#
#   scripts/prove-bare.sh ROOT make run            (ROOT: a folder that does not exist yet, or one made before)
#   PROVE_NODE=yes scripts/prove-bare.sh ROOT make test
#   PROVE_AGAIN=yes scripts/prove-bare.sh ROOT make run   (a second time, in the clone made before)
#
# Nothing of this machine is part of the repository: the archive and the certificates come from the machine's own
# apt and /etc/ssl, pip's and npm's settings from PROVE_PIP_CONF and PROVE_NPMRC (paths), further files and folders
# from PROVE_BIND (paths, divided by spaces, shown read-only at the same place). Needs root and debootstrap.
set -euo pipefail

root=${1:?"usage: prove-bare.sh ROOT COMMAND…"}
shift
[ $# -gt 0 ] || { echo "usage: prove-bare.sh ROOT COMMAND…" >&2; exit 2; }
clone=$(cd "$(dirname "$0")/.." && pwd)
packages=python3,python3-venv,make,git,ca-certificates

archive() {
    { sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources; awk '$1 == "deb" {print $(NF > 3 && $2 ~ /^\[/ ? 3 : 2)}' /etc/apt/sources.list; } 2>/dev/null |
        tr ' ' '\n' | grep -v security | head -n 1
}

if [ ! -x "$root/usr/bin/python3" ]; then
    debootstrap --variant=minbase --include="$packages" bookworm "$root" "${PROVE_ARCHIVE:-$(archive)}" >"$root.log" 2>&1 ||
        { tail "$root.log" >&2; exit 1; }
fi
if [ -z "${PROVE_AGAIN:-}" ]; then
    mkdir -p "$root/srv"
    rm -rf "$root/srv/freehold"
    git clone --quiet --no-hardlinks "$clone" "$root/srv/freehold"
fi

cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
cp -rL /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
[ ! -d /etc/apt/sources.list.d ] || cp -r /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d "$root/etc/apt/" 2>/dev/null || true
# Not by debootstrap, which does not see a package that is there under another one's name only.
[ -z "${PROVE_NODE:-}" ] || [ -x "$root/usr/bin/npm" ] || chroot "$root" /usr/bin/env -i DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    sh -c "apt-get -qq update && apt-get -qq -y --no-install-recommends install nodejs npm" >>"$root.log" 2>&1 || { tail "$root.log" >&2; exit 1; }
[ -z "${PROVE_PIP_CONF:-}" ] || cp "$PROVE_PIP_CONF" "$root/etc/pip.conf"
[ -z "${PROVE_NPMRC:-}" ] || cp "$PROVE_NPMRC" "$root/root/.npmrc"

# The mounts live in a namespace of their own and vanish with it, whatever happens to this script.
export root
exec unshare --mount --pid --fork --kill-child bash -c '
    set -euo pipefail
    mount --make-rprivate /
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/tmp" -o mode=1777
    for path in ${PROVE_BIND:-}; do
        mkdir -p "$root$path"
        mount --bind -o ro "$path" "$root$path"
    done
    settings=()
    while IFS= read -r name; do settings+=("$name=${!name}"); done < <(compgen -e | grep -E "^(PIP_CERT|PIP_INDEX_URL|PIP_DEFAULT_TIMEOUT|NPM_CONFIG_|NODE_EXTRA|SSL_CERT|[A-Za-z]+_[Pp][Rr][Oo][Xx][Yy]$)" || true)
    exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        "${settings[@]}" /bin/sh -c "cd /srv/freehold && exec \"\$@\"" sh "$@"
' bash "$@"
