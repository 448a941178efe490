//go:build !linux

package runner

// subreaper does nothing: only Linux has child subreapers that can be used here.
type subreaper struct{}

func (s *subreaper) start() {}

func (s *subreaper) stop() {}
