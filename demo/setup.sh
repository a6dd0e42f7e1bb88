#!/bin/sh
# setup.sh [demo|dev]: makes a Debian machine ready for `make demo` (and every job), or also for `make test`.
#
# Safe to run again. Installs Debian's packages by itself as root or with sudo; otherwise it names the one command that
# a person must run.
set -eu
cd "$(dirname "$0")/.."

purpose=${1:-demo}
venv=.venv
log=''
running=''

say() { printf 'setup: %s\n' "$*"; }
die() { say "$*" >&2; exit 1; }

case $purpose in
demo) lock=requirements-demo.lock ;;
dev) lock=requirements-dev.lock ;;
*) die "unknown purpose $purpose; known are demo and dev" ;;
esac

end() {
    [ -z "$running" ] || kill "$running" 2>/dev/null || true
    [ -z "$log" ] || rm -f "$log"
}
trap end EXIT
trap 'echo; say "interrupted; run it again to go on"; exit 130' INT TERM HUP

# --- what a person sees -----------------------------------------------------------------------------------------------

number=0

bar() { # SECONDS EXPECTED
    filled=$((12 * $1 / $2))
    # A step that takes longer than expected does not look finished.
    [ "$filled" -lt 12 ] || filled=11
    printf '%*s' "$filled" '' | tr ' ' '#'
    printf '%*s' $((12 - filled)) '' | tr ' ' '-'
}

step() { # EXPECTED_SECONDS WHAT COMMAND…: runs it quietly; its last lines are shown when it fails
    expected=$1 what=$2
    shift 2
    number=$((number + 1))
    began=$(date +%s)
    [ -t 1 ] || say "$number/$steps $what (about $expected s)"

    "$@" >"$log" 2>&1 </dev/null &
    running=$!
    while [ -t 1 ] && kill -0 "$running" 2>/dev/null; do
        passed=$(($(date +%s) - began))
        printf '\rsetup: %s/%s [%s] %3s s of about %s s  %s\033[K' \
            "$number" "$steps" "$(bar "$passed" "$expected")" "$passed" "$expected" "$what"
        sleep 0.5
    done
    code=0
    wait "$running" || code=$?
    running=''

    passed=$(($(date +%s) - began))
    [ ! -t 1 ] || printf '\rsetup: %s/%s [############] %3s s  %s\033[K\n' "$number" "$steps" "$passed" "$what"
    sed -n 's/^install: /setup: /p' "$log"
    [ "$code" -eq 0 ] || {
        tail -n 20 "$log" >&2
        die "step $number failed with exit code $code: $what"
    }
}

# --- Debian's packages ------------------------------------------------------------------------------------------------

# As root, with sudo, or not at all: then a person is told the command.
find_right() {
    if [ "$(id -u)" -eq 0 ]; then
        as_root=''
    elif ! command -v sudo >/dev/null; then
        as_root=none
    elif sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    elif [ -t 0 ] && sudo -v -p "setup: password of %u for sudo, to install ${missing:-what Chromium needs}: "; then
        as_root='sudo -n'
    else
        as_root=none
    fi
}

has_library() { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | grep -q "$1"; }

has_browser() {
    for name in "${BROWSER_EXECUTABLE:-}" chromium-headless-shell chromium google-chrome; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    [ -n "$(find "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}" -name 'chrom*' -type f -perm -u+x 2>/dev/null)" ]
}

offered() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]'; }

# The name of a package with a Chromium; nothing where there is none (Ubuntu has its Chromium as a snap only).
browser_package() {
    for name in chromium-headless-shell chromium; do
        if offered "$name"; then
            echo "$name"
            return
        fi
    done
    # A Debian that was never told of its packages.
    if ! offered python3 && grep -qs '^ID=debian' /etc/os-release; then echo chromium-headless-shell; fi
}

update_debian() {
    # An installation that was interrupted is ended first: apt would refuse to go on.
    $as_root dpkg --configure -a
    $as_root apt-get update -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300
}

install_debian() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@"
}

name_command() {
    command="apt-get update && apt-get install -y --no-install-recommends $missing"
    if command -v sudo >/dev/null; then how="sudo sh -c '$command'"; else how="su - -c '$command'"; fi
    say "missing on this machine: $missing" >&2
    say "only root may install them; run this once, then try again:" >&2
    printf '\n    %s\n\n' "$how" >&2
    exit 1
}

# Debian's Chromium and Python's packages need nothing of each other: side by side.
install_rest() { # PACKAGE, or nothing
    # A session of its own, so that whatever it has started ends with it.
    setsid sh demo/install.sh "$venv" "$lock" &
    python=$!
    debian=''
    trap 'kill -TERM "-$python" 2>/dev/null; exit 143' TERM
    if [ -n "$1" ]; then
        install_debian "$1" &
        debian=$!
    fi

    failed=''
    wait "$python" || failed=yes
    [ -z "$debian" ] || wait "$debian" || failed=yes
    [ -z "$failed" ]
}

missing=''
lacks() { missing="${missing:+$missing }$1"; }

python3 -c 'import ensurepip, venv' 2>/dev/null || lacks python3-venv
has_library libpango-1.0.so.0 || lacks libpango-1.0-0
has_library libpangoft2-1.0.so.0 || lacks libpangoft2-1.0-0
has_library libharfbuzz-subset.so.0 || lacks libharfbuzz-subset0
# Playwright's driver does not start without it.
has_library libatomic.so.1 || lacks libatomic1
# The viewers in which the tests look at filled forms.
if [ "$purpose" = dev ]; then
    command -v pdftoppm >/dev/null || lacks poppler-utils
    command -v mutool >/dev/null || lacks mupdf-tools
fi

libraries=$missing
browser=''
has_browser || browser=$(browser_package)
[ -z "$browser" ] || lacks "$browser"

log=$(mktemp)
steps=1
if [ -n "$missing" ]; then
    command -v apt-get >/dev/null || die "missing on this machine, and there is no apt-get to install them: $missing"
    find_right
    [ "$as_root" != none ] || name_command
    say "missing on this machine: $missing"
    [ -z "$libraries" ] || steps=$((steps + 1))
    steps=$((steps + 1))
    step 5 "lists of Debian's packages" update_debian
    # shellcheck disable=SC2086 # a list of package names
    [ -z "$libraries" ] || step 20 "packages from Debian" install_debian $libraries
fi

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "Python 3.11 or newer is needed, this is $(python3 -V)"

# --- Python's packages and a browser ----------------------------------------------------------------------------------

[ -n "$browser" ] || has_browser || steps=$((steps + 1))
step 20 "Python packages${browser:+, a browser}" install_rest "$browser"

# Only where no package has one.
has_browser || {
    find_right
    with_deps=''
    [ "$as_root" = none ] || with_deps='--with-deps'
    # shellcheck disable=SC2086 # nothing, where nobody may install packages
    step 120 "Playwright's Chromium" timeout 600 "$venv/bin/playwright" install $with_deps chromium
}

touch "$venv/.ready"
[ "$purpose" = demo ] || touch "$venv/.ready-$purpose"
say "ready"
