package cmd

import (
	"strings"
	"unicode/utf8"
)

// wrap breaks paragraphs into lines of at most width characters. All lines but the first are indented. Longer words are kept whole.
// Empty lines and lines that begin with a blank are kept as they are.
func wrap(text string, width int, indent string) string {
	var lines []string
	var paragraph []string
	flush := func() {
		lines = append(lines, fillLines(paragraph, width, indent)...)
		paragraph = nil
	}
	for _, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, " ") {
			flush()
			lines = append(lines, line)
			continue
		}
		paragraph = append(paragraph, strings.Fields(line)...)
	}
	flush()
	return strings.Join(lines, "\n"+indent)
}

// fillLines arranges words in lines.
func fillLines(words []string, width int, indent string) []string {
	var lines []string
	room := width - utf8.RuneCountInString(indent)
	line, length := "", 0
	for _, word := range words {
		n := utf8.RuneCountInString(word)
		if length > 0 && length+1+n > room {
			lines = append(lines, line)
			line, length = "", 0
		}
		if length > 0 {
			line, length = line+" ", length+1
		}
		line, length = line+word, length+n
	}
	if length > 0 {
		lines = append(lines, line)
	}
	return lines
}
