#!/bin/sh
# as-on-sqlite.sh BINARY, beside a server (with-mariadb.sh, with-mysql.sh): the main job by curl gives the same replies
# there as on SQLite, and it goes through in the browser.
set -eu
python3 "$(dirname "$0")/same_replies.py" "$1" "${DESKBELL_TEST_MYSQL_URL}_2"
DESKBELL_DATABASE_URL="$DESKBELL_TEST_MYSQL_URL" sh "$(dirname "$0")/browser-test.sh" "$1"
