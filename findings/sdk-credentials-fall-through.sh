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
. "$(dirname "$0")/credential-chains"

two_sources first
signs 'half a pair in the environment' ALIBABA_CLOUD_ACCESS_KEY_ID=of-the-environment
signs 'a pair with an empty secret' ALIBABA_CLOUD_ACCESS_KEY_ID=of-the-environment ALIBABA_CLOUD_ACCESS_KEY_SECRET=
two_sources renamed
signs 'a current profile that does not exist'
rm "$HOME/.alibabacloud/credentials"
signs 'the same, and no section'

same <<'END'
half a pair in the environment: Go of-the-profile, Node of-the-profile
a pair with an empty secret: Go of-the-profile, Node of-the-profile
a current profile that does not exist: Go of-the-section, Node of-the-section
the same, and no section: Go an error, Node an error
END
