#!/bin/sh
# systemd 252 (Debian 12; run as root), a one-shot with Restart=on-failure that fails three times. Seen: OnSuccess= is started
# after each failed attempt and OnFailure= once, at the end. systemd 257 (Debian 13), with the same units: OnFailure= four
# times, after each attempt and once more at the end, OnSuccess= never. Expected: each once, when all attempts are over.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
units="$folder/home/.config/systemd/user"
mkdir -p "$units"
cat >"$units/job.service" <<UNIT
[Unit]
OnFailure=failure.service
OnSuccess=success.service
StartLimitIntervalSec=60
StartLimitBurst=3
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo attempt >>$folder/told; exit 75'
Restart=on-failure
RestartSec=1
UNIT
for name in failure success; do
    printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo %s >>%s/told"\n' $name "$folder" >"$units/$name.service"
done
cat >"$folder/steps" <<'SH'
systemctl --user start --no-block job.service
until [ "$(systemctl --user show -P ActiveState job.service)" = failed ] &&
    grep -q failure "$folder/told"; do sleep 0.5; done
sleep 2
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
sort "$folder/told" | uniq -c | sed 's/^ *//' | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
3 attempt
1 failure
3 success
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
