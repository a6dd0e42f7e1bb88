#!/bin/sh
# suite.sh PG [ARGUMENTS]: inside a prepared root, every test on that server.
set -eu
export POSTGRES_BIN="/usr/lib/postgresql/$1/bin"
shift
cd simplify
make --no-print-directory test ARGS="$*"
exec make --no-print-directory test-proofs ARGS="$*"
