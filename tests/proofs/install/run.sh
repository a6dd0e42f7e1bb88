#!/bin/sh
# `make test-install`: what a newcomer's first commands do in bare Debian roots. Only root can make those; loud otherwise.
set -eu
cd "$(dirname "$0")/../../.."

die() { echo "test-install: FAILED: $*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || die "only root can make a root file system and enter it"
command -v apt-get >/dev/null || die "a bare Debian is bootstrapped from the mirror of this machine's apt, and there is none"
command -v debootstrap >/dev/null || {
    echo "test-install: installing debootstrap from Debian"
    timeout 300 apt-get update -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=200
    DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -qq -y --no-install-recommends \
        -o Acquire::Retries=3 -o DPkg::Lock::Timeout=200 debootstrap >/dev/null
}

place=$(mktemp -d "${INSTALL_TEST_DIR:-/var/tmp}/simplify-install-test.XXXXXX")
running=''
leave() {
    # shellcheck disable=SC2086 # none or several numbers
    [ -z "$running" ] || kill -KILL $running 2>/dev/null || true
    wait
    rm -rf "$place"
}
trap leave EXIT
trap 'exit 1' HUP INT TERM

# Processes are in a namespace of their own: whatever ends this script ends all that it started.
apart() { exec setpriv --pdeathsig KILL unshare --fork --kill-child --pid --mount-proc --mount "$@"; }

echo "test-install: making a bare Debian 12 and a bare Debian 13"
apart tests/proofs/install/bare_root.sh bookworm "$place/bookworm" &
bookworm=$!
apart tests/proofs/install/bare_root.sh trixie "$place/trixie" &
trixie=$!
running="$bookworm $trixie"
wait "$bookworm" || die "no bare Debian 12"
wait "$trixie" || die "no bare Debian 13"

# In two processes: one root downloads while another unpacks.
export BARE_ROOTS="$place" TMPDIR="$place"
apart timeout --kill-after=60 2400 .venv/bin/python -m pytest -p no:cacheprovider --basetemp="$place/pytest" \
    -n 2 --durations=0 tests/proofs/install/check_*.py "$@" </dev/null &
running=$!
code=0
wait "$running" || code=$?
running=''
[ "$code" -eq 0 ] || die "exit code $code"
