package journal

import (
	"fmt"
	"slices"
	"time"

	"muster/pkg/fleet"
)

// version is the format's. A reader takes its own and older ones.
const version = 1

// Header is a journal's first line: what a list of runs tells of one.
type Header struct {
	Journal   int // the format's version
	RunId     string
	Time      time.Time // when it began
	Muster    string    // the version that began it
	Action    string
	Script    string // the script's first line, or the saved command's name
	Total     int    // targets
	Sites     []SiteHeader
	Secrets   []string `json:",omitempty"` // the parameters whose values are not in the plan
	Throwaway bool     `json:",omitempty"` // it went to a lab that ended with it
	Deferred  bool     `json:",omitempty"` // it was sent and not waited for
	Detached  bool     `json:",omitempty"` // it was sent for another process to wait for
	Profiles  []string `json:",omitempty"` // that were asked for
	Endpoint  string   `json:",omitempty"` // that was asked for
}

// SiteHeader says as whom and where a site was called, so that nobody goes on with a run as somebody else.
type SiteHeader struct {
	fleet.Site
	Endpoint    string
	Fingerprint string `json:",omitempty"` // of the access key; empty where keys are new each time
	Source      string `json:",omitempty"` // of the keys, such as "profile prod (~/.aliyun/config.json)"
	AccountId   string `json:",omitempty"` // where STS was asked for it
}

// Regions are those of the sites, each once.
func (h Header) Regions() []string {
	var regions []string
	for _, site := range h.Sites {
		if !slices.Contains(regions, site.RegionId) {
			regions = append(regions, site.RegionId)
		}
	}
	return regions
}

// NewerError tells a journal that a later version of muster has written.
type NewerError struct {
	RunId   string
	Version int
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("run %s was written by a newer muster: its journal has format %d, and this one reads up to %d", e.RunId, e.Version, version)
}

// CorruptError tells a journal that somebody has damaged.
type CorruptError struct {
	Path string
	Line int
	Err  error
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s, line %d: the journal is damaged: %v", e.Path, e.Line, e.Err)
}

// Unwrap gives the cause.
func (e *CorruptError) Unwrap() error { return e.Err }
