#!/bin/sh
# install.sh VENV LOCK: installs what the lock file names into the virtual environment, which is made when it is missing.
#
# A lock is complete, so nothing is resolved: what is published later cannot change or break an install. What installs is
# locked, too: uv, by the pip that Python brings. Where pip has an index or a proxy of its own, or uv does not get
# through, pip installs the same files: slower, and with the same hashes.
set -eu
venv=$1 lock=$2
here=$(dirname "$0")
begun="$venv/.begun"

# The hashes hold for wheels alone: building a source package would fetch its tools without any.
with_pip() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --no-deps --only-binary :all: --require-hashes -r "$1"
}

with_uv() {
    # The certificates that pip is told to trust, if any.
    trusted=${SSL_CERT_FILE:-$(printf '%s\n' "$found" | sed -n "s/^.*\.cert='\(.*\)'\$/\1/p" | tail -n 1)}
    env ${trusted:+"SSL_CERT_FILE=$trusted"} "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" \
        --no-deps --only-binary :all: --require-hashes -r "$1"
}

# An install that was interrupted, or another Python since, leaves half an environment: it is made again.
settings() { "$venv/bin/python" -m pip --disable-pip-version-check config list; }
if [ -e "$begun" ] || ! found=$(settings 2>/dev/null); then
    python3 -m venv --clear "$venv"
    found=$(settings)
fi
: >"$begun"

# uv does not read pip's settings, and where packages come from is the machine owner's to say.
has_its_own_way() {
    printf '%s\n' "$found" \
        | grep -Eq '\.(client-cert|extra-index-url|find-links|index-url|no-index|proxy|trusted-host)='
}

if has_its_own_way; then
    echo "install: pip has settings of its own for where packages come from: pip installs"
    with_pip "$lock"
elif with_pip "$here/../requirements-install.lock" && with_uv "$lock"; then
    by=uv
else
    echo "install: uv cannot install here: pip installs"
    with_pip "$lock"
fi

# What is installed fits together.
if [ "${by:-pip}" = uv ]; then
    "$venv/bin/uv" pip check --quiet --python "$venv/bin/python"
else
    "$venv/bin/python" -m pip --disable-pip-version-check check
fi
rm "$begun"
