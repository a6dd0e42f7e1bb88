#!/bin/sh
# The deploy test itself, in the place that run.sh took: engine, images, Ansible, then the tests.
set -eu
. tests/proofs/deploy/say.sh
export TMPDIR="$PLACE/tmp"

start_engine() {
    say "starting a container engine"
    export DOCKER_HOST="unix://$PLACE/docker.sock"
    # A killed engine's files name processes by numbers that others have now.
    rm -rf "$PLACE/exec" "$PLACE/docker.pid"
    dockerd --host "$DOCKER_HOST" --data-root "$PLACE/engine" --exec-root "$PLACE/exec" --pidfile "$PLACE/docker.pid" \
        --bridge "$BRIDGE" --iptables=false --ip-masq=false \
        --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$NAME" >"$PLACE/dockerd.log" 2>&1 &
    for _ in $(seq 120); do
        if docker version >/dev/null 2>&1; then return; fi
        kill -0 $! 2>/dev/null || break
        sleep 1
    done
    tail -n 20 "$PLACE/dockerd.log" >&2
    die "the container engine does not start here: it did not answer within 120 s"
}

base() { # SUITE: its image, from a registry or, if it is Debian's, bootstrapped
    image=$(image_of "$1")
    docker image inspect "$image" >/dev/null 2>&1 && return
    say "the base image $image"
    timeout 120 docker pull --quiet "$image" >/dev/null 2>&1 </dev/null && return
    [ "$1" != noble ] || die "HOST=noble needs the image $image, and no registry that has it can be reached from here"
    within 900 "making a stand-in for $image" tests/proofs/deploy/base_image.sh "$1" "$image"
}

unpack_last_release() { # into $PLACE/last; fails where this clone lacks its commit, and it cannot be fetched
    commit=$(grep -Ex '[0-9a-f]{40}' deploy/last-release) || die "deploy/last-release names no commit"
    git cat-file -e "$commit^{commit}" 2>/dev/null \
        || timeout 120 git fetch --quiet --depth=1 origin "$commit" </dev/null 2>/dev/null || return 1
    rm -rf "$PLACE/last"
    mkdir "$PLACE/last"
    git archive "$commit" | tar --extract --directory="$PLACE/last"
}

build() { # TAG DOCKER BUILD'S OPTIONS…
    tag=$1
    shift
    say "building the image $tag"
    within 1500 "building the image $tag" docker build --quiet --network host --tag "$NAME:$tag" "$@"
}

[ -n "${DOCKER_HOST:-}" ] || [ "$(id -u)" -ne 0 ] || start_engine
remove_containers
docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0
base trixie
base "$HOST"
base "$OTHER_HOST"
build app --target app --build-arg VERSION=1 .
build demo --target demo --build-arg VERSION=1 .
last=''
if unpack_last_release; then
    build last --target app "$PLACE/last"
    last="$NAME:last"
else
    say "NOT seen here: the upgrade from the last release, for this clone lacks its commit (git fetch --unshallow)" >&2
fi
build next --build-arg "RELEASE=$NAME:app" --file tests/proofs/deploy/next.containerfile tests/proofs/deploy
rm -rf "$PLACE/host" "$PLACE/pytest"
mkdir "$PLACE/host"
ssh-keygen -q -t ed25519 -N '' -f "$PLACE/host/key"
build host --build-arg "BASE=$(image_of "$HOST")" --file tests/proofs/deploy/host.containerfile "$PLACE/host"
build other --build-arg "BASE=$(image_of "$OTHER_HOST")" --file tests/proofs/deploy/host.containerfile "$PLACE/host"

say "Ansible"
[ -x "$PLACE/venv/bin/ansible-lint" ] || {
    within 900 "installing Ansible" sh demo/install.sh "$PLACE/venv" deploy/ansible/requirements.lock
}
export PATH="$PLACE/venv/bin:$PATH"
(cd deploy/ansible && SIMPLIFY_HOST=staged within 600 "ansible-lint" ansible-lint --offline --strict site.yml rollback.yml)

say "a night on $HOST"
IMAGE="$NAME:app" NEXT_IMAGE="$NAME:next" LAST_IMAGE="$last" LAST_CHECKOUT="$PLACE/last" \
    DEMO_IMAGE="$NAME:demo" HOST_IMAGE="$NAME:host" OTHER_IMAGE="$NAME:other" HOST_KEY="$PLACE/host/key" \
    timeout --kill-after=60 3000 .venv/bin/python -m pytest -p no:cacheprovider --basetemp="$PLACE/pytest" -x --durations=0 \
    --durations-min=5 \
    tests/proofs/deploy/check_image.py tests/proofs/deploy/check_supply.py tests/proofs/deploy/check_compose.py \
    tests/proofs/deploy/check_upgrade.py tests/proofs/deploy/check_install.py tests/proofs/deploy/check_night.py \
    tests/proofs/deploy/check_order.py tests/proofs/deploy/check_restore.py tests/proofs/deploy/check_release.py \
    tests/proofs/deploy/check_draw.py tests/proofs/deploy/check_podman.py tests/proofs/deploy/check_drill.py "$@" || {
    code=$?
    [ "$code" -lt 124 ] || say "the night did not end within 50 minutes" >&2
    exit "$code"
}
