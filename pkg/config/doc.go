// Package config resolves muster's settings into one typed Config and remembers where each value came from.
//
// A setting is taken from the first of these that has it:
//
//  1. the flag, if the user gave it
//  2. the environment variable MUSTER_<KEY>, such as MUSTER_REGION or MUSTER_BATCH_RUN
//  3. muster's own file, config.yaml (see File), whose keys are the names of the flags
//  4. what the aliyun CLI knows: the chosen profile of ~/.aliyun/config.json, and, for what that profile leaves
//     empty, ALIBABA_CLOUD_REGION_ID and ALIBABA_CLOUD_ENDPOINT
//  5. the default
//
// The profile's name follows the same order; at the fourth place ALIBABA_CLOUD_PROFILE comes before the file's
// "current". Each ALIBABA_CLOUD_* variable is also read as ALIBABACLOUD_* and ALICLOUD_*. An empty variable counts as
// not set; an empty flag, or an empty string in config.yaml, is a value. Inside the fourth place the order is the
// aliyun CLI's own, where a profile's region wins over the environment's, whether the profile was asked for by name
// or is the current one; a MUSTER_* variable wins over either.
//
// ALIBABA_CLOUD_CONFIG_FILE names another file than ~/.aliyun/config.json, and ALIBABA_CLOUD_IGNORE_PROFILE=TRUE (in
// capitals, as in the aliyun CLI) sets that file, its "current" and ALIBABA_CLOUD_PROFILE aside. A profile that muster
// itself is told to use is then an error, rather than a run with credentials other than those asked for.
//
// The profile "lab" always exists: it is the lab that `muster lab` serves on this machine, even where the aliyun CLI
// has a profile of that name. Its region and endpoint come from a flag or a MUSTER_* variable or are left empty, for
// the caller to fill in: what other places say is about the cloud and must not send a lab's scripts there.
//
// The package reads no credentials: Config.Profile and Config.ProfileFile tell others where they are. It knows
// nothing of the command line but the flags handed to it, and keeps no state between two calls of Load.
package config
