#!/usr/bin/env bash
# pdsh -Q lists other names than pdsh connects to, if a number is padded with zeros to 15 digits or more.
#
# Expected: -Q, which lists the targets without running anything, lists the names that a run connects to.
# What happens: in a run, padded numbers are truncated after 14 digits. Different names become the same name, and pdsh connects to it
# once for each. Here, -R exec replaces ssh, and %h is the name that it receives.
# Why it matters: names with long padded serial numbers are affected, and checking a generated list with pdsh -Q does not show it. A tool
# that writes lists for pdsh should be tested with a run.
. "$(dirname "$0")/prelude"

debian pdsh 2.34-0.2
modules=$(find "$work/root/usr/lib" -type d -name pdsh)
mkdir "$work/bin"
cp "$work/root/usr/bin/pdsh.bin" "$work/bin/pdsh" # it only runs under this name
"$work/bin/pdsh" -V >"$work/about" 2>&1 || skip 'pdsh does not start; it needs libreadline8'
grep -q 'rcmd modules:.*exec' "$work/about" || skip "pdsh only loads modules from ${modules#"$work/root"}, which does not have them"
unset WCOLL DSHPATH
version "pdsh 2.34-0.2 (Debian), $(head -n 1 "$work/about")"

listed() { "$work/bin/pdsh" -R exec -Q -w "$1" | tail -n 1; }
contacted() { "$work/bin/pdsh" -R exec -N -w "$1" echo %h | sort | paste -sd,; }
for list in 'a[00000000000001-00000000000002]' 'a[000000000000001-000000000000002]' a000000000000012 a0000000000000012; do
  saw "$list"
  saw "  pdsh -Q lists   $(listed "$list")"
  saw "  pdsh contacts   $(contacted "$list")"
done

same <<'END'
a[00000000000001-00000000000002]
  pdsh -Q lists   a00000000000001,a00000000000002
  pdsh contacts   a00000000000001,a00000000000002
a[000000000000001-000000000000002]
  pdsh -Q lists   a000000000000001,a000000000000002
  pdsh contacts   a00000000000000,a00000000000000
a000000000000012
  pdsh -Q lists   a000000000000012
  pdsh contacts   a00000000000001
a0000000000000012
  pdsh -Q lists   a0000000000000012
  pdsh contacts   a00000000000000
END
