package render

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"muster/pkg/fleet"
	"muster/pkg/target"
)

// ManagedInstances is a list of managed instances, with what is known of their registration.
type ManagedInstances struct {
	Instances []*target.Record

	regions, profiles int
}

// NewManagedInstances returns the document of a list.
func NewManagedInstances(list []*target.Record) *ManagedInstances {
	d := NewInstances(list)
	return &ManagedInstances{d.Instances, d.regions, d.profiles}
}

// Records returns the instances.
func (d *ManagedInstances) Records() iter.Seq2[any, error] { return Records(d.Instances) }

// Record returns an instance without values.
func (d *ManagedInstances) Record() any { return target.Record{} }

// WriteTable writes a row for each instance.
func (d *ManagedInstances) WriteTable(w io.Writer, style Style) error {
	header := []string{"INSTANCE", "NAME", "AGENT", "OS", "ADDRESS", "HOST", "REGISTERED", "LAST INVOKED", "TAGS"}
	if style.wide {
		header = append(header, "PUBLIC ADDRESS", "OS NAME", "AGENT VERSION", "INVOKED", "MACHINE", "ACTIVATION")
	}
	const after = 2 // the id and the name
	regions, profiles := d.regions > 1, d.profiles > 1
	header = slices.Insert(header, after, placeTitles(regions, profiles)...)
	rows := make([][]string, 0, len(d.Instances))
	for _, i := range d.Instances {
		cells := []string{
			i.InstanceId, cell(i.InstanceName), agentCell(style, i), cell(i.OSType), cell(strings.Join(i.PrivateIpAddress, ",")), cell(i.HostName),
			cell(i.RegistrationTime), cell(i.LastInvokedTime), cell(tagsCell(i)),
		}
		if style.wide {
			cells = append(cells, cell(strings.Join(i.PublicIpAddress, ",")), cell(i.OSName), cell(i.CloudAssistantVersion),
				strconv.FormatInt(i.InvocationCount, 10), cell(i.MachineId), cell(i.ActivationId))
		}
		rows = append(rows, slices.Insert(cells, after, placeCells(fleet.Site{RegionId: i.RegionId, Profile: i.Profile}, regions, profiles)...))
	}
	fit := narrowing{drop: []string{"TAGS", "LAST INVOKED", "HOST", "REGISTERED", "ADDRESS", "PROFILE", "OS"}, cut: []string{"TAGS", "HOST", "PROFILE", "NAME"}}
	return writeTable(w, style, fit, header, slices.Values(rows))
}

// InstanceNames returns the shown name of each instance of the list.
func (d *ManagedInstances) InstanceNames() []string {
	return (&Instances{Instances: d.Instances}).InstanceNames()
}

// ManagedInstance is a single managed instance, shown with all its fields.
type ManagedInstance struct {
	Instances []*target.Record
}

// Records returns the instance.
func (d *ManagedInstance) Records() iter.Seq2[any, error] { return Records(d.Instances) }

// Record returns an instance without values.
func (d *ManagedInstance) Record() any { return target.Record{} }

// WriteTable writes a line for each field.
func (d *ManagedInstance) WriteTable(w io.Writer, style Style) error {
	var b strings.Builder
	for _, i := range d.Instances {
		for _, line := range [][2]string{
			{"Id", i.InstanceId}, {"Name", i.InstanceName}, {"Agent", plainAgent(i)}, {"Host", i.HostName}, {"OS", i.OSType}, {"OS name", i.OSName},
			{"Address", strings.Join(i.PrivateIpAddress, ", ")}, {"Public", strings.Join(i.PublicIpAddress, ", ")}, {"Region", i.RegionId},
			{"Registered", i.RegistrationTime}, {"Invoked", invokedText(i)}, {"Machine", i.MachineId}, {"Activation", i.ActivationId},
			{"Group", i.ResourceGroupId}, {"Tags", tagsCell(i)},
		} {
			if line[1] != "" {
				fmt.Fprintf(&b, "%s %s\n", style.Paint.Dim(fmt.Sprintf("%-12s", line[0])), cell(line[1]))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func plainAgent(i *target.Record) string {
	if i.CloudAssistantStatus == "true" {
		return i.CloudAssistantVersion
	}
	return strings.TrimSpace(i.CloudAssistantVersion + " (not connected)")
}

func invokedText(i *target.Record) string {
	if i.InvocationCount == 0 {
		return "never"
	}
	return strings.TrimSuffix(fmt.Sprintf("%d times, last at %s", i.InvocationCount, i.LastInvokedTime), ", last at ")
}
