#!/usr/bin/env bash
# nodeset turns the digits of other scripts into ASCII digits, which makes another name of a name.
#
# Expected: a name with a fullwidth or an Arabic-Indic three is kept as it is, or refused.
# What happens: nodeset takes everything that Python calls a decimal digit for a number, and prints numbers in ASCII. Two
# names become one, and leading zeros are lost, because only an ASCII zero counts as padding.
# Why it matters: input methods for Chinese and Japanese write fullwidth digits, so such names exist. A tool that passes them
# through nodeset can reach a node that nobody named. A reader of node sets should look for [0-9] itself; isdigit, \d and
# unicode.IsDigit accept more than that.
. "$(dirname "$0")/prelude"

need python3
debian python3-clustershell 1.9.1-1
debian clustershell 1.9.1-1
export PYTHONPATH=$work/root/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
nodeset() { python3 "$work/root/usr/bin/nodeset" "$@"; }
version "clustershell 1.9.1-1 (Debian), $(nodeset --version)"

try nodeset -e web３ # U+FF13, FULLWIDTH DIGIT THREE
try nodeset -e web٣ # U+0663, ARABIC-INDIC DIGIT THREE
try nodeset -c web3 web３ web٣ # how many names these are
try nodeset -e web０３ # 03 in fullwidth digits
try nodeset -e 'web[０１-０３]'
try nodeset -e 'web[01-03]' # the same in ASCII
try nodeset -e web² # SUPERSCRIPT TWO is a digit, but no decimal one

same <<'END'
$ nodeset -e web３
web3
$ nodeset -e web٣
web3
$ nodeset -c web3 web３ web٣
1
$ nodeset -e web０３
web3
$ nodeset -e web[０１-０３]
web1 web2 web3
$ nodeset -e web[01-03]
web01 web02 web03
$ nodeset -e web²
web²
END
