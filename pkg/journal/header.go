package journal

import (
	"fmt"
	"slices"
	"time"

	"muster/pkg/fleet"
)

// version is the version of the format. Older versions can be read, too.
const version = 1

// Header is a journal's first line. It has what a list of runs shows.
type Header struct {
	Journal   int // the format's version
	RunId     string
	Time      time.Time // when the run began
	Muster    string    // the version of muster that began the run
	Action    string
	Script    string // the script's first line, or the saved command's name
	Total     int    // targets
	Sites     []SiteHeader
	Secrets   []string `json:",omitempty"` // the parameters whose values are not in the plan
	Throwaway bool     `json:",omitempty"` // it was run on a lab that ended with it
	Deferred  bool     `json:",omitempty"` // it was submitted and not waited for
	Detached  bool     `json:",omitempty"` // it was submitted for another process to wait for
	Profiles  []string `json:",omitempty"` // the requested profiles
	Endpoint  string   `json:",omitempty"` // the requested endpoint
}

// SiteHeader identifies the endpoint and the account of a site, so that a run is not resumed with another account.
type SiteHeader struct {
	fleet.Site
	Endpoint    string
	Fingerprint string `json:",omitempty"` // of the access key; empty if the keys are temporary
	Source      string `json:",omitempty"` // of the keys, such as "profile prod (~/.aliyun/config.json)"
	AccountId   string `json:",omitempty"` // if STS was asked for it
}

// Regions returns the regions of the sites, each once.
func (h Header) Regions() []string {
	var regions []string
	for _, site := range h.Sites {
		if !slices.Contains(regions, site.RegionId) {
			regions = append(regions, site.RegionId)
		}
	}
	return regions
}

// NewerError reports that a later version of muster has written a journal.
type NewerError struct {
	RunId   string
	Version int
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("run %s was written by a newer muster: its journal has format %d, and this one reads up to %d", e.RunId, e.Version, version)
}

// CorruptError reports that a journal is damaged.
type CorruptError struct {
	Path string
	Line int
	Err  error
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s, line %d: the journal is damaged: %v", e.Path, e.Line, e.Err)
}

func (e *CorruptError) Unwrap() error { return e.Err }
