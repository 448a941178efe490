package term

// Entered tells whether somebody has typed a line since it was last asked, and forgets the line. It never waits, so that
// nothing is taken from who asks a question later. It is false while one is open, which the line would be an answer to, for a
// process in the background, which may not read, and where the system cannot tell.
func (k *Keyboard) Entered() bool {
	if k == nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	file := terminal(k.in)
	if file == nil || k.reading || k.ended || !inForeground(file) || !canRead(file) {
		return false
	}
	line := make([]byte, 4096) // the longest that a terminal takes
	n, _ := file.Read(line)
	return n > 0
}
