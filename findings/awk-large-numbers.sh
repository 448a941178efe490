#!/usr/bin/env bash
# From 2 GiB on, awk of Debian 12 prints 2.14748e+09, or 2147483647 with %d, and awk of busybox a negative number with %d.
#
# Expected: awk counts in double precision, so whole numbers are exact up to 2^53, and print shows them with all digits, as does %d.
# What happens: gawk and the original awk do so. mawk, which is awk on Debian 12, has 32 bits for whole numbers: print uses
# six digits above that, as for fractions, and %d stops at 2147483647. In busybox, print is right, and %d prints -2147483648.
# Why it matters: sums of sizes in bytes pass 2 GiB on every disk. On a fleet with several distributions, the same script collects
# numbers that are rounded or capped on some instances, without an error. printf "%.0f" is right in all of them.
. "$(dirname "$0")/prelude"

debian gawk 1:5.2.1-2
debian libsigsegv2 2.14-1
debian libmpfr6 4.2.0-1
debian mawk 1.3.4.20200120-3.1
debian original-awk 2022-09-12-1
debian busybox-static 1:1.35.0-4+deb12u1+b1
library=$(dirname "$(find "$work/root" -name 'libmpfr.so.6')")
LD_LIBRARY_PATH=$library "$work/root/usr/bin/gawk" --version >"$work/about" 2>&1 || skip 'gawk does not start; it needs libreadline8 and libgmp10'
version 'gawk 5.2.1, mawk 1.3.4-20200120, original-awk 2022-09-12, busybox 1.35.0 (Debian)'

gawk() { LD_LIBRARY_PATH=$library "$work/root/usr/bin/gawk" "$@"; }
mawk() { "$work/root/usr/bin/mawk" "$@"; }
original() { "$work/root/usr/bin/original-awk" "$@"; }
busybox() { "$work/root/bin/busybox" awk "$@"; }
for program in 'print $1 * 1024' 'printf "%d\n", $1 * 1024' 'printf "%.0f\n", $1 * 1024' 'n[$1 * 1024]; for (i in n) print i'; do
  saw "2097152 KiB: $program"
  for awk in gawk original mawk busybox; do
    saw "$(printf '  %-9s %s' $awk "$(echo 2097152 | $awk "{ $program }")")"
  done
done

same <<'END'
2097152 KiB: print $1 * 1024
  gawk      2147483648
  original  2147483648
  mawk      2.14748e+09
  busybox   2147483648
2097152 KiB: printf "%d\n", $1 * 1024
  gawk      2147483648
  original  2147483648
  mawk      2147483647
  busybox   -2147483648
2097152 KiB: printf "%.0f\n", $1 * 1024
  gawk      2147483648
  original  2147483648
  mawk      2147483648
  busybox   2147483648
2097152 KiB: n[$1 * 1024]; for (i in n) print i
  gawk      2147483648
  original  2147483648
  mawk      2.14748e+09
  busybox   2147483648
END
