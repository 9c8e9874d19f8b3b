# What demo.sh and test.sh share: installing, building, running as postgres.

PG_CONFIG=${PG_CONFIG:-pg_config}

# Say something on the terminal, apart from what commands print.
say() { printf '\n== %s\n' "$*" >&2; }

# Give up with a message.
die() { printf '%s\n' "$*" >&2; exit 1; }

# Run a command as root.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; return; fi
    command -v sudo >/dev/null || die "This needs root, and there is no sudo: $*"
    sudo "$@"
}

# Run a command as a user who may run a server: initdb refuses root.
as_server() {
    if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# List what is missing, as words; $1 = tests for what only the tests need.
missing() {
    local include word
    for word in gcc make pkg-config python3; do
        command -v "$word" >/dev/null || echo "$word"
    done
    if [ "${1:-}" = tests ]; then
        for word in prove openssl; do
            command -v "$word" >/dev/null || echo "$word"
        done
        perl -MIPC::Run -e 1 2>/dev/null || echo IPC::Run
        perl -MJSON::PP -e 1 2>/dev/null || echo JSON::PP
    fi
    for word in libcurl json-c zlib; do
        pkg-config --exists "$word" 2>/dev/null || echo "$word"
    done
    [ -s /etc/ssl/certs/ca-certificates.crt ] || [ -z "$(command -v apt-get)" ] || echo ca-certificates
    include=$("$PG_CONFIG" --includedir-server 2>/dev/null) || include=
    [ -n "$include" ] && [ -f "$include/postgres.h" ] || echo PostgreSQL\'s headers
    [ -n "$include" ] && [ -x "$("$PG_CONFIG" --bindir)/initdb" ] || echo PostgreSQL\'s server
}

# Tell the major version of pg_config's PostgreSQL; nothing where there is none.
configured_major() {
    "$PG_CONFIG" --version 2>/dev/null | sed -nE 's/^PostgreSQL ([0-9]+).*/\1/p'
}

# Tell the major version to install: that of pg_config, else the newest there is.
major() {
    local version
    version=$(configured_major)
    if [ -z "$version" ]; then
        version=$(apt-cache search --names-only '^postgresql-1[5-9]$' | sed -nE 's/^postgresql-([0-9]+) .*/\1/p' | sort -n | tail -n 1)
    fi
    echo "$version"
}

# Refuse what packages cannot mend: a pg_config of another PostgreSQL than can be
# built for, and folders that make cannot do with.
check_surroundings() {
    local version where
    version=$(configured_major)
    where=$(command -v "$PG_CONFIG" || true)
    if [ -n "$version" ] && { [ "$version" -lt 15 ] || [ "$version" -gt 19 ]; }; then
        die "$where is of PostgreSQL $version, and batch_fdw is for 15 to 19. Set PG_CONFIG to the pg_config of one of these, as in PG_CONFIG=/usr/lib/postgresql/17/bin/pg_config $0"
    fi
    case $where in
    '' | /usr/*) ;;
    *) [ -f "$("$PG_CONFIG" --includedir-server)/postgres.h" ] ||
        die "$where comes first in the PATH, and its PostgreSQL has no headers, which no package brings. Set PG_CONFIG to another, as in PG_CONFIG=/usr/bin/pg_config $0" ;;
    esac
    case $PWD in *[[:space:]]*) die "make cannot build in a folder with blanks in its name: $PWD" ;; esac
}

# Make a folder for what is thrown away, in one that make can do with.
make_work() {
    case ${TMPDIR:-} in *[[:space:]]*) export TMPDIR=/tmp ;; esac
    work=$(mktemp -d "${TMPDIR:-/tmp}/batch_fdw.XXXXXX")
    chmod 755 "$work"
}

# Install what is missing; $1 = tests for what only the tests need.
install_missing() {
    local lacking packages version made_conf= optional
    check_surroundings
    lacking=$(missing "${1:-}" | paste -sd, | sed 's/,/, /g')
    [ -n "$lacking" ] || return 0
    packages="ca-certificates gcc make pkg-config python3 libcurl4-openssl-dev libjson-c-dev zlib1g-dev"
    [ "${1:-}" != tests ] || packages="$packages libipc-run-perl openssl"
    command -v apt-get >/dev/null ||
        die "Missing: $lacking. Install a C compiler, make, pkg-config, python3, PostgreSQL 15 to 19 with its headers, and the headers of libcurl, json-c and zlib."
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
        die "Missing: $lacking. To install it needs root, and there is no sudo; let root run this once, or install: $packages, and PostgreSQL with its server-dev package."
    say "Installing what is missing: $lacking"
    as_root apt-get update -qq
    version=$(major)
    [ -n "$version" ] || die "apt offers no PostgreSQL 15 to 19."
    for optional in libisal-dev libzstd-dev; do
        ! apt-cache show "$optional" >/dev/null 2>&1 || packages="$packages $optional"
    done
    if ! [ -e /etc/postgresql-common ]; then
        as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
        made_conf=yes
    fi
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        $packages "postgresql-$version" "postgresql-client-$version" "postgresql-server-dev-$version" >/dev/null
    [ -z "$made_conf" ] || as_root rm -f /etc/postgresql-common/createcluster.conf
    lacking=$(missing "${1:-}" | paste -sd, | sed 's/,/, /g')
    [ -z "$lacking" ] || die "Still missing: $lacking."
}

# Tell whether this is the top of a git checkout, and not a folder below one.
is_checkout() {
    [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ]
}

# List the files of the checkout.
list_checkout() {
    if is_checkout; then
        git ls-files -co --exclude-standard
    else
        find . -type f ! -path './.git/*' ! -path './.build/*' ! -name '*.o' ! -name '*.so' -printf '%P\n'
    fi
}

# End the servers whose data is below a folder, by the shell's own kill.
end_servers() {
    local file pid
    for file in $(find "$1" -name postmaster.pid 2>/dev/null); do
        pid=$(head -n 1 "$file" 2>/dev/null) || continue
        kill -QUIT "$pid" 2>/dev/null || continue
        for _ in $(seq 50); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
    done
}

# Copy the checkout to $1, where what was compiled stays: times are kept, and
# what is no longer part of the checkout goes.
copy_checkout() {
    mkdir -p "$1"
    list_checkout | tar cf - --ignore-failed-read -T - | tar xf - -C "$1" --no-same-owner
    comm -13 <(list_checkout | sort) <(cd "$1" && find . -type f ! -name '*.o' ! -name '*.so' -printf '%P\n' | sort) |
        (cd "$1" && xargs -r -d '\n' rm -f)
}

# Build in $1 with warnings as errors, by the compiler $2, with further settings.
build() {
    local quiet=
    # The server's own flags are gcc's, some of which clang does not know.
    [ "${2:-gcc}" = gcc ] || quiet="-Wno-ignored-optimization-argument -Wno-unknown-warning-option -Wno-unused-command-line-argument"
    make -s -j"$(nproc)" -C "$1" with_llvm=no CC="${2:-gcc}" PG_CONFIG="$PG_CONFIG" "${@:3}" \
        COPT="-Wall -Wextra -Werror $quiet -isystem $("$PG_CONFIG" --includedir-server)" all
}

# Install from $1 into a PostgreSQL of our own, made in $2: its programs are
# copies, all else links to the installed one, which is never touched.  It finds
# its files from where its programs are.  Sets private, its pg_config.
install_privately() {
    local bin lib share
    bin=$("$PG_CONFIG" --bindir)
    lib=$("$PG_CONFIG" --pkglibdir)
    share=$("$PG_CONFIG" --sharedir)
    mkdir -p "$2$lib" "$2$share"
    cp -r --parents "$bin" "$2"
    cp -rs "$lib/." "$2$lib"
    cp -rs "$share/." "$2$share"
    rm -f "$2$lib"/batch_fdw* "$2$share"/extension/batch_fdw*
    private=$2$bin/pg_config
    make -s -C "$1" with_llvm=no PG_CONFIG="$private" install >/dev/null
    cmp "$1/batch_fdw.so" "$2$lib/batch_fdw.so"
}

# Start the imitation with the further arguments; sets api_pid, api_port, files_port.
start_imitation() {
    local log=$1 word
    shift
    setsid python3 -B test/imitation --parent $$ "$@" >"$log" 2>&1 &
    api_pid=$!
    for _ in $(seq 100); do
        read -r word api_port files_port <"$log" 2>/dev/null || true
        [ "${word:-}" = ready ] && return 0
        kill -0 "$api_pid" 2>/dev/null || die "test/imitation did not start: $(cat "$log")"
        sleep 0.1
    done
    die "test/imitation did not start."
}
