#!/bin/sh
# enter.sh ROOT COMMAND…: runs a command with ROOT as the whole file system, as if the machine had booted from it.
#
# Processes and mounts are in namespaces of their own, so they end with the command and nothing stays mounted. The root
# is pivoted to, because a browser's sandbox does not start below chroot. The network is this machine's: only the package
# registries are reached over it, and what the demo starts is on loopback. Needs root.
set -eu

[ "${INSIDE:-}" = yes ] || INSIDE=yes exec unshare --fork --kill-child --pid --mount --propagation private "$0" "$@"

root=$1
shift
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount -t tmpfs -o mode=0755 tmpfs dev
for device in null zero full random urandom tty; do
    : >"dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for file in resolv.conf hosts; do cat "/etc/$file" >"etc/$file"; done

mkdir -p .outside
pivot_root . .outside
umount --lazy /.outside
rmdir /.outside
cd /root
exec env --ignore-environment PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LANG=C.UTF-8 "$@"
