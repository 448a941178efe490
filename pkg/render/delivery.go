package render

import (
	"fmt"
	"strings"

	"muster/pkg/fleet"
	"muster/pkg/term"
)

// deliveriesAtMost is the largest number of instances of a group whose deliveries are shown.
const deliveriesAtMost = 10

// Delivery describes where the whole of an output is, or why it was not delivered. It is empty if that is not known.
func Delivery(d *fleet.Delivery) string {
	if d == nil {
		return ""
	}
	var words string
	switch {
	case strings.EqualFold(d.OssOutputStatus, "Failed"):
		words = "the whole output could not be delivered to OSS"
		for _, why := range []string{d.OssOutputErrorCode, d.OssOutputErrorInfo} {
			if why != "" {
				words += ": " + why
			}
		}
	case d.OssOutputUri == "":
		return ""
	case strings.EqualFold(d.OssOutputStatus, "InProgress"):
		words = "the whole output was still being delivered to " + d.OssOutputUri
	default:
		words = "the whole output is at " + d.OssOutputUri
	}
	return strings.ReplaceAll(term.Sanitize(words), "\n", " ")
}

// Deliveries describe where the whole outputs of a group are. names are those of the instances. Of many, it returns the first.
func Deliveries(names []string, of func(i int) *fleet.Delivery) []string {
	var all []string
	for i, name := range names {
		words := Delivery(of(i))
		if words == "" {
			continue
		}
		if len(names) > 1 {
			words = term.Sanitize(name) + ": " + words
		}
		all = append(all, words)
	}
	if more := len(all) - deliveriesAtMost; more > 0 {
		return append(all[:deliveriesAtMost], fmt.Sprintf("and of %d more; -o json has all", more))
	}
	return all
}
