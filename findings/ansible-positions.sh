#!/usr/bin/env bash
# ansible's pattern web[1-3] selects the second to the fourth host of group web, and nodeset's web[1-3] is web1, web2 and web3.
#
# Expected: patterns of ansible are globs, so web[1-3] matches the hosts web1, web2 and web3, or [1-3] is refused, because a range is
# written [1:3].
# What happens: a digit, - or : in brackets at the end selects hosts of a group by their position, from 0 to the last one given. [1-3]
# is read like [1:3], with a warning that it "has been removed". The glob [1-3] matches host names only where more text follows it.
# Why it matters: the same words select other hosts in nodeset, pdsh and muster. If hosts are named like their group, all names look
# right in the output, and one host is another. Globs with ? and regular expressions with ~ have no positions.
. "$(dirname "$0")/prelude"

need python3
python3 -c 'import yaml, jinja2' 2>/dev/null || skip 'python3-yaml or python3-jinja2 is not installed'
debian ansible-core 2.14.18-0+deb12u2
for package in python3-resolvelib:0.9.0-2 python3-packaging:23.0-1 python3-clustershell:1.9.1-1 clustershell:1.9.1-1; do
  debian "${package%%:*}" "${package#*:}"
done
export PYTHONPATH=$work/root/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1
version "ansible-core $(python3 -c 'import ansible.release; print(ansible.release.__version__)'), clustershell 1.9.1"

cat >"$work/hosts" <<'END'
[web]
web[1:12]
[other]
web-a[1:3].example
END
hosts() { # PATTERN
  python3 "$work/root/usr/bin/ansible" -i "$work/hosts" --list-hosts "$1" 2>"$work/stderr" | sed -E 1d | paste -sd' ' | tr -s ' '
  tr '\n' ' ' <"$work/stderr" | sed 's,  *, ,g'
  echo
}
nodes() { python3 "$work/root/usr/bin/nodeset" -e "$1"; }

for pattern in 'web[1-3]' 'web[1:3]' 'web[0]' 'web[1-3]*' 'web?' '~web[1-3]$' 'web-a[1-3].example'; do
  saw "$pattern"
  saw "  ansible:$(hosts "$pattern")"
done
saw "  nodeset: $(nodes 'web[1-3]')"

same <<'END'
web[1-3]
  ansible: web2 web3 web4
[WARNING]: Use [x:y] inclusive subscripts instead of [x-y] which has been removed 
web[1:3]
  ansible: web2 web3 web4
web[0]
  ansible: web1
web[1-3]*
  ansible: web1 web2 web3 web10 web11 web12
web?
  ansible: web1 web2 web3 web4 web5 web6 web7 web8 web9
~web[1-3]$
  ansible: web1 web2 web3
web-a[1-3].example
  ansible: web-a1.example web-a2.example web-a3.example
  nodeset: web1 web2 web3
END
