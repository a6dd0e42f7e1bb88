#!/bin/sh
# systemd 252 (257 does the same; run as root): five timers with Persistent= whose run was missed, and RandomizedDelaySec=12,
# so that they do not begin together. Seen: started 13 s after the manager, all five run in the same moment: the delay is
# counted from when the manager started, which is the boot. Expected: each waits for its part of the 12 s.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
units="$folder/home/.config/systemd/user"
mkdir -p "$units"
mkdir -p "$folder/home/.local/share/systemd/timers"
for name in a b c d e; do
    touch -d "2 days ago" "$folder/home/.local/share/systemd/timers/stamp-$name.timer"
    printf '[Timer]\nOnCalendar=daily\nPersistent=yes\nRandomizedDelaySec=12\nAccuracySec=100ms\n' >"$units/$name.timer"
    printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo %s >>%s/told"\n' $name "$folder" >"$units/$name.service"
done
cat >"$folder/steps" <<'SH'
sleep 13
systemctl --user start a.timer b.timer c.timer d.timer e.timer
sleep 3
SH
cat >"$folder/manager" <<'SH'
set -eu
folder=$1
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/user/0
export XDG_RUNTIME_DIR=/run/user/0 HOME="$folder/home"
/lib/systemd/systemd --user 2>/dev/null &
until systemctl --user is-system-running >/dev/null 2>&1; do sleep 0.2; done
. "$folder/steps"
systemctl --user exit
wait
SH
unshare --pid --fork --mount-proc sh "$folder/manager" "$folder"
echo "after 3 s of a delay of up to 12 s: $(wc -l <"$folder/told") of 5 have run" | tee "$folder/seen"

echo "after 3 s of a delay of up to 12 s: 5 of 5 have run" >"$folder/expected"
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
