// Package config resolves muster's settings into one typed Config and remembers where each value came from.
//
// A setting is taken from the first of these that has it:
//
//  1. the flag, if the user gave it
//  2. the environment variable MUSTER_<KEY>, such as MUSTER_REGION or MUSTER_BATCH_RUN
//  3. the project's file, .muster.yaml, found from the working directory upwards: what it has below "profiles" for the
//     chosen profile, then its own keys, which are the names of the flags
//  4. muster's own file, config.yaml (see File), in the same way
//  5. what the aliyun CLI knows: the chosen profile of ~/.aliyun/config.json, and, for what that profile leaves
//     empty, ALIBABA_CLOUD_REGION_ID and ALIBABA_CLOUD_ENDPOINT
//  6. the default
//
// The profile's name follows the same order; at the fifth place ALIBABA_CLOUD_PROFILE comes before the file's
// "current". Each ALIBABA_CLOUD_* variable is also read as ALIBABACLOUD_* and ALICLOUD_*. An empty variable counts as
// not set; an empty flag, or an empty string in config.yaml, is a value. Inside the fifth place the order is the
// aliyun CLI's own, where a profile's region wins over the environment's, whether the profile was asked for by name
// or is the current one; a MUSTER_* variable wins over either.
//
// ALIBABA_CLOUD_CONFIG_FILE names another file than ~/.aliyun/config.json, and ALIBABA_CLOUD_IGNORE_PROFILE=TRUE (in
// capitals, as in the aliyun CLI) sets that file, its "current" and ALIBABA_CLOUD_PROFILE aside. A profile that muster
// itself is told to use is then an error, rather than a run with credentials other than those asked for.
//
// A project's file may have come with what somebody else wrote. It is read where the user or root owns it and not everybody
// may write to it, and it may not set the endpoint. What the files have below "defaults" is for flags that are no settings;
// it is handed on as it stands.
//
// The profile "lab" always exists: it is the lab that `muster lab` serves on this machine, even where the aliyun CLI
// has a profile of that name. Its region and endpoint come from a flag or a MUSTER_* variable or are left empty, for
// the caller to fill in: what other places say is about the cloud and must not send a lab's scripts there.
//
// Load never fails. What cannot be used, such as a file that cannot be parsed, is a Problem, and the Config is resolved without
// it: the caller decides which commands can do without. A profile that ALIBABA_CLOUD_PROFILE names and config.json does not
// have is no Problem; see Config.ProfileNotFound.
//
// The package reads no credentials: Config.Profile and Config.ProfileFile tell others where they are. It knows
// nothing of the command line but the flags handed to it, and keeps no state between two calls of Load.
package config
