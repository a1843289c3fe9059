# Start every unit that is named anew: anew.sh PROGRAM SECONDS UNIT…
#
# A web role whose stand-in has a unit is restarted behind it: the stand-in serves the same address, so that requests are
# answered all the time. One after the other, because each needs a processor to start. What has none ends and starts at
# once, and last: a version whose stand-in does not become ready has stopped nothing.
set -eu
program=$1 seconds=$2
shift 2
units=/etc/systemd/system
rest=
trap 'exit 1' HUP INT TERM # dash runs no EXIT trap for a signal that nothing catches

ready() {
    "$program" wait answers --timeout "$seconds" \
        "$(sed -n 's|^Environment=FREEHOLD_ADMIN_LISTEN=\(.*\)|http://\1/healthz/ready|p' "$units/$1.service")"
}

systemctl daemon-reload
for unit in "$@"; do
    second=${unit%-web}-standin
    if [ ! -e "$units/$second.service" ] || ! systemctl -q is-active "$unit"; then
        rest="$rest $unit"
        continue
    fi
    trap 'systemctl stop "$second"' EXIT
    systemctl start "$second"
    ready "$second"
    systemctl restart "$unit"
    ready "$unit"
    systemctl stop "$second"
    trap - EXIT
done
[ -z "$rest" ] || systemctl restart $rest
