#!/bin/sh
# with-s3.sh COMMAND...: runs it beside an S3-compatible server of its own (moto), on a free port, and ends both.
# The server is installed once, into target/moto.
set -eu
cd "$(dirname "$0")/.."
venv=target/moto
dir=$(mktemp -d)
pid=""
finish() {
  status=$?
  trap - EXIT INT TERM
  [ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  rm -rf "$dir"
  exit "$status"
}
trap finish EXIT INT TERM
if [ ! -e "$venv/.installed" ]; then
  rm -rf "$venv"
  # Debian has ensurepip in a package of its own, and no command by which to find it.
  python3 -c 'import ensurepip' 2>/dev/null || sh tools/need.sh ensurepip=python3-venv
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'moto[s3]==5.2.5' flask flask-cors
  touch "$venv/.installed"
fi
port=$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$dir/log" 2>&1 &
pid=$!
make_bucket='import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], method="PUT"), timeout=5)'
for _ in $(seq 150); do
  "$venv/bin/python" -c "$make_bucket" "http://127.0.0.1:$port/deskbell" 2>/dev/null && break
  kill -0 "$pid" 2>/dev/null || { cat "$dir/log" >&2; exit 1; }
  sleep 0.2
done
keys="access_key_id=deskbell&secret_access_key=deskbell"
export DESKBELL_TEST_S3_URL="s3://deskbell?endpoint=http://127.0.0.1:$port&region=us-east-1&$keys"
"$@"
