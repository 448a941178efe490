//go:build !linux && !darwin

package term

// leaveOnStop has nothing to do where processes are not stopped.
func (p *Progress) leaveOnStop() (end func()) { return func() {} }
