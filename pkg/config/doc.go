// Package config resolves muster's settings into one typed [Config] and remembers where each value came from.
//
// The value of a setting comes from the first of these sources that has one:
//
//  1. the flag, if the user gave it
//  2. the environment variable MUSTER_<KEY>, such as MUSTER_REGION or MUSTER_BATCH_RUN
//  3. the project's file, .muster.yaml, found by searching from the working directory upwards: first its block for the
//     chosen profile below "profiles", then its own keys, which are named like the flags
//  4. the user's file, config.yaml (see [File]), in the same way
//  5. the aliyun CLI: the chosen profile of ~/.aliyun/config.json, and, for what that profile leaves empty,
//     ALIBABA_CLOUD_REGION_ID and ALIBABA_CLOUD_ENDPOINT, with the scheme of ALIBABA_CLOUD_ENDPOINT_URL if that is the URL of
//     the same host and port
//  6. the default
//
// The profile itself is chosen in the same order; in the fifth place ALIBABA_CLOUD_PROFILE comes before the "current" of
// config.json. Each ALIBABA_CLOUD_* variable is also read as ALIBABACLOUD_* and ALICLOUD_*. An empty variable counts as
// unset; an empty flag, or an empty string in a settings file, is a value. The order inside the fifth place is the aliyun
// CLI's own: a profile's region takes precedence over the environment's, whether the profile was requested by name or is the
// current one. A MUSTER_* variable takes precedence over both.
//
// ALIBABA_CLOUD_CONFIG_FILE names another file than ~/.aliyun/config.json. ALIBABA_CLOUD_IGNORE_PROFILE=TRUE (in capitals, as
// in the aliyun CLI) ignores that file, its "current" and ALIBABA_CLOUD_PROFILE. A profile requested through muster's own flag
// or variable is then an error: running with other credentials than those requested would be worse.
//
// A project's file may come with files that other people wrote. It is only read if the user or root owns it and not everyone
// may write to it, and it must not set the endpoint. The section "defaults" of a settings file is for flags that are not
// settings; Load returns it unchecked.
//
// The profile "lab" always exists: it is the lab that `muster lab` serves on this machine, even if the aliyun CLI has a
// profile of that name. Its region and endpoint come from a flag or a MUSTER_* variable, or are left empty for the caller to
// fill in: the other sources are about the cloud and must not send a lab's scripts there.
//
// Load never fails. A value or file that cannot be used, such as one that cannot be parsed, is a [Problem], and the Config is
// resolved without it: the caller decides which commands can do without it. A profile that ALIBABA_CLOUD_PROFILE names and
// config.json does not have is not a Problem; see Config.ProfileNotFound.
//
// The package reads no credentials: Config.Profile and Config.ProfileFile say where they are. It knows nothing of the command
// line except the flags that it receives, and keeps no state between two calls of Load.
package config
