#!/bin/sh
# with-demo.sh BINARY COMMAND…: serves the demo studio from a fresh data directory while COMMAND runs, which finds it under
# BASE_URL.
set -eu
binary=$1
shift
dir=$(mktemp -d)
pid=""
finish() {
  status=$?
  trap - EXIT INT TERM
  [ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  [ "$status" = 0 ] || tail -n 20 "$dir/log" >&2
  rm -rf "$dir"
  exit "$status"
}
trap finish EXIT INT TERM
DESKBELL_DISK_RESERVE_MIB=0 "$binary" serve --demo --data-dir "$dir/data" --listen 127.0.0.1:0 >"$dir/out" 2>"$dir/log" &
pid=$!
for _ in $(seq 1200); do
  BASE_URL=$(sed -n 's/^listening on //p' "$dir/out")
  [ -n "$BASE_URL" ] && curl -fs -o /dev/null "$BASE_URL/health/ready" && break
  kill -0 "$pid" 2>/dev/null || exit 1
  sleep 0.05
done
export BASE_URL
"$@"
