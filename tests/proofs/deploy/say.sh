# Sourced by the scripts of the deploy test: how they speak, wait and fail.
say() { printf 'test-deploy: %s\n' "$*"; }
die() { say "FAILED: $*" >&2; exit 1; }

within() { # SECONDS WHAT COMMAND…: runs it quietly; what was waited for and its last lines are told when it fails
    within_s=$1 what=$2 log=$PLACE/last.log code=0
    shift 2
    timeout --kill-after=10 "$within_s" "$@" >"$log" 2>&1 </dev/null || code=$?
    [ "$code" -ne 0 ] || return 0
    tail -n 20 "$log" >&2
    [ "$code" -lt 124 ] || die "$what did not end within $within_s s"
    die "$what: exit code $code"
}

remove_containers() { # of this place, if any
    docker ps --all --quiet --filter "name=^$NAME-" | xargs --no-run-if-empty docker rm --force --volumes >/dev/null
    docker volume ls --quiet --filter "name=^$NAME-" | xargs --no-run-if-empty docker volume rm >/dev/null
}

image_of() { # SUITE
    case $1 in noble) echo ubuntu:noble ;; *) echo "debian:$1-slim" ;; esac
}

control_groups() { # which version the host will have: what it limits with is the kernel's to give
    if grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null; then
        echo "control groups are of version 2"
    else
        echo "control groups are of version 1: here the kernel gives memory and pids to version 1 only, so 2 is NOT seen"
    fi
}
