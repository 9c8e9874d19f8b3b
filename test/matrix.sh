#!/usr/bin/env bash
# Run the tests in bare installations of Debian, one for each PostgreSQL, and
# print a table of what came of them: as root, with debootstrap
#   test/matrix.sh [suite[:architecture]...]
# bookworm has PostgreSQL 15, trixie 17, sid 18, experimental 19; these four
# unless told. TESTS names the part of test.sh that is run, all unless told;
# MIRROR is where Debian comes from. What is made is kept in .build/matrix.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=test/lib.sh
. test/lib.sh

mirror=${MIRROR:-http://deb.debian.org/debian}
[ "$(id -u)" -eq 0 ] || die "debootstrap and chroot need root."
command -v debootstrap >/dev/null || die "There is no debootstrap."
[ $# -gt 0 ] || set -- bookworm trixie sid experimental
home=$PWD/.build/matrix
mkdir -p "$home"

# Take the mounts away again.
unmount() {
    mountpoint -q "$root/proc" && umount "$root/proc"
    mountpoint -q "$root/dev" && umount -l "$root/dev"
    return 0
}

# Run a command in the chroot, with as little of an environment as a new machine has.
inside() {
    chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin ${pg_config:+PG_CONFIG="$pg_config"} "$@"
}

# Make a bare installation of a suite, where there is none yet.
make_root() {
    local suite=${1%%:*} architecture
    architecture=${1#"$suite"}
    [ -e "$root/made" ] && return
    rm -rf "$root"
    debootstrap --variant=minbase --include=git ${architecture:+--arch="${architecture#:}"} \
        "${suite/experimental/sid}" "$root" "$mirror" >"$root.log" 2>&1 || die "debootstrap: see $root.log"
    echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/valid"
    if [ "$suite" = experimental ]; then
        echo "deb $mirror experimental main" >>"$root/etc/apt/sources.list"
        inside apt-get update -qq
        inside env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends -t experimental \
            postgresql-19 postgresql-server-dev-19 >>"$root.log" 2>&1
    fi
    touch "$root/made"
}

# Run the tests of one; print its line of the table.
run_one() {
    local log=$home/$1.tests
    root=$home/$1
    pg_config=
    [ "${1%%:*}" != experimental ] || pg_config=/usr/lib/postgresql/19/bin/pg_config
    make_root "$1" >&2
    trap unmount EXIT
    mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
    mountpoint -q "$root/dev" || mount --bind /dev "$root/dev"
    copy_checkout "$root/work"
    inside sh -c "cd /work && ./test.sh ${TESTS:-all}" >"$log" 2>&1 || true
    printf '| %s | %s | %s |\n' "$1" "$(inside sh -c '${PG_CONFIG:-pg_config} --version' 2>/dev/null)" "$(tail -n 1 "$log")"
    unmount
}

echo '| Debian | PostgreSQL | tests |'
echo '|---|---|---|'
for suite; do
    run_one "$suite"
done
