#!/bin/sh
# `make test-deploy`: builds the image, boots a host and lets the playbook and a night happen to it. Loud where it cannot.
#
# Uses the engine that answers (DOCKER_HOST or the default socket); otherwise installs Debian's and starts one of its
# own, as root, whose everything lies in one directory that is removed at the end (KEEP=1 keeps it).
set -eu
cd "$(dirname "$0")/../.."

say() { printf 'test-deploy: %s\n' "$*"; }
die() { say "FAILED: $*" >&2; exit 1; }

place=${DEPLOY_TEST_DIR:-/var/tmp/simplify-deploy-test}
mkdir -p "$place"
engine=''

leave() {
    for name in simplify-host simplify-stage; do docker rm --force --volumes "$name" >/dev/null 2>&1 || true; done
    docker volume rm simplify-host-engine >/dev/null 2>&1 || true
    if [ -n "$engine" ]; then
        kill "$engine" 2>/dev/null || true
        wait "$engine" 2>/dev/null || true
        [ -n "${KEEP:-}" ] || rm -rf "$place"
    fi
}
trap leave EXIT
trap 'exit 1' INT TERM

own_engine() {
    [ "$(id -u)" -eq 0 ] || die "no container engine answers, and only root can start one"
    if ! command -v dockerd >/dev/null || ! command -v debootstrap >/dev/null; then
        say "installing docker.io, iptables and debootstrap from Debian"
        apt-get update -qq || die "the package lists cannot be read, so no container engine can be installed"
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io iptables debootstrap \
            >/dev/null || die "no container engine can be installed"
    fi
    run=$(mktemp -d /run/simplify-deploy-test.XXXXXX)
    export DOCKER_HOST="unix://$run/docker.sock"
    dockerd --host "$DOCKER_HOST" --data-root "$place/engine" --exec-root "$run/exec" --pidfile "$run/pid" \
        >"$place/dockerd.log" 2>&1 &
    engine=$!
    for _ in $(seq 60); do docker version >/dev/null 2>&1 && return; sleep 1; done
    tail -n 5 "$place/dockerd.log" >&2
    die "the container engine does not start here"
}

base() { # SUITE: the image debian:SUITE-slim, from a registry or bootstrapped
    docker image inspect "debian:$1-slim" >/dev/null 2>&1 || docker pull --quiet "debian:$1-slim" >/dev/null 2>&1 \
        || tests/deploy/base_image.sh "$1" "debian:$1-slim"
}

build() { # TARGET TAG VERSION
    say "building $2"
    docker build --quiet --network host --target "$1" --tag "$2" --build-arg "VERSION=$3" . >"$place/build.log" 2>&1 \
        || { tail -n 20 "$place/build.log" >&2; die "$2 cannot be built"; }
}

docker version >/dev/null 2>&1 || own_engine
docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0
say "base images"
base trixie
base bookworm

build app simplify-test:new 2
build app simplify-test:old 1
build demo simplify-test:demo 2

say "the host"
rm -rf "$place/host" && mkdir "$place/host"
ssh-keygen -q -t ed25519 -N '' -f "$place/host/key"
docker build --quiet --network host --file tests/deploy/host.containerfile --tag simplify-test:host "$place/host" \
    >"$place/build.log" 2>&1 || { tail -n 20 "$place/build.log" >&2; die "the host cannot be built"; }

say "Ansible"
[ -x "$place/venv/bin/ansible-lint" ] || { python3 -m venv "$place/venv" \
    && "$place/venv/bin/pip" install --quiet --disable-pip-version-check -r deploy/ansible/requirements.txt; }
PATH="$place/venv/bin:$PATH"
export PATH ANSIBLE_PLAYBOOK="$place/venv/bin/ansible-playbook"
(cd deploy/ansible && SIMPLIFY_HOST=staged ansible-lint --offline site.yml rollback.yml)

say "a night"
IMAGE=simplify-test:new OLD_IMAGE=simplify-test:old DEMO_IMAGE=simplify-test:demo HOST_IMAGE=simplify-test:host \
    HOST_KEY="$place/host/key" .venv/bin/python -m pytest -p no:cacheprovider tests/deploy/check_image.py \
    tests/deploy/check_host.py "$@"
