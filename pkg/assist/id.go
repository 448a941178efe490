package assist

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

const (
	maxID     = 128
	maxNameID = 256
)

// plausibleID reports whether a text has the form of an id of an instance, an invocation or a region, such as i-bp185dy2o3o6neg,
// mi-hz018jr0fqjk3r5c, t-7d2a745b412b or cn-hangzhou. Ids become parts of file names, commands and output lines.
func plausibleID(id string) bool {
	if id == "" || len(id) > maxID || !alphanumeric(id[0]) {
		return false
	}
	for i := 1; i < len(id); i++ {
		if c := id[i]; !alphanumeric(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

func alphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// checkID returns an error if id cannot be the id of a record. name is the API's name of the field.
func checkID(name, id string) error {
	switch {
	case id == "":
		return fmt.Errorf("a record without %s", name)
	case !plausibleID(id):
		return badID(name, id)
	}
	return nil
}

// checkNameID is like checkID for ids that may be names with blanks, such as those of public commands and of resources of other
// products.
func checkNameID(name, id string) error {
	switch {
	case id == "":
		return fmt.Errorf("a record without %s", name)
	case len(id) > maxNameID || id == "." || id == ".." || strings.ContainsAny(id, `/\`) || strings.ContainsFunc(id, unprintable):
		return badID(name, id)
	}
	return nil
}

// checkHost returns an error if host cannot be a host[:port].
func checkHost(name, host string) error {
	if host != "" && (len(host) > 255 || strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789.-:") != "") {
		return badID(name, host)
	}
	return nil
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

func badID(name, id string) error {
	return fmt.Errorf("the %s %s is not valid", name, clip(strconv.QuoteToASCII(clip(id, 64)), 128))
}
