package cmd

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// maxPreviewed is the number of instances whose scripts are shown.
const maxPreviewed = 3

// previewDocument lists the requests of a run, and the scripts of the first instances.
type previewDocument struct {
	Requests []previewRequest
	Contents []previewContent
	Warnings []fleet.Warning

	targets []fleet.Target
	names   *fleet.Names
}

type previewRequest struct {
	Action     string
	Parameters map[string]string
}

type previewContent struct {
	InstanceId     string
	InstanceName   string
	CommandContent string
}

func (l *launch) preview(plan fleet.Plan) *previewDocument {
	d := &previewDocument{Requests: []previewRequest{}, Contents: []previewContent{}, Warnings: append([]fleet.Warning{}, plan.Warnings...), targets: plan.Targets}
	d.names = fleet.NewNames(len(plan.Targets), func(i int) fleet.Named {
		t := &plan.Targets[i]
		return fleet.Named{Site: t.Site, InstanceId: t.InstanceId, InstanceName: t.InstanceName}
	})
	for _, batch := range plan.Batches() {
		request := l.command.Request(batch)
		d.Requests = append(d.Requests, previewRequest{request.Action(), firstValues(assist.Encode(request), l.secrets)})
	}
	left := map[string]bool{}
	for _, skipped := range plan.Skipped {
		left[skipped.InstanceId] = true
	}
	for _, target := range plan.Targets {
		if !left[target.InstanceId] && len(d.Contents) < maxPreviewed {
			content := l.secrets.Mask(l.filled(target))
			d.Contents = append(d.Contents, previewContent{target.InstanceId, target.InstanceName, content})
		}
	}
	return d
}

func firstValues(params url.Values, secrets fleet.Secrets) map[string]string {
	all := map[string]string{}
	for name := range params {
		all[name] = secrets.Mask(params.Get(name))
	}
	return all
}

// filled returns the script with its parameters for an instance. What only the service knows is left as it is.
func (l *launch) filled(target fleet.Target) string {
	if !l.enabled {
		return l.content
	}
	values := map[string]string{}
	for _, name := range assist.Builtins() {
		values[name] = "{{" + name + "}}"
	}
	values["ACS::RegionId"] = target.RegionId
	values["ACS::InstanceId"] = target.InstanceId
	values["ACS::InstanceName"] = cmp.Or(target.InstanceName, values["ACS::InstanceName"])
	content, _ := assist.FillBuiltins(assist.FillParameters(l.content, l.parameters), values)
	return content
}

// InstanceNames returns the displayed names of the targets.
func (d *previewDocument) InstanceNames() []string {
	names := make([]string, len(d.targets))
	for i := range d.targets {
		names[i] = d.names.Of(d.targets[i].InstanceName, d.targets[i].InstanceId)
	}
	return names
}

// Records returns the requests.
func (d *previewDocument) Records() iter.Seq2[any, error] { return render.Records(d.Requests) }

// Record returns an empty request.
func (d *previewDocument) Record() any { return previewRequest{} }

// WriteTable writes the requests, a line for each parameter, then the scripts. Scripts in Base64 are not repeated in the requests.
func (d *previewDocument) WriteTable(w io.Writer, style render.Style) error {
	var b strings.Builder
	for i, request := range d.Requests {
		fmt.Fprintf(&b, "%s\n", style.Paint.Bold(fmt.Sprintf("%s, call %d of %d", request.Action, i+1, len(d.Requests))))
		for _, name := range slices.SortedFunc(maps.Keys(request.Parameters), compareNatural) {
			value := request.Parameters[name]
			if name == "CommandContent" {
				value = fmt.Sprintf("(%d bytes)", len(value))
			}
			fmt.Fprintf(&b, "  %s=%s\n", name, strings.ReplaceAll(term.Sanitize(value), "\n", " "))
		}
	}
	for _, content := range d.Contents {
		title := d.names.Of(content.InstanceName, content.InstanceId)
		fmt.Fprintf(&b, "\n%s %s %s\n", style.Paint.Dim("==>"), style.Paint.Bold(term.Sanitize(title)), style.Paint.Dim("<=="))
		b.WriteString(strings.TrimSuffix(term.Sanitize(content.CommandContent), "\n") + "\n")
	}
	if len(d.Warnings) > 0 {
		b.WriteString("\n")
	}
	for _, warning := range d.Warnings {
		fmt.Fprintf(&b, "%s %s\n", style.Paint.Warn("warning:"), term.Sanitize(warningLine(warning)))
	}
	b.WriteString("\nnothing was sent\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// compareNatural orders InstanceId.2 before InstanceId.10.
func compareNatural(a, b string) int {
	stem := func(name string) string { return strings.TrimRight(name, "0123456789") }
	if stem(a) == stem(b) {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	}
	return cmp.Compare(a, b)
}
