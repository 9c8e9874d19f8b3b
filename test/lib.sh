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

# List the programs and headers that are missing, as words.
missing() {
    local include
    command -v gcc make pkg-config python3 >/dev/null || echo compiler
    [ "${1:-}" != tests ] || perl -MIPC::Run -e 1 2>/dev/null || echo IPC::Run
    pkg-config --exists libcurl json-c zlib 2>/dev/null || echo libraries
    include=$("$PG_CONFIG" --includedir-server 2>/dev/null) || include=
    [ -n "$include" ] && [ -f "$include/postgres.h" ] || echo postgresql-headers
    [ -n "$include" ] && [ -x "$("$PG_CONFIG" --bindir)/initdb" ] || echo postgresql-server
}

# Tell the major version to install: that of pg_config, else the newest there is.
major() {
    local version
    version=$("$PG_CONFIG" --version 2>/dev/null | sed -nE 's/^PostgreSQL ([0-9]+).*/\1/p')
    if [ -z "$version" ]; then
        version=$(apt-cache search --names-only '^postgresql-1[5-8]$' | sed -nE 's/^postgresql-([0-9]+) .*/\1/p' | sort -n | tail -n 1)
    fi
    echo "$version"
}

# Install what is missing; $1 = tests for what only the tests need.
install_missing() {
    local lacking packages version optional
    lacking=$(missing "${1:-}" | tr '\n' ' ')
    [ -n "$lacking" ] || return 0
    packages="gcc make pkg-config python3 libcurl4-openssl-dev libjson-c-dev zlib1g-dev"
    [ "${1:-}" != tests ] || packages="$packages libipc-run-perl"
    command -v apt-get >/dev/null ||
        die "Missing: $lacking. Install a C compiler, make, pkg-config, python3, PostgreSQL 15 to 18 with its headers, and the headers of libcurl, json-c and zlib."
    say "Installing what is missing: $lacking"
    as_root apt-get update -qq
    version=$(major)
    [ -n "$version" ] || die "apt offers no PostgreSQL 15 to 18."
    for optional in libisal-dev libzstd-dev; do
        ! apt-cache show "$optional" >/dev/null 2>&1 || packages="$packages $optional"
    done
    if ! [ -e /etc/postgresql-common ]; then
        as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        $packages "postgresql-$version" "postgresql-client-$version" "postgresql-server-dev-$version" >/dev/null
}

# List the files of the checkout.
list_checkout() {
    git ls-files -co --exclude-standard 2>/dev/null ||
        find . -type f ! -path './.git/*' ! -path './.build/*' ! -name '*.o' ! -name '*.so' -printf '%P\n'
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
