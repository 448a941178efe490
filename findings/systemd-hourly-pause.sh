#!/usr/bin/env bash
# OnCalendar=hourly does not elapse for two hours when clocks are put back, and daily skips a day where midnight is skipped.
#
# Expected: an hourly timer elapses every hour, as 01:00 is shown twice. A daily timer elapses at the first moment of a day that begins
# at 01:00 because the clocks are put forward at midnight.
# What happens: of a time that is shown twice, systemd only elapses at the first, also for hourly and *:0/30. A time that is not shown
# is skipped with its day.
# Why it matters: monitoring that expects a sign of life every hour reports a failure once a year. The same expression in Cloud Assistant
# has other gaps. For a regular interval use OnUnitActiveSec= or a time zone without changes, such as "hourly UTC".
. "$(dirname "$0")/prelude"

debian systemd 252.39-1~deb12u2
debian libsystemd-shared 252.39-1~deb12u2
library=$(dirname "$(find "$work/root" -name 'libsystemd-shared-*.so')")
next() { # ZONE TIME EXPRESSION
  saw "$3 in $1"
  TZ=$1 LD_LIBRARY_PATH=$library SYSTEMD_COLORS=0 "$work/root/usr/bin/systemd-analyze" calendar --iterations=3 --base-time="$2" "$3" |
    sed -nE 's,.*(elapse|Iter\. #[0-9]+): ... ,  ,p' | saw
}
TZ=UTC LD_LIBRARY_PATH=$library "$work/root/usr/bin/systemd-analyze" --version >"$work/about" 2>&1 || skip 'systemd-analyze does not start'
version "$(head -n 1 "$work/about")"

next America/New_York '2027-11-07 00:30:00' hourly
next Europe/Berlin '2027-10-31 01:40:00' '*:0/30'
next UTC '2027-11-07 04:30:00' 'hourly America/New_York'
next UTC '2027-11-07 04:30:00' 'hourly UTC'
next America/Santiago '2027-09-03 12:00:00' daily
next Africa/Cairo '2027-04-28 12:00:00' daily

same <<'END'
hourly in America/New_York
  2027-11-07 01:00:00 EDT
  2027-11-07 02:00:00 EST
  2027-11-07 03:00:00 EST
*:0/30 in Europe/Berlin
  2027-10-31 02:00:00 CEST
  2027-10-31 02:30:00 CEST
  2027-10-31 03:00:00 CET
hourly America/New_York in UTC
  2027-11-07 05:00:00 UTC
  2027-11-07 07:00:00 UTC
  2027-11-07 08:00:00 UTC
hourly UTC in UTC
  2027-11-07 05:00:00 UTC
  2027-11-07 06:00:00 UTC
  2027-11-07 07:00:00 UTC
daily in America/Santiago
  2027-09-04 00:00:00 -04
  2027-09-06 00:00:00 -03
  2027-09-07 00:00:00 -03
daily in Africa/Cairo
  2027-04-29 00:00:00 EET
  2027-05-01 00:00:00 EEST
  2027-05-02 00:00:00 EEST
END
