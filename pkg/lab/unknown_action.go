package lab

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/levenshtein"
)

const (
	// maxActionName is the length at which the name of an unknown action is cut in the error. No action of ECS has such a long one.
	maxActionName = 64
	// nearestActions is the number of actions that the error names.
	nearestActions = 3
)

// unknownAction returns the error for an action that the lab does not have. It has the service's code, and names the most similar
// ones of the operations.
func unknownAction(name string, operations map[string]operation) error {
	distance := map[string]int{}
	short := name[:min(len(name), maxActionName)]
	for action := range operations {
		distance[action] = levenshtein.Distance(strings.ToLower(short), strings.ToLower(action))
	}
	nearest := slices.SortedFunc(maps.Keys(distance), func(a, b string) int {
		return cmp.Or(cmp.Compare(distance[a], distance[b]), cmp.Compare(a, b))
	})[:nearestActions]
	return assist.Refusal(http.StatusNotFound, "InvalidApi.NotFound", fmt.Sprintf("Specified api is not found: the lab has no %s; it has %s and %d other actions.",
		strings.ToValidUTF8(short, "?"), strings.Join(nearest, ", "), len(operations)-nearestActions))
}
