//go:build unix

package cmd

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestHelpOnTerminals checks that help is as wide as the terminal, and at most 120 columns.
func TestHelpOnTerminals(t *testing.T) {
	for columns, most := range map[uint16]int{60: 60, 80: 80, 200: 120} {
		widest := 0
		screen := onTerminal(t, columns, nil, "help", flagsTopic)
		for line := range strings.Lines(screen) {
			widest = max(widest, utf8.RuneCountInString(strings.TrimRight(line, "\r\n")))
		}
		if widest > most || widest < most-20 {
			t.Errorf("at %d columns, the widest line has %d", columns, widest)
		}
	}
}
