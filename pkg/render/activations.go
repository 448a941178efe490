package render

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/pkg/assist"
)

// Activations is a list of activation codes, without the codes.
type Activations struct {
	Activations []Activation

	now time.Time
}

// Activation is an activation code, with the service's own fields and the time at which it expires.
type Activation struct {
	assist.Activation
	ExpirationTime string
}

// NewActivations returns the document of a list. now decides which of them have expired.
func NewActivations(list []assist.Activation, now time.Time) *Activations {
	document := &Activations{Activations: []Activation{}, now: now}
	for _, a := range list {
		a.Tags = notNil(a.Tags)
		document.Activations = append(document.Activations, Activation{a, ExpirationTime(a.CreationTime, a.TimeToLiveInHours)})
	}
	return document
}

// ExpirationTime returns when an activation that was created at a time expires, or "" if that cannot be read.
func ExpirationTime(created string, hours int64) string {
	from := assist.ParseTime(created)
	if from.IsZero() {
		return ""
	}
	return assist.FormatTime(from.Add(time.Duration(hours) * time.Hour))
}

// Records returns the activations.
func (d *Activations) Records() iter.Seq2[any, error] { return Records(d.Activations) }

// Record returns an activation without values.
func (d *Activations) Record() any { return Activation{} }

// WriteTable writes a row for each activation.
func (d *Activations) WriteTable(w io.Writer, style Style) error {
	rows := make([][]string, 0, len(d.Activations))
	for i := range d.Activations {
		a := &d.Activations[i]
		tags := make([]string, len(a.Tags))
		for k, tag := range a.Tags {
			tags[k] = tag.TagKey + "=" + tag.TagValue
		}
		rows = append(rows, []string{
			a.ActivationId, cell(a.InstanceName), a.state(style, d.now), fmt.Sprintf("%d/%d", a.RegisteredCount+a.DeregisteredCount, a.InstanceCount),
			strconv.FormatInt(a.RegisteredCount, 10), cell(a.IpAddressRange), cell(a.CreationTime), cell(a.ExpirationTime), cell(strings.Join(tags, ",")), cell(a.Description),
		})
	}
	fit := narrowing{drop: []string{"TAGS", "CREATED", "REGISTERED", "ADDRESSES"}, cut: []string{"DESCRIPTION", "TAGS", "NAME"}}
	header := []string{"ACTIVATION", "NAME", "STATE", "USED", "REGISTERED", "ADDRESSES", "CREATED", "EXPIRES", "TAGS", "DESCRIPTION"}
	return writeTable(w, style, fit, header, slices.Values(rows))
}

// state returns whether hosts can be registered with the activation, and why not.
func (a *Activation) state(style Style, now time.Time) string {
	expires := assist.ParseTime(a.ExpirationTime)
	switch {
	case a.Disabled:
		return style.Paint.Dim("disabled")
	case !expires.IsZero() && !now.Before(expires):
		return style.Paint.Dim("expired")
	case a.RegisteredCount+a.DeregisteredCount >= a.InstanceCount:
		return style.Paint.Dim("used up")
	}
	return style.Paint.Good("valid")
}
