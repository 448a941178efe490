#!/usr/bin/env bash
# A credentials file that ALIBABA_CLOUD_CREDENTIALS_FILE names loses to config.json in the home directory, and enable = false does nothing.
#
# Expected: a file that a variable names comes before files that are only found. A section with enable = false, which the file format
# has for this purpose, is not used. ALIBABA_CLOUD_CONFIG_FILE names another config.json for all SDKs.
# What happens: in Go and Node, the current profile of the CLI's config.json signs, and the named file is not read. enable = false is not
# looked at. ALIBABA_CLOUD_CONFIG_FILE works in Go only; Node reads the file in the home directory.
# Why it matters: a job that names its own file acts as the user of the machine. Set ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true too, and
# remove sections instead of disabling them.
. "$(dirname "$0")/prelude"
. "$(dirname "$0")/credential-chains"

config() { printf '{"current": "c", "profiles": [{"name": "c", "mode": "AK", "access_key_id": "%s", "access_key_secret": "s"}]}' "$1"; }
section() { printf '[default]\n%stype = access_key\naccess_key_id = %s\naccess_key_secret = s\n' "$2" "$1"; }
config of-the-machine >"$HOME/.aliyun/config.json"
config of-a-named-config >"$work/config.json"
section of-a-named-file '' >"$work/credentials"
section disabled $'enable = false\n' >"$HOME/.alibabacloud/credentials"

signs() { # TEXT VARIABLE=VALUE...
  local text=$1 && shift
  saw "$(printf '%-44s Go: %-18s Node: %s' "$text" "$(go_signs "$@")" "$(node_signs "$@")")"
}
signs 'nothing is set'
signs 'CREDENTIALS_FILE' "ALIBABA_CLOUD_CREDENTIALS_FILE=$work/credentials"
signs 'CREDENTIALS_FILE, CLI_PROFILE_DISABLED' "ALIBABA_CLOUD_CREDENTIALS_FILE=$work/credentials" ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true
signs 'CONFIG_FILE' "ALIBABA_CLOUD_CONFIG_FILE=$work/config.json"
signs 'CLI_PROFILE_DISABLED, enable = false' ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true

same <<'END'
nothing is set                               Go: of-the-machine     Node: of-the-machine
CREDENTIALS_FILE                             Go: of-the-machine     Node: of-the-machine
CREDENTIALS_FILE, CLI_PROFILE_DISABLED       Go: of-a-named-file    Node: of-a-named-file
CONFIG_FILE                                  Go: of-a-named-config  Node: of-the-machine
CLI_PROFILE_DISABLED, enable = false         Go: disabled           Node: disabled
END
