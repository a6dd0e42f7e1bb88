#!/bin/sh
# systemd 252 (257 does the same; run as root) tells a unit which elapse of its timer it is for, TRIGGER_TIMER_REALTIME_USEC.
# Seen: a timer of every two seconds passes the time of its first elapse to each run, for ever. A job that takes "the day
# that I am for" from it would make the first day again and again. Expected: the time of this elapse.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
units="$folder/home/.config/systemd/user"
mkdir -p "$units"
printf '[Timer]\nOnCalendar=*:*:0/2\nAccuracySec=100ms\n' >"$units/job.timer"
cat >"$units/job.service" <<UNIT
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo \$\${TRIGGER_TIMER_REALTIME_USEC} >>$folder/told'
UNIT
cat >"$folder/steps" <<'SH'
systemctl --user start job.timer
until [ "$(cat "$folder/told" 2>/dev/null | wc -l)" -ge 3 ]; do sleep 0.5; done
systemctl --user stop job.timer
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
echo "times in the first three runs: $(head -3 "$folder/told" | sort -u | wc -l)" | tee "$folder/seen"

echo "times in the first three runs: 1" >"$folder/expected"
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
