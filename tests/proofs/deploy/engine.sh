# Sourced by run.sh (root only): what an engine of the test's own needs from the machine, and how that is given back.

install_engine() {
    missing=''
    for program in dockerd docker debootstrap iptables ip ssh ssh-keygen; do
        command -v "$program" >/dev/null || missing=yes
    done
    [ -n "$missing" ] || return 0
    say "installing docker.io, debootstrap, iptables, iproute2 and openssh-client from Debian"
    within 300 "reading the package lists" apt-get update -qq -o DPkg::Lock::Timeout=300
    # Debian would start a daemon on the usual socket, where others would find it.
    policy=/usr/sbin/policy-rc.d
    [ ! -e "$policy" ] || policy=''
    [ -z "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 0755 "$policy"; }
    # On trixie the client is a package of its own; bookworm knows no such package.
    # shellcheck disable=SC2046 # one name or none
    (
        within 600 "installing a container engine" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
            -o DPkg::Lock::Timeout=300 --no-install-recommends docker.io debootstrap iptables iproute2 openssh-client \
            $(apt-cache search --names-only '^docker-cli$' | cut -d' ' -f1)
    ) || installed=no
    [ -z "$policy" ] || rm -f "$policy"
    [ -z "${installed:-}" ] || exit 1
}

# The engine is told to leave the packet filter alone: its rules would be those of any other engine of this machine.
filter_rules() { # --insert or --delete
    iptables --wait 60 --table nat "$1" POSTROUTING --source "$SUBNET.0/24" ! --out-interface "$BRIDGE" --jump MASQUERADE
    iptables --wait 60 "$1" FORWARD --in-interface "$BRIDGE" --jump ACCEPT
    iptables --wait 60 "$1" FORWARD --out-interface "$BRIDGE" --jump ACCEPT
}

build_bridge() {
    ip link add "$BRIDGE" type bridge || die "no bridge can be made here; the engine needs the right to change the network"
    ip address add "$SUBNET.1/24" dev "$BRIDGE"
    ip link set "$BRIDGE" up
    echo 1 >/proc/sys/net/ipv4/ip_forward || die "this machine may not forward packets"
    filter_rules --insert || die "the packet filter cannot be changed here"
}

give_back() {
    while filter_rules --delete 2>/dev/null; do :; done
    ip link delete "$BRIDGE" 2>/dev/null || true
    find /sys/fs/cgroup -depth -type d \( -name "$NAME" -o -path "*/$NAME/*" \) -exec rmdir {} \; 2>/dev/null || true
}
