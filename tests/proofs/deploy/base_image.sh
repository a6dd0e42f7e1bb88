#!/bin/sh
# base_image.sh SUITE TAG: a stand-in for Debian's slim image where no image registry can be reached.
#
# It is Debian's SUITE, bootstrapped from the mirror that this machine's apt uses, with this machine's certificates, so
# that apt and pip work inside it as they do here. Nothing is done when TAG exists. Needs root and debootstrap.
set -eu
suite=$1 tag=$2

docker image inspect "$tag" >/dev/null 2>&1 && exit 0

# shellcheck disable=SC2016 # apt's own placeholders
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/*$')
# shellcheck disable=SC2016 # apt's own placeholders
security=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 'debian-security/*$' || true)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root/etc/dpkg/dpkg.cfg.d"
cat >"$root/etc/dpkg/dpkg.cfg.d/slim" <<'SLIM'
path-exclude /usr/share/doc/*
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-include /usr/share/doc/*/copyright
SLIM
debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" 2>&1 || { tail -n 20 "$root.log" >&2; exit 1; }
rm -f "$root.log"

{
    echo "deb $mirror $suite main"
    echo "deb $mirror $suite-updates main"
    [ -z "$security" ] || echo "deb $security $suite-security main"
} >"$root/etc/apt/sources.list"
find "$root/usr/share/doc" -type f ! -name copyright -delete
find "$root/var/cache/apt/archives" "$root/var/lib/apt/lists" "$root/usr/share/man" "$root/usr/share/locale" \
    -type f -delete
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/host-certificates.crt"

tar -C "$root" -c . | docker import \
    --change 'CMD ["bash"]' \
    --change 'ENV PIP_CERT=/etc/host-certificates.crt SSL_CERT_FILE=/etc/host-certificates.crt' - "$tag" >/dev/null
