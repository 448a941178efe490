package render

import (
	"bytes"
	"encoding/json"
	"testing"

	gojson "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"muster/pkg/fleet"
)

func TestIndentedLikeTheEncoder(t *testing.T) {
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		scalars := rapid.OneOf(
			rapid.String().AsAny(), rapid.Int().AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil),
			rapid.SampledFrom([]string{`"`, `\`, `\"`, "{}", "[,:]", "\n", `"\\`}).AsAny(),
		)
		if depth == 0 {
			return scalars
		}
		return rapid.OneOf(scalars, rapid.SliceOfN(value(depth-1), 0, 3).AsAny(), rapid.MapOfN(rapid.String(), value(depth-1), 0, 3).AsAny())
	}
	rapid.Check(t, func(t *rapid.T) {
		v := value(3).Draw(t, "value")
		var want, got bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(v); err != nil {
			t.Fatal(err)
		}
		if err := writeJSON(&got, v, "  "); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Fatalf("got  %s\nwant %s", got.String(), want.String())
		}
	})
}

// kept returns outputs as a journal does.
type kept struct{ stored }

func (k kept) OutputJSON(key fleet.OutputKey, room []byte) (jsontext.Value, []byte, error) {
	output, err := k.Output(key)
	text, ok := output.Text()
	if !ok || err != nil {
		return nil, room, err
	}
	literal, err := gojson.Marshal(text, jsonOptions)
	room = append(room[:0], literal...)
	return room, room, err
}

// TestSplicedIsTheSame writes runs with outputs that are inserted as JSON, and with outputs that are encoded.
func TestSplicedIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.OneOf(rapid.String(), rapid.Just(`"Output": ""`), rapid.Just("\xff"), rapid.Just(""))
		run := outputsOf(rapid.SliceOf(texts).Draw(t, "outputs"), func(i int) bool { return i%2 == 0 })
		for i := range run.state.Targets {
			run.state.Targets[i].InstanceName = texts.Draw(t, "name")
		}
		for _, format := range []Format{JSON, YAML} {
			encoded := formatted(t, format, run)
			spliced := NewRun(run.state, kept{run.outputs.(stored)}, nil)
			if diff := cmp.Diff(encoded, formatted(t, format, spliced)); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}
