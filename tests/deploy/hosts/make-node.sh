#!/bin/bash
# Make what stands for a company's fresh server, and the part of a bundle that its installation needs:
#
#   make-node.sh FOLDER    an image freehold-test/node:bookworm with systemd and sshd alone, FOLDER/debs (a flat apt
#                          repository) and FOLDER/wheels-app (the product with all it needs)
#
# Needs root, debootstrap and a container engine. What is in FOLDER already is used again.
set -euo pipefail

folder=$(mkdir -p "${1:?"usage: make-node.sh FOLDER"}" && cd "$1" && pwd)
cd "$(dirname "$0")/../../.."
root=$folder/root
hosts=($(.venv/bin/python -c 'import yaml; known = yaml.safe_load(open("deploy/ansible/roles/common/defaults/main.yml")); print(*known["freehold_packages"], *known["freehold_cluster_packages"])'))

archive() {
    { sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources; awk '$1 == "deb" {print $(NF > 3 && $2 ~ /^\[/ ? 3 : 2)}' /etc/apt/sources.list; } 2>/dev/null |
        tr ' ' '\n' | grep -v security | head -n 1
}
inside() { chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }

if [ "$(cat "$folder/debs.of" 2>/dev/null)" != "${hosts[*]}" ]; then
    rm -rf "$root" "$folder/debs"
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,python3,openssh-server,apt-utils,iproute2,procps \
        bookworm "$root" "$(archive)" >"$folder/debootstrap.log" 2>&1 || { tail "$folder/debootstrap.log" >&2; exit 1; }
    cp -L /etc/resolv.conf "$root/etc/"
    mkdir -p "$root/etc/ssl/certs"
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    cp -r /etc/apt/apt.conf.d "$root/etc/apt/"
    inside apt-get -qq update
    mkdir -p "$folder/debs" "$root/var/debs/partial"
    inside apt-get -qq -y --no-install-recommends --download-only -o Dir::Cache::Archives=/var/debs install "${hosts[@]}"
    mv "$root"/var/debs/*.deb "$folder/debs/"
    mount --bind "$folder/debs" "$root/mnt"
    inside sh -c 'cd /mnt && apt-ftparchive packages .' >"$folder/Packages"
    umount "$root/mnt"
    mv "$folder/Packages" "$folder/debs/Packages"
    rm -rf "$root"/var/debs "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/etc/apt/sources.list*
    rm -f "$root"/etc/ssh/ssh_host_* "$root"/etc/machine-id
    : >"$root/etc/machine-id"
    docker image rm -f freehold-test/node:bookworm >/dev/null 2>&1 || true
    echo "${hosts[*]}" >"$folder/debs.of"
fi
if ! docker image inspect freehold-test/node:bookworm >/dev/null 2>&1; then
    tar -C "$root" -c . | docker import -c 'CMD ["/sbin/init"]' - freehold-test/node:bookworm >/dev/null
fi
mkdir -p "$folder/wheels-app"
# once FILE WANTED COMMAND…: run the command unless FILE says that WANTED was made already
once() {
    local stamp=$folder/$1 wanted=$2
    shift 2
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] || { "$@" && echo "$wanted" >"$stamp"; }
}
libraries() {
    rm -f "$folder"/wheels-app/*.whl "$folder/product.of"
    .venv/bin/python -m pip download -q --only-binary=:all: --require-hashes -d "$folder/wheels-app" -r requirements/runtime.txt
}
product() {
    rm -rf "$folder"/wheels-app/freehold-*.whl build/lib build/bdist.* && scripts/console.sh &&
        .venv/bin/python -m pip wheel -q --no-deps --no-build-isolation -w "$folder/wheels-app" .
}
shipped=(chassis services gateway freehold packs contracts console pyproject.toml)
once libraries.of "$(sha256sum <requirements/runtime.txt)" libraries
once product.of "$( { git ls-files -s "${shipped[@]}"; git diff "${shipped[@]}"; } | sha256sum)" product
