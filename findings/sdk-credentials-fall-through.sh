#!/usr/bin/env bash
# The SDKs for Go and Node skip a source of credentials that is broken, and sign with the next one.
#
# Expected: half a key pair in the environment, or a current profile that does not exist, is an error, as in the aliyun CLI, which reports
# an unknown profile.
# What happens: the next source in the chain signs, without a message: a profile instead of the environment, or the credentials file
# instead of the profile. If all sources fail, the error names each.
# Why it matters: a CI job that was not given its secret acts as whoever is configured on the machine. Check who signs, for example with
# GetCallerIdentity, before anything else.
. "$(dirname "$0")/prelude"

need node
program github.com/aliyun/credentials-go@v1.4.14 <<'END'
package main

import (
	"fmt"

	"github.com/aliyun/credentials-go/credentials"
)

func main() {
	chain, err := credentials.NewCredential(nil)
	if err != nil {
		panic(err)
	}
	keys, err := chain.GetCredential()
	if err != nil {
		fmt.Println("an error")
		return
	}
	fmt.Println(*keys.AccessKeyId)
}
END
packages @alicloud/credentials@2.4.7
cat >"$work/npm/chain.cjs" <<'END'
const { default: Credential } = require('@alicloud/credentials')
new Credential().getCredential().then((keys) => console.log(keys.accessKeyId), () => console.log('an error'))
END
version "credentials-go v1.4.14, @alicloud/credentials 2.4.7, $(go env GOVERSION), Node $(node --version)"
export ALIBABA_CLOUD_ECS_METADATA_DISABLED=true
mkdir "$HOME/.aliyun" "$HOME/.alibabacloud"

profiles() { # CURRENT
  cat >"$HOME/.aliyun/config.json" <<END
{"current": "$1", "profiles": [
  {"name": "first", "mode": "AK", "access_key_id": "of-the-profile", "access_key_secret": "made-up"},
  {"name": "second", "mode": "AK", "access_key_id": "of-the-second-profile", "access_key_secret": "made-up"}]}
END
}
cat >"$HOME/.alibabacloud/credentials" <<'END'
[default]
type = access_key
access_key_id = of-the-section
access_key_secret = made-up
END

signs() { # WHAT [VARIABLE=VALUE...]
  local what=$1
  shift
  saw "$what: Go $(env "$@" "$work/program"), Node $(env "$@" node "$work/npm/chain.cjs")"
}

profiles first
signs 'half a pair in the environment' ALIBABA_CLOUD_ACCESS_KEY_ID=of-the-environment
signs 'a pair with an empty secret' ALIBABA_CLOUD_ACCESS_KEY_ID=of-the-environment ALIBABA_CLOUD_ACCESS_KEY_SECRET=
profiles renamed
signs 'a current profile that does not exist'
rm "$HOME/.alibabacloud/credentials"
signs 'the same, and no section'

same <<'END'
half a pair in the environment: Go of-the-profile, Node of-the-profile
a pair with an empty secret: Go of-the-profile, Node of-the-profile
a current profile that does not exist: Go of-the-section, Node of-the-section
the same, and no section: Go an error, Node an error
END
