package cmd

import (
	"slices"
	"testing"
)

// TestEveryParameterHasAFlag checks that each parameter of the actions has a flag, or a reason for having none.
func TestEveryParameterHasAFlag(t *testing.T) {
	commands := commandsBelow(quietRoot())
	for path, has := range parametersOf() {
		cmd := commands[path]
		if cmd == nil {
			t.Errorf("there is no command %q", path)
			continue
		}
		cmd.InheritedFlags() // adds them to the command's own
		var all []string
		for _, request := range has.requests {
			for _, name := range parameterNames(request) {
				all = append(all, name)
				flag := cmd.Flags().Lookup(kebabCase(name))
				if own, ok := has.flags[name]; ok {
					flag = cmd.Flags().Lookup(own)
				}
				switch reason := has.none[name]; {
				case flag == nil && reason == "":
					t.Errorf("muster %s has no flag for %s, and no reason for that", path, name)
				case flag != nil && reason != "":
					t.Errorf("muster %s has --%s for %s, and a reason for having none: %s", path, flag.Name, name, reason)
				}
			}
		}
		for name := range has.none {
			if !slices.Contains(all, name) {
				t.Errorf("muster %s has a reason for having no flag for %s, which is no parameter", path, name)
			}
		}
		for name, flag := range has.flags {
			if cmd.Flags().Lookup(flag) == nil {
				t.Errorf("muster %s has no --%s for %s", path, flag, name)
			}
		}
	}
}

func TestHyphenated(t *testing.T) {
	for name, want := range map[string]string{
		"InvokeId": "invoke-id", "OSType": "os-type", "VSwitchId": "v-switch-id", "Name": "name", "Ipv6Address": "ipv6-address", "region-Id": "region-id",
	} {
		if got := kebabCase(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
