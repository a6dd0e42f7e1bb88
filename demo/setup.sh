#!/bin/sh
# Makes a Debian machine ready for `make demo` and `make test`; safe to run again.
# Installs by itself as root or with sudo; otherwise it names the one command that a person must run.
set -eu

venv=.venv
say() { printf 'setup: %s\n' "$*"; }
die() { say "$*" >&2; exit 1; }

if [ "$(id -u)" -eq 0 ]; then as_root=''
elif sudo -n true 2>/dev/null; then as_root='sudo'
else as_root='none'
fi

install_debian() {
    [ "$as_root" != none ] || die "missing on this machine; run this once, then try again:  sudo apt-get install -y $*"
    say "installing $* from Debian"
    export DEBIAN_FRONTEND=noninteractive
    $as_root apt-get update -qq
    $as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

has_library() { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | grep -q "$1"; }

has_browser() {
    for name in "${BROWSER_EXECUTABLE:-}" chromium-headless-shell chromium google-chrome; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}

playwright_browser() {
    say "no Chromium here; trying Playwright's own"
    with_deps='--with-deps'
    [ "$as_root" != none ] || with_deps=''
    # shellcheck disable=SC2086 # nothing, where nobody may install packages
    timeout 180 "$venv/bin/playwright" install $with_deps chromium </dev/null >/dev/null 2>&1
}

missing=''
python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
has_library libpango-1.0.so.0 || missing="$missing libpango-1.0-0"
has_library libpangoft2-1.0.so.0 || missing="$missing libpangoft2-1.0-0"
has_library libharfbuzz-subset.so.0 || missing="$missing libharfbuzz-subset0"
has_library libatomic.so.1 || missing="$missing libatomic1" # Playwright's driver does not start without it
# Who cannot install packages is told everything at once; Playwright's own browser would lack its libraries, too.
[ "$as_root" != none ] || has_browser || missing="$missing chromium-headless-shell"
# shellcheck disable=SC2086 # a list of package names
[ -z "$missing" ] || install_debian $missing

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "Python 3.11 or newer is needed, this is $(python3 -V)"

[ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
say "installing the locked Python packages into $venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock

has_browser || playwright_browser || install_debian chromium-headless-shell

touch "$venv/.ready"
say "ready"
