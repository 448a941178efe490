package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// placeholder returns the placeholder of a flag's value and the flag's description. The placeholder is the part of the usage in
// back-quotes, or the type of the value in capitals; it is empty for a boolean flag. If the usage begins with it and a colon, as in
// "`N`: send to this many instances", the description does not include it.
func placeholder(f *pflag.Flag) (placeholder, description string) {
	placeholder, description = pflag.UnquoteUsage(f)
	if rest, ok := strings.CutPrefix(f.Usage, "`"+placeholder+"`: "); ok {
		description = rest
	}
	return placeholder, description
}

// flagLabel returns a flag with its placeholder, such as "-o, --output FORMAT" or "    --lab[=N]".
func flagLabel(f *pflag.Flag) string {
	label := "    --" + f.Name
	if f.Shorthand != "" {
		label = "-" + f.Shorthand + ", --" + f.Name
	}
	value, _ := placeholder(f)
	switch {
	case value != "" && f.NoOptDefVal != "":
		label += "[=" + value + "]"
	case value != "":
		label += " " + value
	}
	return label
}

// flagDescription returns a flag's description with its default.
func flagDescription(f *pflag.Flag) string {
	_, text := placeholder(f)
	if slices.Contains([]string{"", "0", "0s", "false", "[]"}, f.DefValue) {
		return text
	}
	return text + " (default " + f.DefValue + ")"
}
