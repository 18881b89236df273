# database.sh: what the two test servers share; sourced by with-mariadb.sh and with-mysql.sh, run by nobody.
# A fresh directory, a free port, one user, and an end together with the script.
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
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# Run by the server before it listens. The user may make databases and users of the scenarios' own, and see the
# list of connections.
cat >"$dir/init.sql" <<'SQL'
CREATE DATABASE deskbell;
CREATE DATABASE deskbell_2;
CREATE USER deskbell@'127.0.0.1' IDENTIFIED BY 'deskbell';
GRANT ALL ON `deskbell%`.* TO deskbell@'127.0.0.1' WITH GRANT OPTION;
GRANT PROCESS, CREATE USER ON *.* TO deskbell@'127.0.0.1';
SQL

# start COMMAND...: the server with what both spell alike; returns when it listens.
start() {
  : >"$dir/log"
  "$@" --datadir="$dir/data" --port="$port" --bind-address=127.0.0.1 --socket="$dir/s.sock" --pid-file="$dir/pid" \
    --init-file="$dir/init.sql" --max-connections=500 --skip-name-resolve --innodb-buffer-pool-size=256M \
    --character-set-server=utf8mb4 >>"$dir/log" 2>&1 &
  pid=$!
  for _ in $(seq 300); do
    grep -q 'ready for connections' "$dir/log" && break
    kill -0 "$pid" 2>/dev/null || { cat "$dir/log" >&2; exit 1; }
    sleep 0.1
  done
  export DESKBELL_TEST_MYSQL_URL="mysql://deskbell:deskbell@127.0.0.1:$port/deskbell"
}
