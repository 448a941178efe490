package render

import (
	"fmt"
	"strings"

	"muster/pkg/fleet"
	"muster/pkg/term"
)

// deliveriesAtMost is how many instances of a group are told of, each of which has a place of its own.
const deliveriesAtMost = 10

// Delivery says where the whole of an output is, or why it is nowhere; nothing where nobody knows.
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

// Deliveries say where the whole outputs of a group are, whose names are the instances'. Of many the first are told of.
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
