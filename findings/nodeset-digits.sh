#!/usr/bin/env bash
# nodeset converts digits of other scripts to ASCII digits, which changes names.
#
# Expected: a name with a fullwidth or an Arabic-Indic three is unchanged, or refused.
# What happens: nodeset interprets every decimal digit of Python as part of a number, and prints numbers in ASCII. Two names become one,
# and leading zeros are lost, because only ASCII zeros count as padding.
# Why it matters: Chinese and Japanese input methods write fullwidth digits, so such names exist. A tool that processes them with nodeset
# can reach another node than the user named. A parser of node sets should search for [0-9]; isdigit, \d and unicode.IsDigit accept
# more.
. "$(dirname "$0")/prelude"

need python3
debian python3-clustershell 1.9.1-1
debian clustershell 1.9.1-1
export PYTHONPATH=$work/root/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
nodeset() { python3 "$work/root/usr/bin/nodeset" "$@"; }
version "clustershell 1.9.1-1 (Debian), $(nodeset --version)"

try nodeset -e web３ # U+FF13, FULLWIDTH DIGIT THREE
try nodeset -e web٣ # U+0663, ARABIC-INDIC DIGIT THREE
try nodeset -c web3 web３ web٣ # the number of different names
try nodeset -e web０３ # 03 in fullwidth digits
try nodeset -e 'web[０１-０３]'
try nodeset -e 'web[01-03]' # in ASCII
try nodeset -e web² # SUPERSCRIPT TWO is a digit, but not a decimal digit

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
