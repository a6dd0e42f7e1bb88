#!/bin/sh
# `make test-servers`: an upgrade of PostgreSQL 15 to 18, and all tests, in a Debian that has the versions which are asked for.
#
# PYTHON=3.14 PG=18 choose the versions, WHAT="upgrade suite" what is done with them, ARGS go to pytest. Only root can make
# a root file system and enter it. Processes and mounts are in namespaces of their own, so whatever ends this script ends
# all that it started, and only a folder is left to remove.
set -eu
cd "$(dirname "$0")/../../.."

die() { echo "test-servers: FAILED: $*" >&2; exit 1; }
say() { echo "test-servers: $*"; }

export PYTHON="${PYTHON:-3.14}" PG="${PG:-18}" WHAT="${WHAT:-upgrade suite}"
# Where the versions are Debian's own. The upgrade needs 15 and 18 in one root: Debian 12 has the one, the next Debian the other.
case "$PYTHON with $PG" in
    "3.11 with 15") suite=bookworm ;;
    "3.13 with 17") suite=trixie ;;
    "3.13 with 15" | "3.13 with 18" | "3.14 with 15" | "3.14 with 18") suite=forky ;;
    *) die "PYTHON=$PYTHON with PG=$PG is not to be had: 3.11 with 15, 3.13 with 15, 17 or 18, 3.14 with 15 or 18" ;;
esac
if [ "$suite" != forky ]; then
    case $WHAT in
        upgrade) die "the upgrade needs the programs of both servers: PYTHON=3.13 or 3.14" ;;
        *upgrade*) say "without the upgrade, which needs PYTHON=3.13 or 3.14"; WHAT=suite ;;
    esac
fi

[ "$(id -u)" -eq 0 ] || die "only root can make a root file system and enter it"
command -v apt-get >/dev/null || die "a Debian is bootstrapped from the mirror of this machine's apt, and there is none"
command -v debootstrap >/dev/null || {
    say "installing debootstrap from Debian"
    timeout 300 apt-get update -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=200
    DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -qq -y --no-install-recommends \
        -o Acquire::Retries=3 -o DPkg::Lock::Timeout=200 debootstrap >/dev/null
}

place=$(mktemp -d "${SERVERS_TEST_DIR:-/var/tmp}/simplify-servers-test.XXXXXX")
root="$place/$suite"
running=''
leave() {
    [ -z "$running" ] || kill -KILL "$running" 2>/dev/null || true
    wait
    rm -rf "$place"
}
trap leave EXIT
trap 'exit 1' HUP INT TERM

# In the background, so that a signal is heard while it runs.
apart() { # COMMAND…
    setpriv --pdeathsig KILL unshare --fork --kill-child --pid --mount-proc --mount "$@" </dev/null &
    running=$!
    code=0
    wait "$running" || code=$?
    running=''
    return "$code"
}

say "making a Debian ($suite) with Python $PYTHON and PostgreSQL $PG"
apart tests/proofs/install/bare_root.sh "$suite" "$root" || die "no Debian $suite"
if [ "$suite" = forky ]; then
    sed -n 's/ forky main$/ bookworm main/p' "$root/etc/apt/sources.list" >"$root/etc/apt/sources.list.d/debian-12.list"
fi

# What is being worked on is what is tried, with the history that some tests read.
git clone --quiet "file://$PWD" "$root/root/simplify"
git ls-files -z --deleted | (cd "$root/root/simplify" && xargs -0 --no-run-if-empty rm -f)
git ls-files -z --cached --others --exclude-standard --deduplicate >"$place/files"
tar --create --null --ignore-failed-read --files-from="$place/files" 2>/dev/null | tar --extract --directory="$root/root/simplify"

enter() { apart tests/proofs/install/enter.sh "$root" "$@"; }

enter sh simplify/tests/proofs/servers/prepare.sh "$PYTHON" "$PG" || die "its packages cannot be installed"
# The shell is the first process of the root: below one with the number 1, timeout of coreutils 9.10 takes its
# parent for dead and ends with 125 before it has run anything.
# shellcheck disable=SC2016 # for the shell in the root
limit='timeout --kill-after=60 14400 sh "$@"; exit $?'
for what in $WHAT; do
    enter sh -c "$limit" limit simplify/tests/proofs/servers/"$what".sh "$PG" "$@" || die "$what: exit code $?"
done
