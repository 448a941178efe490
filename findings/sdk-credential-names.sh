#!/usr/bin/env bash
# The SDKs for Go and Node read fewer names of credential variables than the aliyun CLI, and neither reads the other's switch.
#
# Expected: the tools of one vendor read the same variables. ALICLOUD_PROFILE and ALIBABACLOUD_ACCESS_KEY_ID, which the CLI reads, work
# in the SDKs too, and ALIBABA_CLOUD_IGNORE_PROFILE=TRUE, with which the CLI ignores its profiles, makes the SDKs ignore them.
# What happens: the SDKs ignore all three without a word, and sign with the current profile. They have a variable of their own,
# ALIBABA_CLOUD_CLI_PROFILE_DISABLED, which the CLI does not read.
# Why it matters: in one shell, programs sign as different accounts. Set the variables that begin with ALIBABA_CLOUD_, and both switches.
. "$(dirname "$0")/prelude"
. "$(dirname "$0")/credential-chains"

two_sources first
signs 'a profile and a section'
signs 'ALIBABACLOUD_ACCESS_KEY_ID and its secret' ALIBABACLOUD_ACCESS_KEY_ID=of-the-environment ALIBABACLOUD_ACCESS_KEY_SECRET=made-up
signs 'ALICLOUD_PROFILE=second' ALICLOUD_PROFILE=second
signs 'ALIBABA_CLOUD_PROFILE=second' ALIBABA_CLOUD_PROFILE=second
signs 'ALIBABA_CLOUD_IGNORE_PROFILE=TRUE' ALIBABA_CLOUD_IGNORE_PROFILE=TRUE
signs 'ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true' ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true

same <<'END'
a profile and a section: Go of-the-profile, Node of-the-profile
ALIBABACLOUD_ACCESS_KEY_ID and its secret: Go of-the-profile, Node of-the-profile
ALICLOUD_PROFILE=second: Go of-the-profile, Node of-the-profile
ALIBABA_CLOUD_PROFILE=second: Go of-the-second-profile, Node of-the-second-profile
ALIBABA_CLOUD_IGNORE_PROFILE=TRUE: Go of-the-profile, Node of-the-profile
ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true: Go of-the-section, Node of-the-section
END
