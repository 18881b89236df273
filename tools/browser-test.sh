#!/bin/sh
# browser-test.sh BINARY: drives the main job, invoices and files in Chromium against the real program on a fresh data directory, and on the
# empty database that DESKBELL_DATABASE_URL names, else on SQLite.
set -eu
binary=$1
dir=$(mktemp -d)
pid=""
finish() {
  status=$?
  trap - EXIT INT TERM
  [ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  [ "$status" = 0 ] || cat "$dir/log" >&2
  rm -rf "$dir"
  exit "$status"
}
trap finish EXIT INT TERM
DESKBELL_DISK_RESERVE_MIB=0 "$binary" serve --data-dir "$dir/data" --listen 127.0.0.1:0 >"$dir/out" 2>"$dir/log" &
pid=$!
for _ in $(seq 200); do
  grep -q setup "$dir/out" 2>/dev/null && break
  kill -0 "$pid" 2>/dev/null || exit 1
  sleep 0.05
done
BASE_URL=$(sed -n 's/^listening on //p' "$dir/out")
SETUP_TOKEN=$(cat "$dir/data/setup-token")
case ${DESKBELL_DATABASE_URL:-sqlite:} in mysql:*) ENGINE=mysql ;; *) ENGINE=sqlite ;; esac
export BASE_URL SETUP_TOKEN ENGINE
node web/tests/main-job.mjs
node web/tests/invoices.mjs
# Files are the same on every engine.
[ "$ENGINE" = mysql ] || node web/tests/files.mjs
