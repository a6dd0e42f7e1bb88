#!/bin/sh
# bare_root.sh SUITE FOLDER: makes FOLDER a bare Debian of that suite, with nothing but what Debian calls essential, and apt.
#
# It is bootstrapped from the mirror that this machine's apt uses and trusts this machine's certificates, so that apt and
# pip work inside it as they do here. Needs root and debootstrap. With BARE_ROOTS_KEPT=FOLDER, where two tests need the
# same Debian, it is made once and kept there as SUITE.tar.
set -eu
suite=$1 root=$2
kept=${BARE_ROOTS_KEPT:+$BARE_ROOTS_KEPT/$suite.tar}

if [ -n "$kept" ]; then
    mkdir -p "$BARE_ROOTS_KEPT"
    exec 9>"$kept.lock"
    flock --wait 3600 9
    if [ -e "$kept" ]; then
        mkdir -p "$root"
        exec tar --extract --numeric-owner --file="$kept" --directory="$root"
    fi
fi

# shellcheck disable=SC2016 # apt's own placeholders
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/*$')
# shellcheck disable=SC2016 # apt's own placeholders
security=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 'debian-security/*$' || true)

mkdir -p "$root/etc/dpkg/dpkg.cfg.d"
cat >"$root/etc/dpkg/dpkg.cfg.d/slim" <<'SLIM'
path-exclude /usr/share/doc/*
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-include /usr/share/doc/*/copyright
force-unsafe-io
SLIM
# A Debian that is younger than this machine's debootstrap is made as the newest one.
script=$suite
[ -e "/usr/share/debootstrap/scripts/$suite" ] || script=sid
timeout --kill-after=10 3600 debootstrap --variant=minbase "$suite" "$root" "$mirror" "$script" >"$root.log" 2>&1 || {
    tail -n 20 "$root.log" >&2
    exit 1
}
rm -f "$root.log"

{
    echo "deb $mirror $suite main"
    echo "deb $mirror $suite-updates main"
    [ -z "$security" ] || echo "deb $security $suite-security main"
} >"$root/etc/apt/sources.list"
find "$root/var/cache/apt/archives" "$root/var/lib/apt/lists" -type f -delete
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/host-certificates.crt"
printf '[global]\ncert = /etc/host-certificates.crt\n' >"$root/etc/pip.conf"

if [ -n "$kept" ]; then
    tar --create --numeric-owner --file="$kept.part" --directory="$root" .
    mv "$kept.part" "$kept"
fi
