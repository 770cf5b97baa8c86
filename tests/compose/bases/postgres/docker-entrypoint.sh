#!/usr/bin/env bash
# A new data folder is made, filled by /docker-entrypoint-initdb.d while only
# the socket answers, and served.
set -euo pipefail
[ "$(id -u)" -ne 0 ] || { echo "this stand-in wants user: postgres"; exit 1; }
export PGUSER=${POSTGRES_USER:-postgres}
if [ ! -s "$PGDATA/PG_VERSION" ]; then
	: "${POSTGRES_PASSWORD:?the superuser needs a password}"
	chmod 700 "$PGDATA" || true
	# shellcheck disable=SC2086 - several options
	initdb --username="$PGUSER" --encoding=UTF8 ${POSTGRES_INITDB_ARGS:-} \
		--pwfile=<(echo "$POSTGRES_PASSWORD")
	echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
	echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
	export PGPASSWORD=$POSTGRES_PASSWORD
	pg_ctl -D "$PGDATA" -w start -o "-c listen_addresses=''"
	db=${POSTGRES_DB:-$PGUSER}
	[ "$db" = postgres ] || createdb "$db"
	for file in /docker-entrypoint-initdb.d/*; do
		case $file in
		*.sh) bash "$file" ;;
		*.sql) psql -v ON_ERROR_STOP=1 --no-psqlrc -d "$db" -f "$file" ;;
		esac
	done
	pg_ctl -D "$PGDATA" -m fast -w stop
	unset PGPASSWORD
fi
exec "$@"
