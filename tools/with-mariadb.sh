#!/bin/sh
# with-mariadb.sh COMMAND...: runs it beside a MariaDB of its own, on a free port and a fresh directory, and ends both.
. "$(dirname "$0")/database.sh"
mariadb-install-db --no-defaults --user="$user" --datadir="$dir/data" --auth-root-authentication-method=normal \
  --skip-test-db >"$dir/install.log" 2>&1 || { cat "$dir/install.log" >&2; exit 1; }
start mariadbd --no-defaults --user="$user" --innodb-log-file-size=64M
"$@"
