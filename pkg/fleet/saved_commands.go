package fleet

import (
	"cmp"
	"slices"

	"github.com/go-json-experiment/json"
)

// SavedCommands are the ids of a saved command at several sites. In JSON they are a list.
type SavedCommands map[Site]string

type savedCommand struct {
	Site
	CommandId string
}

// MarshalJSON writes the list, sorted by site.
func (c SavedCommands) MarshalJSON() ([]byte, error) {
	list := []savedCommand{}
	for site, id := range c {
		list = append(list, savedCommand{site, id})
	}
	slices.SortFunc(list, func(a, b savedCommand) int { return cmp.Compare(a.String(), b.String()) })
	return json.Marshal(list)
}

// UnmarshalJSON reads what [SavedCommands.MarshalJSON] writes.
func (c *SavedCommands) UnmarshalJSON(data []byte) error {
	var list []savedCommand
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*c = SavedCommands{}
	for _, saved := range list {
		(*c)[saved.Site] = saved.CommandId
	}
	return nil
}
