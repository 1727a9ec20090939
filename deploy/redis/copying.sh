# What `backup` and `restore` have in common; read by them, not run.

refuse() {
    echo "$(basename "$0"): $1" >&2
    exit 1
}

# check_rdb FILE DRAFT: refuses a file that the server's own program finds broken. It chooses its task by its name.
check_rdb() {
    if [ -n "${CHECK_RDB:-}" ]; then
        checker=$2/redis-check-rdb
        ln -sf "$(command -v "$CHECK_RDB")" "$checker"
    else
        checker=$(command -v valkey-check-rdb || command -v redis-check-rdb) \
            || refuse "no redis-check-rdb or valkey-check-rdb: see CHECK_RDB"
    fi
    "$checker" "$1" >"$2/checked" 2>&1 && grep -q 'RDB looks OK' "$2/checked" \
        || refuse "$checker does not take it for whole (is it the one of your server?): $(tail -n 1 "$2/checked")"
    rm -f "$2/redis-check-rdb"
}

# copy_trail FROM TO: brings TO, a copy of an audit trail, up to date. Files only grow; one that is shorter than its
# copy is another trail, and its copy may be all that is left of the first.
copy_trail() {
    mkdir -p "$2"
    for file in "$1"/audit-*; do
        [ -f "$file" ] || continue
        copy=$2/$(basename "$file")
        new=$(wc -c <"$file") old=0
        [ ! -e "$copy" ] || old=$(wc -c <"$copy")
        [ "$new" -ge "$old" ] || refuse "$copy is longer than $file: it was not replaced"
        if [ "$new" -gt "$old" ]; then
            cp -p "$file" "$copy.draft"
            mv "$copy.draft" "$copy"
        fi
    done
}
