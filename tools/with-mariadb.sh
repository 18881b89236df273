#!/bin/sh
# with-mariadb.sh COMMAND...: runs it beside a MariaDB of its own, on a free port and a fresh directory, and ends both.
set -eu
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
user=$(id -un)
mariadb-install-db --no-defaults --user="$user" --datadir="$dir/data" --auth-root-authentication-method=normal \
  --skip-test-db >"$dir/install.log" 2>&1 || { cat "$dir/install.log" >&2; exit 1; }
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mariadbd --no-defaults --user="$user" --datadir="$dir/data" --port="$port" --bind-address=127.0.0.1 \
  --socket="$dir/s.sock" --pid-file="$dir/pid" --max-connections=500 --skip-name-resolve --innodb-buffer-pool-size=256M \
  --innodb-log-file-size=64M --character-set-server=utf8mb4 >"$dir/log" 2>&1 &
pid=$!
for _ in $(seq 150); do
  mariadb-admin --no-defaults -uroot -S "$dir/s.sock" ping >/dev/null 2>&1 && break
  kill -0 "$pid" 2>/dev/null || { cat "$dir/log" >&2; exit 1; }
  sleep 0.2
done
mariadb --no-defaults -uroot -S "$dir/s.sock" -e "
  CREATE DATABASE deskbell; CREATE USER deskbell@'127.0.0.1' IDENTIFIED BY 'deskbell';
  GRANT ALL ON \`deskbell%\`.* TO deskbell@'127.0.0.1'; GRANT PROCESS ON *.* TO deskbell@'127.0.0.1';"
export DESKBELL_TEST_MYSQL_URL="mysql://deskbell:deskbell@127.0.0.1:$port/deskbell"
"$@"
