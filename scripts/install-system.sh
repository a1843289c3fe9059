#!/bin/sh
# Install from Debian's archive what a command needs and the machine lacks.
#
#   install-system.sh run        python3 with venv, and a font for boards as PDF and PNG
#   install-system.sh servers    … and PostgreSQL, RabbitMQ, nginx, for `make run-full`
#   install-system.sh test       … and Chromium with a Chinese font, for `make test`
#   install-system.sh deploy     as for servers, with promtool, pgBackRest and ssh-keygen, for `make test-deploy-short`
#   install-system.sh images     what images and the bundle are built with: dpkg-deb, ssh-keygen
#   install-system.sh engine     … and a container engine with compose, for `make test-deploy`
#   install-system.sh bench      as for servers, and the load generator wrk, for `make bench`
#
# Nothing is asked of apt when nothing is missing. Debian starts a server's service as soon as it is installed; a
# policy-rc.d of ours forbids that for the time of the installation, because Freehold starts servers of its own.
set -eu

has() { command -v "$1" >/dev/null 2>&1; }
matches() { for path in "$@"; do [ -e "$path" ] && return 0; done; return 1; }
usable_python() {
    python=$("$(dirname "$0")/find-python.sh" 2>/dev/null) && [ -n "$python" ]
}

missing=""
need() { missing="$missing $*"; }
# Wished for: its absence stops nothing, and is told by what would use it.
wished=""
wish() { wished="$wished $*"; }

purpose=${1:?"usage: install-system.sh run|servers|test|deploy|images|engine|bench"}
usable_python || need python3 python3-venv
matches /usr/share/fonts/truetype/wqy/* || wish fonts-wqy-microhei
case $purpose in
servers | test | deploy | bench)
    matches /usr/lib/postgresql/*/bin/initdb || has initdb || need postgresql
    matches /usr/lib/rabbitmq/bin/rabbitmq-server || need rabbitmq-server
    has nginx || matches /usr/sbin/nginx || need nginx-light
    ;;
esac
case $purpose in
test)
    has chromium || need chromium
    matches /usr/lib/*/libatomic.so.1 /lib/*/libatomic.so.1 || need libatomic1 # the Node that drives Chromium
    matches /usr/share/fonts/opentype/noto/*CJK* /usr/share/fonts/truetype/wqy/* || need fonts-noto-cjk
    ;;
deploy)
    has promtool || need prometheus
    has pgbackrest || need pgbackrest
    has ssh-keygen || need openssh-client # signs the bundle
    ;;
images) has dpkg-deb || need dpkg; has ssh-keygen || need openssh-client ;;
engine)
    has dockerd || matches /usr/sbin/dockerd || need docker.io
    docker compose version >/dev/null 2>&1 || has docker-compose || need docker-compose
    has debootstrap || matches /usr/sbin/debootstrap || need debootstrap # what stands for a fresh server is made with it
    has ssh-keygen || need openssh-client
    ;;
bench) has wrk || need wrk ;;
esac
needed=$missing
missing="$missing$wished"
[ -n "$missing" ] || exit 0
give_up() {
    [ -n "$needed" ] || { echo "Going on without:$wished" >&2; exit 0; }
    exit 1
}

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif has sudo && { [ -n "$needed" ] || sudo -n true 2>/dev/null; }; then
    as_root="sudo"
else
    echo "Missing Debian packages:$missing" >&2
    echo "Install them as root:  apt-get install --no-install-recommends$missing" >&2
    give_up
fi
has apt-get || { echo "Please install:$missing (this machine has no apt-get)" >&2; give_up; }

policy=/usr/sbin/policy-rc.d
log=$(mktemp)
ours=""
finish() {
    [ -z "$ours" ] || $as_root rm -f "$policy"
    rm -f "$log"
}
trap finish EXIT
trap 'exit 130' INT TERM
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
    ours=yes
fi

echo "Installing Debian packages:$missing"
apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$log" 2>&1; }
# shellcheck disable=SC2086
if ! { apt update && apt install --no-install-recommends $missing; }; then
    tail -n 20 "$log" >&2
    echo "apt-get could not install:$missing" >&2
    give_up
fi

# The package makes a cluster and enables services for the next boot; ours are private, so those stay off.
if has systemctl; then
    for service in postgresql rabbitmq-server nginx prometheus; do
        case " $missing " in *" $service"*) $as_root systemctl disable --quiet "$service" 2>/dev/null || true ;; esac
    done
fi
