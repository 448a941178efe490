package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// placeholder returns what stands in help for a flag's value, and the flag's description. The placeholder is what the usage has in
// back-quotes, or the type of the value, in capitals; it is empty for a flag that is on or off. A usage that begins with it and a
// colon, as "`N`: send to this many instances", is a description without it.
func placeholder(f *pflag.Flag) (placeholder, description string) {
	placeholder, description = pflag.UnquoteUsage(f)
	if rest, ok := strings.CutPrefix(f.Usage, "`"+placeholder+"`: "); ok {
		description = rest
	}
	return placeholder, description
}

// flagLabel is a flag with its placeholder, as in "-o, --output FORMAT" or "    --lab[=N]".
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

// flagDescription is what a flag does, and its default.
func flagDescription(f *pflag.Flag) string {
	_, text := placeholder(f)
	if slices.Contains([]string{"", "0", "0s", "false", "[]"}, f.DefValue) {
		return text
	}
	return text + " (default " + f.DefValue + ")"
}
