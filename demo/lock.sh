#!/bin/sh
# Resolves pyproject.toml into the lock files: hashes only, no addresses. UPGRADE=1 also takes newer versions.
set -eu
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
sh demo/install.sh "$tools/venv" requirements-install.lock

compile() {
    "$tools/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --custom-compile-command 'make lock' ${UPGRADE:+--upgrade} "$@"
}

# One image serves every host, whether it draws on further ones or not.
compile --extra hosts --output-file requirements.lock pyproject.toml
compile --group demo --constraint requirements.lock --output-file requirements-demo.lock pyproject.toml
compile --extra hosts --group dev --constraint requirements.lock --constraint requirements-demo.lock \
    --output-file requirements-dev.lock pyproject.toml
compile --group install --output-file requirements-install.lock
compile --group supply --output-file requirements-supply.lock
compile --group deploy --output-file deploy/ansible/requirements.lock
