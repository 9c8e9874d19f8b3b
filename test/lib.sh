# lib.sh - what demo.sh and test.sh share: packages, build, imitation, cleanup.
#
# Sourced, not run. It sets root (the checkout), tmp (a folder that is removed
# at the end, the servers in it stopped) and, in prepare, PG_CONFIG and bindir.
# Set PG_CONFIG to choose among installed PostgreSQL versions.
set -euo pipefail
export LC_ALL=C.UTF-8

majors="18 17 16 15"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# ---------------------------------------------------------------- the frame

# Say what is being done.
say() {
    printf '== %s\n' "$*"
}

# Say what is wrong and end.
die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Run a command, and show what it printed only if it fails.
quietly() {
    "$@" </dev/null >"$tmp/quiet.log" 2>&1 || {
        cat "$tmp/quiet.log" >&2
        return 1
    }
}

# Run a command as root.
as_root() {
    if [ "$EUID" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Whether as_root can work.
can_be_root() {
    [ "$EUID" -eq 0 ] || command -v sudo >/dev/null
}

# Run a command as the user of the server, whom PostgreSQL wants not to be root.
as_server() {
    if [ "$EUID" -eq 0 ]; then
        runuser -u postgres -- env HOME="$tmp" "$@"
    else
        "$@"
    fi
}

# Make tmp, a folder of the server's user, with a path short enough for sockets.
make_tmp() {
    tmp=$(mktemp -d /tmp/batch_fdw.XXXXXX)
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Stop a server of which tmp holds the pid file, at once.
stop_server() {
    local pid
    pid=$(head -n 1 "$1") || return 0
    kill -QUIT "$pid" 2>/dev/null || return 0
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}

# Stop what runs and remove tmp.
clean_up() {
    trap '' INT TERM
    local file
    [ -z "${api_pid:-}" ] || kill "$api_pid" 2>/dev/null || true
    find "$tmp" -name postmaster.pid | while read -r file; do stop_server "$file"; done
    rm -rf "$tmp"
}

# ---------------------------------------------------------------- packages

# Print the major version of a pg_config; nothing if it does not run.
major_of() {
    "$1" --version 2>/dev/null | sed -n 's/^PostgreSQL \([0-9]*\).*/\1/p'
}

# Whether a pg_config belongs to a supported server with its development files.
is_complete() {
    case " $majors " in *" $(major_of "$1") "*) ;; *) return 1 ;; esac
    [ -x "$("$1" --bindir)/postgres" ] && [ -f "$("$1" --pgxs)" ]
}

# Print the pg_config to use: the one that is asked for, in PATH, or Debian's.
find_pg_config() {
    local candidate
    for candidate in ${PG_CONFIG:-pg_config $(printf '/usr/lib/postgresql/%s/bin/pg_config ' $majors)}; do
        if is_complete "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
}

# Print the major version to install: of the pg_config that is there, else the newest offered.
major_to_install() {
    local major offered
    offered=$(major_of "${PG_CONFIG:-pg_config}")
    for major in $offered $majors; do
        if apt-cache show "postgresql-server-dev-$major" >/dev/null 2>&1; then
            echo "$major"
            return
        fi
    done
}

# Print the Debian names of what is missing; what the tests alone need with "tests".
missing() {
    local command library
    for command in gcc make pkg-config python3; do
        command -v $command >/dev/null || echo $command
    done
    for library in libcurl=libcurl4-openssl-dev json-c=libjson-c-dev zlib=zlib1g-dev; do
        pkg-config --exists "${library%=*}" 2>/dev/null || echo "${library#*=}"
    done
    [ -n "$(find_pg_config)" ] || echo postgresql-NN postgresql-server-dev-NN
    [ -n "$(ls -A /etc/ssl/certs 2>/dev/null)" ] || echo ca-certificates
    if [ "${1:-}" = tests ]; then
        perl -MIPC::Run -e 1 2>/dev/null || echo libipc-run-perl
    fi
}

# Keep Debian from starting a server of its own when PostgreSQL is first installed.
forbid_main_cluster() {
    [ -e /usr/share/postgresql-common ] && return
    as_root mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
}

# Run apt-get without questions.
apt_get() {
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -o Dpkg::Options::=--force-confold "$@"
}

# Install what is missing, or say what it is.
install_missing() {
    local packages major
    packages=$(missing "$@" | xargs)
    [ -n "$packages" ] || return 0
    if ! command -v apt-get >/dev/null || ! can_be_root; then
        die "please install (Debian's names, NN one of $majors): $packages"
    fi
    say "Installing: $packages"
    apt_get update
    major=$(major_to_install)
    [ -n "$major" ] || die "apt offers no PostgreSQL of $majors"
    forbid_main_cluster
    # shellcheck disable=SC2086
    apt_get install --no-install-recommends ${packages//NN/$major}
    packages=$(missing "$@" | xargs)
    [ -z "$packages" ] || die "still missing after the installation: $packages"
}

# ---------------------------------------------------------------- build

# Print the files of the checkout, each ended by a zero byte.
list_files() {
    cd "$root"
    if [ -e .git ] && command -v git >/dev/null; then
        git -c safe.directory="$root" ls-files -z --cached --others --exclude-standard
    else
        find . -type f ! -name '*.o' ! -name '*.so' ! -name '*.bc' -print0
    fi
}

# Copy the checkout into a new folder of the server's user.
copy_checkout() {
    mkdir "$1"
    list_files | tar -C "$root" --null --ignore-failed-read -T - -cf - 2>/dev/null | tar -C "$1" --no-same-owner -xf -
    [ "$EUID" -ne 0 ] || chown -R postgres "$1"
}

# Run make in the current folder, for the PostgreSQL chosen, with every warning an error.
run_make() {
    make -s PG_CONFIG="$PG_CONFIG" with_llvm=no COPT="$warnings" "$@"
}

# Install the build, or keep to what is installed if this user may not.
install_build() {
    local libdir
    libdir=$("$PG_CONFIG" --pkglibdir)
    cd "$tmp/build"
    if [ -w "$libdir" ] && [ -w "$("$PG_CONFIG" --sharedir)/extension" ]; then
        run_make install
    elif can_be_root; then
        as_root make -s PG_CONFIG="$PG_CONFIG" with_llvm=no install
    elif [ -e "$libdir/batch_fdw.so" ]; then
        say "NOTE: no right to write to $libdir; using the batch_fdw that is installed there"
    else
        die "no right to install into $libdir: run 'make install' as root, or install sudo"
    fi
}

# Build a copy of the checkout.
build() {
    say "Building for $("$PG_CONFIG" --version)"
    copy_checkout "$tmp/build" && (cd "$tmp/build" && as_server make -s -j4 PG_CONFIG="$PG_CONFIG" with_llvm=no COPT="$warnings")
}

# Install what is missing and find PostgreSQL; "tests" as in missing.
prepare() {
    local variable
    install_missing "$@"
    PG_CONFIG=$(find_pg_config)
    export PG_CONFIG
    bindir=$("$PG_CONFIG" --bindir)
    warnings="-Wall -Wextra -Werror -isystem $("$PG_CONFIG" --includedir-server)"
    for variable in ${!PG@}; do
        [ "$variable" = PG_CONFIG ] || unset "$variable"
    done
    if [ "$EUID" -eq 0 ]; then
        id -u postgres >/dev/null 2>&1 || die "a server does not run as root: run this as another user, or make a user postgres"
        chown postgres "$tmp"
    fi
}

# ---------------------------------------------------------------- the imitation

# Start test/api.py with the options given; sets api_pid and api_port.
start_api() {
    local log=$tmp/api.log
    setsid python3 "$root/test/api.py" --parent $$ "$@" >"$log" 2>&1 &
    api_pid=$!
    until grep -q '^ready ' "$log"; do
        kill -0 "$api_pid" 2>/dev/null || return 1
        sleep 0.1
    done
    api_port=$(awk '/^ready / {print $2}' "$log")
}
