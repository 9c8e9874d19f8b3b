#!/usr/bin/env bash
# Count the instructions that the record scanner and the jsonb writer spend on
# a byte of inflated text, with all that they call, by valgrind: bench/callgrind.sh
# Prints Markdown, and writes it to callgrind.md in the work folder.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=test/lib.sh
. test/lib.sh
# shellcheck source=bench/lib.sh
. bench/lib.sh

SCANNER=batch_record_next_padded
WRITER=batch_jsonb_make

SHAPES='shuffled sparse spaced ids huge'
FIRST=5000      # records that are read

# Print the bytes of the first records of a file.
measure() {
    { gunzip -c "$WORK/files/$1.jsonl.gz" 2>/dev/null || true; } | head -n "$FIRST" | wc -c
}

# Run a query under valgrind; $1 = work, $2 = file, $3 = query; the rest = functions, each
# of which is counted with all that it calls.
count() {
    local what=$1 out=$WORK/cluster/callgrind.out bytes spent function
    bytes=$(measure "$2")
    printf '%s;\n\n' "$3" >"$WORK/cluster/query.sql"
    shift 3
    rm -f "$out"
    as_server valgrind --quiet --tool=callgrind --callgrind-out-file="$out" \
        "$bin/postgres" --single -j -D "$cluster" postgres <"$WORK/cluster/query.sql" >"$WORK/cluster/callgrind.log" 2>&1 ||
        die "$(cat "$WORK/cluster/callgrind.log")"
    grep -q '= "' "$WORK/cluster/callgrind.log" || die "$(cat "$WORK/cluster/callgrind.log")"
    callgrind_annotate --inclusive=yes --auto=no --threshold=100 "$out" >"$out.txt"
    for function; do
        spent=$(awk -v name=":$function( |\$)" '$0 ~ name { gsub(",", "", $1); if ($1 + 0 > most) most = $1 + 0 } END { print most + 0 }' "$out.txt")
        awk -v what="$what" -v name="$function" -v spent="$spent" -v bytes="$bytes" \
            'BEGIN { printf "| %s | %s | %.2f |\n", what, name, spent / bytes }'
    done
}

install_missing
for program in nginx curl valgrind callgrind_annotate; do
    command -v "$program" >/dev/null || die "Missing: $program"
done
make_data
trap clean_up EXIT
trap 'exit 130' INT TERM
build_both
start_nginx
start_cluster
stop_cluster
say "Counting"
{
    echo "| work, $FIRST records | function | instructions a byte |"
    echo "|---|---|--:|"
    count "count(*)" small "SELECT count(*) FROM small_3" "$SCANNER"
    count "3 typed columns" small "SELECT count(domain), sum(headcount), max(name) FROM small_3" "$SCANNER"
    count "10 typed columns" small "SELECT count(domain), sum(internal_id), max(name), sum(headcount), sum(founded), max(revenue), max(city), min(country), max(public::int), max(updated_at) FROM small_10" "$SCANNER"
    count "\`data\` as jsonb" small "SELECT sum(pg_column_size(data)) FROM small_data" "$SCANNER" "$WRITER"
    for shape in $SHAPES; do
        count "$shape, 3 typed columns" "$shape" "SELECT count(domain), sum(headcount), max(name) FROM (SELECT * FROM ${shape}_3 LIMIT $FIRST) AS f" "$SCANNER"
        count "$shape, \`data\` as jsonb" "$shape" "SELECT sum(pg_column_size(data)) FROM (SELECT * FROM ${shape}_data LIMIT $FIRST) AS f" "$SCANNER" "$WRITER"
    done
} | tee "$WORK/callgrind.md"
