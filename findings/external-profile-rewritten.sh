#!/usr/bin/env bash
# credentials-go rewrites the Alibaba Cloud CLI's config.json when it gets credentials from a profile of mode External.
#
# Expected: GetCredentials reads the file, and runs the helper program once for credentials that do not expire soon.
# What happens: after each run of the helper, the library writes the whole file from its own types, including the helper's keys.
# Fields that these types do not have are lost, in all profiles and at the top level. A symbolic link becomes a regular file. The
# helper runs for each GetCredentials if its output has no expiration, or one that ends in +00:00 instead of Z.
# Why it matters: the file belongs to the CLI and its user. A program that only needs credentials changes it, and stores the helper's
# keys on disk. To avoid this, read the profile and run the helper without this provider.
. "$(dirname "$0")/prelude"

need jq
program github.com/aliyun/credentials-go@v1.4.14 <<'END'
package main

import (
	"os"

	"github.com/aliyun/credentials-go/credentials/providers"
)

func main() {
	provider, err := providers.NewCLIProfileCredentialsProviderBuilder().WithProfileFile(os.Args[1]).Build()
	if err != nil {
		panic(err)
	}
	for range 3 {
		if _, err := provider.GetCredentials(); err != nil {
			panic(err)
		}
	}
}
END
version "credentials-go v1.4.14, $(go env GOVERSION)"

unset ALIBABA_CLOUD_PROFILE ALIBABA_CLOUD_CONFIG_FILE ALIBABA_CLOUD_CLI_PROFILE_DISABLED
cat >"$work/helper" <<'END'
#!/bin/sh
echo run >>"$(dirname "$0")/runs"
cat "$(dirname "$0")/answer"
END
chmod +x "$work/helper"

answer() { # EXPIRATION
  local expiration=
  [ -z "$1" ] || expiration=", \"expiration\": \"$1\""
  cat >"$work/answer" <<END
{"mode": "StsToken", "access_key_id": "made-up-id", "access_key_secret": "made-up-secret", "sts_token": "made-up-token"$expiration}
END
}
config() {
  cat >"$work/dotfiles.json" <<END
{"current": "build", "meta_path": "", "profiles": [
  {"name": "build", "mode": "External", "process_command": "$work/helper", "language": "en", "output_format": "json"},
  {"name": "other", "mode": "AK", "access_key_id": "other-id", "access_key_secret": "other-secret", "site": "intl"}
]}
END
  ln -sf dotfiles.json "$work/config.json"
}
# shown prints the top-level keys, and each profile without empty fields.
shown() {
  jq -c 'keys, (.profiles[] | del(.process_command) | with_entries(select([.value] | inside(["", 0, false]) | not)))' "$1"
}
kind() { if [ -L "$1" ]; then echo 'a symbolic link'; else echo 'a regular file'; fi; }

config
answer ''
saw "config.json before is $(kind "$work/config.json")"
shown "$work/config.json" | saw
"$work/program" "$work/config.json" >/dev/null
saw "config.json after is $(kind "$work/config.json")"
shown "$work/config.json" | saw

saw 'GetCredentials, three times, runs the helper'
for expiration in '' 2099-01-01T00:00:00Z 2099-01-01T00:00:00+00:00; do
  config
  answer "$expiration"
  : >"$work/runs"
  "$work/program" "$work/config.json" >/dev/null
  saw "  $(wc -l <"$work/runs") times for the expiration ${expiration:-(none)}"
done

same <<'END'
config.json before is a symbolic link
["current","meta_path","profiles"]
{"name":"build","mode":"External","language":"en","output_format":"json"}
{"name":"other","mode":"AK","access_key_id":"other-id","access_key_secret":"other-secret","site":"intl"}
config.json after is a regular file
["current","profiles"]
{"name":"build","mode":"External","access_key_id":"made-up-id","access_key_secret":"made-up-secret","sts_token":"made-up-token"}
{"name":"other","mode":"AK","access_key_id":"other-id","access_key_secret":"other-secret"}
GetCredentials, three times, runs the helper
  3 times for the expiration (none)
  1 times for the expiration 2099-01-01T00:00:00Z
  3 times for the expiration 2099-01-01T00:00:00+00:00
END
