package assist

import (
	"slices"
	"testing"
)

func TestIgnoredParameters(t *testing.T) {
	for _, test := range []struct {
		use  AgentUse
		want []string
	}{
		{AgentUse{}, nil},
		{AgentUse{TerminationMode: "Process"}, nil},
		{AgentUse{TerminationMode: "processtree"}, []string{"TerminationMode 2.2.3.631"}},
		{AgentUse{Launcher: true, TerminationMode: "ProcessTree"}, []string{"Launcher 2.2.3.857", "TerminationMode 2.2.3.631"}},
	} {
		var got []string
		for _, l := range test.use.IgnoredParameters() {
			got = append(got, l.Parameter+" "+l.Min.For("linux"))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q, want %q", test.use, got, test.want)
		}
	}
}
