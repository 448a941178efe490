package render

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/pkg/term"
)

// yamlString returns a text in a style that readers of YAML 1.1 and 1.2 read as exactly this text: plain if none of them could
// read it as anything else, a block if it has several lines that blocks can hold, and otherwise in double quotes.
func yamlString(text string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: yaml.DoubleQuotedStyle}
	switch {
	case yamlPlain(text):
		node.Style = 0
	case yamlBlock(text):
		node.Style = yaml.LiteralStyle
	}
	return node
}

// yamlPlain reports whether a text is a string without quotes. It begins with a letter or a slash, so that it is not a number,
// date, indicator or tag, has no special characters, and is not a word for a boolean, null or a number in any version.
func yamlPlain(text string) bool {
	if text == "" || !isLetter(text[0]) && text[0] != '/' || strings.HasSuffix(text, " ") || len(text) > 100 {
		return false
	}
	for i := range len(text) {
		if c := text[i]; !isLetter(c) && (c < '0' || c > '9') && !strings.ContainsRune(" -_./@+", rune(c)) {
			return false
		}
	}
	return !slices.Contains(yamlWords(), strings.ToLower(text))
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// yamlWords returns the booleans, null and the numbers that are words in YAML 1.1 (https://yaml.org/type/) or for one of its
// readers, in lower case.
func yamlWords() []string {
	return []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nil", "nan", "inf", "infinity"}
}

// yamlBlock reports whether a text of several lines can be a literal block: its first line neither is empty nor begins with
// white space, which would need an indentation indicator, and all characters are printable for every reader. Only line feeds
// break lines: readers of YAML 1.1 also break lines at NEL, U+2028 and U+2029. Characters that must be escaped need double
// quotes.
func yamlBlock(text string) bool {
	if !strings.Contains(text, "\n") || strings.ContainsRune(" \t\n", rune(text[0])) {
		return false
	}
	for _, r := range text {
		if !yamlPrintable(r) {
			return false
		}
	}
	return true
}

func yamlPrintable(r rune) bool {
	switch {
	case r == '\n', r == '\t', r >= ' ' && r <= '~':
		return true
	case term.Hidden(r):
		return false
	}
	return r >= 0xa0 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd
}
