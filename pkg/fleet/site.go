package fleet

// Site is where targets are: a region, as the account of a profile sees it. It has no
// JSON of its own: it is embedded, and what embeds it would have that too.
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
