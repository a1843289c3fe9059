# Say, as an archive in base64, what there is of the files that standard input names, below the folder $1.
set -eu
cd "$1" 2>/dev/null || cd "$(mktemp -d)"
while read -r file; do
    if [ -f "$file" ]; then echo "$file"; fi
done | tar -cf - -T - | base64
