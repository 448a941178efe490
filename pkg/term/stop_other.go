//go:build !linux && !darwin

package term

// leaveOnStop does nothing on systems that do not stop processes.
func (p *Progress) leaveOnStop() (end func()) { return func() {} }
