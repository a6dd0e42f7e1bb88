#!/bin/sh
# `make test-deploy`: builds the image, boots a host and lets the playbook and a night happen to it. Loud where it cannot.
#
# As root it starts an engine of its own in namespaces of its own (processes, mounts): whatever ends this script, SIGKILL
# too, ends all that it started. Anybody else, or with DOCKER_HOST, uses the engine that answers.
# A run takes the first free place: a number that names its directory, bridge, control group, containers and tags. So runs
# beside each other do not meet, and a place is cleared first of what a killed run left there. KEEP=1 keeps the directory,
# so that the next run finds its images.
set -eu
cd "$(dirname "$0")/../../.."
. tests/proofs/deploy/say.sh
. tests/proofs/deploy/engine.sh

NEEDED_MB=22000
# What the host is, and what the one is that takes its place after a loss.
export HOST="${HOST:-trixie}"
case $HOST in
    trixie) export OTHER_HOST=bookworm ;;
    bookworm | noble) export OTHER_HOST=trixie ;;
    *) die "HOST=$HOST is none of trixie, bookworm and noble" ;;
esac
user=$(id -u)
places=${DEPLOY_TEST_DIR:-/var/tmp/simplify-deploy-test.$user}
own=''
[ -n "${DOCKER_HOST:-}" ] || [ "$user" -ne 0 ] || own=yes
night=''

# Names are the machine's, wherever the directory is: so are the locks.
take_place() {
    locks=/run/lock
    [ -w "$locks" ] || locks=/tmp
    for number in 0 1 2 3 4 5 6 7 8 9; do
        exec 9>"$locks/simplify-night-$user-$number"
        if flock --nonblock 9; then
            export NAME="simplify-night-$user-$number" PLACE="$places/$number" BRIDGE="simplify$number" SUBNET="10.213.$number"
            return
        fi
    done
    die "ten runs hold the ten places of this machine"
}

clear_place() {
    if [ -n "$own" ]; then
        give_back
    else
        remove_containers
        [ -n "${KEEP:-}" ] || docker image ls --quiet "$NAME" | xargs --no-run-if-empty docker image rm --force >/dev/null
    fi
    [ -n "${KEEP:-}" ] || rm -rf "$PLACE"
}

leave() {
    [ -z "$night" ] || kill -KILL "$night" 2>/dev/null || true
    wait
    clear_place
}

take_place
trap leave EXIT
trap 'exit 1' HUP INT TERM
clear_place
mkdir -p "$PLACE/tmp"
free_mb=$(df --output=avail --block-size=1M "$PLACE" | tail -n 1)
[ "$free_mb" -ge "$NEEDED_MB" ] || die "$PLACE has $((free_mb)) MB free, $NEEDED_MB are needed"

say "the host is $HOST; $(control_groups)"
if [ -n "$own" ]; then
    install_engine
    build_bridge
    setpriv --pdeathsig KILL unshare --fork --kill-child --pid --mount-proc --mount \
        sh tests/proofs/deploy/night.sh "$@" </dev/null &
else
    docker version >/dev/null 2>&1 || die "no container engine answers, and only root can start one"
    sh tests/proofs/deploy/night.sh "$@" </dev/null &
fi
night=$!
code=0
wait "$night" || code=$?
night=''
[ "$code" -eq 0 ] || die "exit code $code"
