#!/bin/sh
# with-mysql.sh COMMAND...: runs it beside a real MySQL 9 of its own, on a free port and a fresh directory, and ends both.
#
# Debian carries MySQL in its unstable suite only, so the server and its libraries are unpacked from there into the
# user's cache folder, once, and started through the C library that came with them; the system is not touched.
# Delete the folder to get a newer one.
. "$(dirname "$0")/database.sh"
home="${XDG_CACHE_HOME:-$HOME/.cache}/deskbell/mysql"

unpack() {
  for need in apt-get apt-cache dpkg; do
    command -v "$need" >/dev/null 2>&1 || {
      echo "make test-mysql gets MySQL 9 from Debian's packages, and $need is missing on this system. On another system," \
        "start a MySQL 9 of your own and set DESKBELL_TEST_MYSQL_URL=mysql://user:password@host:port/database (the user" \
        "needs CREATE, GRANT OPTION, PROCESS and CREATE USER), then run: CI=true cargo test" >&2
      exit 1
    }
  done
  mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)}
  [ -n "$mirror" ] || {
    echo "No Debian mirror is known here: run 'apt-get update' on Debian, or name one in DEBIAN_MIRROR." >&2
    exit 1
  }
  echo "unpacking MySQL 9 into $home (once, about 270 MB)" >&2
  mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/packages" "$dir/root"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$dir/sid.list"
  apt="-qq -o Dir::Etc::sourcelist=$dir/sid.list -o Dir::Etc::sourceparts=- -o Dir::State::Lists=$dir/lists
    -o Dir::Cache=$dir/cache -o APT::Sandbox::User=$user"
  # shellcheck disable=SC2086
  apt-get $apt update
  # Perl is there for helper scripts that nobody runs here.
  # shellcheck disable=SC2086
  names=$(apt-cache $apt depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
    --no-enhances mysql-server-core | grep '^[a-z]' | grep -v -e '^perl' -e '^libperl')
  # shellcheck disable=SC2086
  (cd "$dir/packages" && apt-get $apt download $names)
  for package in "$dir"/packages/*.deb; do
    dpkg -x "$package" "$dir/root"
  done
  mkdir -p "$(dirname "$home")"
  rm -rf "$home.new.$$"
  mv "$dir/root" "$home.new.$$"
  # Two at once: the first one stays.
  mv -T "$home.new.$$" "$home" 2>/dev/null || rm -rf "$home.new.$$"
}

[ -x "$home/usr/sbin/mysqld" ] || unpack
libraries=$(echo "$home"/usr/lib/*-linux-gnu)
loader=$(echo "$libraries"/ld-linux-*.so.*)
mysqld() {
  exec "$loader" --library-path "$libraries" "$home/usr/sbin/mysqld" --no-defaults --user="$user" \
    --basedir="$home/usr" --lc-messages-dir="$home/usr/share/mysql" "$@"
}
(mysqld --initialize-insecure --datadir="$dir/data") >"$dir/install.log" 2>&1 || { cat "$dir/install.log" >&2; exit 1; }
# With its binary log, a server lets only the trusted make the triggers that guard issued documents.
start mysqld --mysqlx=OFF --secure-file-priv= --innodb-redo-log-capacity=128M --log-bin-trust-function-creators=ON
echo "MySQL $(sed -n "s/.*ready for connections. Version: '\([^']*\)'.*/\1/p" "$dir/log")" >&2
"$@"
