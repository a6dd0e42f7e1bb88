#!/bin/sh
# base_image.sh SUITE TAG: a stand-in for Debian's slim image where no image registry can be reached.
#
# It is Debian's SUITE, bootstrapped from the mirror that this machine's apt uses, with this machine's certificates, so
# that apt and pip work inside it as they do here. Nothing is done when TAG exists. Needs root and debootstrap.
set -eu
suite=$1 tag=$2

docker image inspect "$tag" >/dev/null 2>&1 && exit 0

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
"$(dirname "$0")/../install/bare_root.sh" "$suite" "$root"
find "$root/usr/share/doc" -type f ! -name copyright -delete
find "$root/usr/share/man" "$root/usr/share/locale" -type f -delete

tar -C "$root" -c . | docker import \
    --change 'CMD ["bash"]' \
    --change 'ENV PIP_CERT=/etc/host-certificates.crt SSL_CERT_FILE=/etc/host-certificates.crt' - "$tag" >/dev/null
