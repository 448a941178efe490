package term

// Entered reports whether a line has been typed since the last call, and discards the line. It never blocks, so that it takes
// nothing from a later question. It returns false while a question is open, whose answer the line would be, in a background
// process, which may not read, and on systems that cannot tell.
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
	line := make([]byte, 4096) // the longest line of a terminal
	n, _ := file.Read(line)
	return n > 0
}
