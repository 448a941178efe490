package fleet

import "strings"

// Site is where targets are: a region, as the account of a profile sees it.
type Site struct {
	Profile  string `json:",omitempty"` // empty: of whatever credentials there are
	RegionId string `json:",omitempty"`
}

// String is the region, behind the profile where there is one.
func (s Site) String() string {
	if s.Profile == "" {
		return s.RegionId
	}
	return s.Profile + "/" + s.RegionId
}

// MarshalText makes a site a key of JSON objects.
func (s Site) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Site) UnmarshalText(text []byte) error {
	s.Profile, s.RegionId = "", string(text)
	if i := strings.LastIndexByte(s.RegionId, '/'); i >= 0 {
		s.Profile, s.RegionId = s.RegionId[:i], s.RegionId[i+1:]
	}
	return nil
}
