# What run.sh and callgrind.sh share: the data, nginx, the build, the server.
# Sourced from the root of the checkout, after test/lib.sh.

WORK=${BENCH_WORK:-${TMPDIR:-/tmp}/batch_fdw-bench}
LONG_COPIES=18          # of results.jsonl.gz: 10 GB and more of text
RECORDS=${BENCH_RECORDS:-200000}
NARROW=$((5 * RECORDS))
cluster=$WORK/cluster
nginx_pid=
delay_pid=

# Make the folder and the data that are not there yet.
make_data() {
    mkdir -p "$WORK/files/jobs"
    chmod 755 "$WORK" "$WORK/files" "$WORK/files/jobs"
    [ -f "$WORK/files/huge.jsonl.gz" ] && [ -f "$WORK/files/results.jsonl.gz" ] || say "Making the data in $WORK/files (once)"
    python3 bench/generate.py "$WORK/files" --records "$RECORDS" --narrow "$NARROW"
    if [ "${1:-}" = long ] && ! [ -f "$WORK/files/long.jsonl.gz" ]; then
        say "Making the long file"
        for _ in $(seq "$LONG_COPIES"); do cat "$WORK/files/results.jsonl.gz"; done >"$WORK/files/long.jsonl.gz.part"
        mv "$WORK/files/long.jsonl.gz.part" "$WORK/files/long.jsonl.gz"
    fi
}

# Print a port that is free now.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Write the document of job $1 with $2 records, whose results are at the further URLs.
write_job() {
    local id=$1 count=$2 urls
    shift 2
    urls=$(printf '"%s", ' "$@")
    printf '{"id": "%s", "status": "completed", "result_count": %s, "download_urls": [%s]}\n' \
        "$id" "$count" "${urls%, }" >"$WORK/files/jobs/$id.json"
}

# Serve the data by nginx; sets base.
start_nginx() {
    local home=$WORK/nginx port parts shape
    port=$(free_port)
    base=http://127.0.0.1:$port
    rm -rf "$home"
    mkdir -p "$home"
    cat >"$home/nginx.conf" <<END
daemon off;
worker_processes 1;
pid $home/pid;
error_log $home/error.log;
events { worker_connections 256; }
http {
    log_format sent '\$uri \$bytes_sent';
    access_log $home/access.log sent;
    client_body_temp_path $home/body;
    proxy_temp_path $home/proxy;
    fastcgi_temp_path $home/fastcgi;
    uwsgi_temp_path $home/uwsgi;
    scgi_temp_path $home/scgi;
    sendfile on;
    default_type application/octet-stream;
    server {
        listen 127.0.0.1:$port;
        root $WORK/files;
        location /jobs/ { default_type application/json; }
        location /capped/ { alias $WORK/files/; limit_rate 5m; }
    }
}
END
    mapfile -t parts < <(for n in 1 2 3 4 5 6 7 8; do echo "part-$n.jsonl.gz"; done)
    write_job merged "$RECORDS" "$base/results.jsonl.gz"
    write_job parts "$RECORDS" "${parts[@]/#/$base/}"
    write_job small 5000 "$base/small.jsonl.gz"
    write_job narrow "$NARROW" "$base/narrow.jsonl.gz"
    for shape in shuffled sparse spaced ids; do
        write_job "$shape" $((RECORDS / 10)) "$base/$shape.jsonl.gz"
    done
    write_job huge 1 "$base/huge.jsonl.gz"
    write_job capped "$RECORDS" "${parts[@]/#/$base/capped/}"
    write_job capped-one $((RECORDS / 8)) "$base/capped/part-1.jsonl.gz"
    write_job long $((RECORDS * LONG_COPIES)) "$base/long.jsonl.gz"
    nginx -c "$home/nginx.conf" 2>"$home/start.log" &
    nginx_pid=$!
    await_url "$base/jobs/merged.json"
}

# Start the far API; sets delay.
start_delay() {
    local port
    port=$(free_port)
    delay=http://127.0.0.1:$port
    python3 bench/delay.py "$port" &
    delay_pid=$!
    await_url "$delay/jobs/1"
}

# Wait until a URL answers.
await_url() {
    for _ in $(seq 100); do
        ! curl -sf -o /dev/null "$1" || return 0
        sleep 0.1
    done
    die "Nothing answers at $1"
}

# Build, and install in a PostgreSQL of its own; and build without ISA-L too, into $WORK/zlib.
build_both() {
    say "Building"
    rm -rf "$WORK/build" "$WORK/zlib" "$WORK/private"
    copy_checkout "$WORK/build"
    make -s -j2 -C "$WORK/build" with_llvm=no PG_CONFIG="$PG_CONFIG"
    install_privately "$WORK/build" "$WORK/private"
    bin=$("$private" --bindir)
    copy_checkout "$WORK/zlib"
    make -s -j2 -C "$WORK/zlib" with_llvm=no PG_CONFIG="$PG_CONFIG" WITH_ISAL=no
}

# Make a cluster and start it, with the tables in the database postgres, and in
# the database zlib those of the build without ISA-L.
start_cluster() {
    rm -rf "$cluster"
    mkdir "$cluster"
    [ "$(id -u)" -ne 0 ] || chown postgres "$cluster"
    as_server "$bin/initdb" -D "$cluster" -A trust -U postgres --locale=C -E UTF8 >/dev/null
    cat >>"$cluster/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$cluster'
jit = off
max_wal_size = 8GB
autovacuum = off
END
    as_server "$bin/pg_ctl" -D "$cluster" -l "$cluster/log" -w start >/dev/null
    run_psql -c 'CREATE DATABASE zlib'
    run_psql -c 'CREATE EXTENSION batch_fdw'
    sed -e "s|MODULE_PATHNAME|$WORK/zlib/batch_fdw|" -e '/^\\echo/d' "$WORK"/zlib/batch_fdw--*.sql | run_psql -d zlib
    for database in postgres zlib; do
        run_psql -d "$database" -v base="$base" -v delay="${delay:-$base}" -f bench/tables.sql
    done
}

# Run psql in the cluster.
run_psql() {
    "$bin/psql" -X -q -h "$cluster" -U postgres -d postgres -v ON_ERROR_STOP=1 "$@"
}

# Stop the cluster.
stop_cluster() {
    [ ! -f "$cluster/postmaster.pid" ] || as_server "$bin/pg_ctl" -D "$cluster" -m fast stop >/dev/null 2>&1 || true
}

# Stop what was started; the data and the peers stay.
clean_up() {
    stop_cluster
    [ -z "$delay_pid" ] || kill "$delay_pid" 2>/dev/null || true
    [ -z "$nginx_pid" ] || kill "$nginx_pid" 2>/dev/null || true
    rm -rf "$WORK/cluster" "$WORK/build" "$WORK/zlib" "$WORK/private" "$WORK/nginx"
}
