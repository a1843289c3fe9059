# Give each file that standard input names (`path group mode` a line) below the folder $1 to root and its group, and say
# which were otherwise. With `dry` as $2 nothing is changed.
set -eu
cd "$1"
while read -r file group mode; do
    if [ -z "$file" ]; then continue; fi
    if [ "$(stat -c '%U %G 0%a' "$file")" = "root $group $mode" ]; then continue; fi
    echo "$file"
    if [ "$2" = dry ]; then continue; fi
    chown "root:$group" "$file"
    chmod "$mode" "$file"
done
