#!/bin/sh
# upgrade.sh PG [ARGUMENTS]: inside a prepared root, docs/how-to/upgrade-postgresql.md on its clusters.
set -eu
shift
# In memory, as the servers of other tests: a cluster waits for the disk at each of its files.
mount -t tmpfs -o mode=0755 tmpfs /var/lib/postgresql
cd simplify
export THROW_AWAY_ROOT=yes
exec .venv/bin/python -m pytest -p no:cacheprovider --durations=0 tests/proofs/servers/check_upgrade.py "$@"
