#!/usr/bin/env bash
# timeout of busybox returns 143 when the time is over, and the exit code of the command if that handles the signal; GNU returns 124.
#
# Expected: busybox implements the command of coreutils, so `timeout 60 job` returns 124 if the job took too long.
# What happens: busybox sends SIGTERM and returns what the command returns: 143 if the signal ended it, and 0 if it handled the signal and
# succeeded. With -k, coreutils returns 137 if SIGKILL was needed, as busybox does. With -s KILL, both return 137.
# Why it matters: on Alpine, a script that compares with 124 takes a timeout for another failure, or for success. A script for all
# systems treats every code but 0 as a failure, and does not rely on 0 of a command that handles SIGTERM.
. "$(dirname "$0")/prelude"

debian coreutils 9.1-1
debian busybox-static 1:1.35.0-4+deb12u1+b1
gnu() { "$work/root/usr/bin/timeout" "$@"; }
busybox() { "$work/root/bin/busybox" timeout "$@"; }
version "$(gnu --version | head -n 1), $("$work/root/bin/busybox" | head -n 1 | cut -d' ' -f1,2)"

deaf='trap "" TERM; sleep 9 & wait; wait'
polite='trap "exit 0" TERM; sleep 5 & wait'
for arguments in '1 sleep 5' '1 sh -c polite' '-k 1 1 sh -c deaf' '-s KILL 1 sleep 5' '5 sh -c "exit 3"'; do
  saw "timeout $arguments"
  for timeout in gnu busybox; do
    eval "set -- $arguments"
    [ "${!#}" != polite ] || set -- "${@:1:$#-1}" "$polite"
    [ "${!#}" != deaf ] || set -- "${@:1:$#-1}" "$deaf"
    status=0
    "$timeout" "$@" >"$work/out" 2>&1 || status=$?
    saw "$(printf '  %-8s %d' "$timeout" "$status")"
  done
done

same <<'END'
timeout 1 sleep 5
  gnu      124
  busybox  143
timeout 1 sh -c polite
  gnu      124
  busybox  0
timeout -k 1 1 sh -c deaf
  gnu      137
  busybox  137
timeout -s KILL 1 sleep 5
  gnu      137
  busybox  137
timeout 5 sh -c "exit 3"
  gnu      3
  busybox  3
END
