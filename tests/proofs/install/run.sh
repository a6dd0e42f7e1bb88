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
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM

# Both releases of Debian side by side: one downloads while the other unpacks.
TMPDIR="$place" timeout --kill-after=60 2400 .venv/bin/python -m pytest -p no:cacheprovider --basetemp="$place/pytest" \
    -n 2 --dist loadgroup tests/proofs/install/check_*.py "$@"
