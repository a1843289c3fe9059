# Put the files of an archive, base64 on standard input, below the folder $1 where they differ, and say which those are.
# A file that is there keeps its owner and mode. With `dry` as $2 nothing is written.
set -eu
umask 077
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
base64 -d | tar -C "$new" -xf -
cd "$new"
find . -type f | sort | while read -r file; do
    if cmp -s "$file" "$1/$file"; then continue; fi
    echo "$file"
    if [ "$2" = dry ]; then continue; fi
    mkdir -p "$1/$(dirname "$file")"
    cp "$file" "$1/$file"
done
