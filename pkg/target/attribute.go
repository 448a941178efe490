package target

import (
	"fmt"
	"slices"
	"strings"

	"muster/pkg/assist"
)

// Attribute is a property of instances that a flag chooses by.
type Attribute struct {
	Flag  string // such as zone, for --zone
	Usage string // with the placeholder in back-quotes

	get      func(*Record) string
	filter   func(*assist.DescribeInstancesRequest, string)
	validate func(text string, literal string) (canonical, want string) // want is empty if the value is possible
	known    []string                                                   // all possible values; nil if they are not known
	check    func(places []Place, value string) string
}

// Statuses returns the states of an instance.
func Statuses() []string { return []string{"Pending", "Running", "Starting", "Stopping", "Stopped"} }

// Systems returns the values of --os.
func Systems() []string { return []string{"linux", "windows", "freebsd"} }

// Attributes returns all properties that instances can be chosen by, besides names, tags and --where.
func Attributes() []Attribute {
	return []Attribute{
		{
			Flag: "zone", Usage: "`ZONE`: choose instances in this zone, such as cn-hangzhou-b; separate several by commas",
			get:    func(r *Record) string { return r.ZoneId },
			filter: func(r *assist.DescribeInstancesRequest, text string) { r.ZoneId = text },
			check:  zoneOf,
		},
		{
			Flag: "vpc", Usage: "`ID`: choose instances in this VPC",
			get:      func(r *Record) string { return r.VpcId },
			filter:   func(r *assist.DescribeInstancesRequest, text string) { r.VpcId = text },
			validate: withPrefix("vpc-", "a VPC's id, such as vpc-bp1opxu1zkhn00g"),
		},
		{
			Flag: "instance-type", Usage: "`TYPE`: choose instances of this type, such as ecs.g7.large or 'ecs.g7.*'",
			get:      func(r *Record) string { return r.InstanceType },
			filter:   func(r *assist.DescribeInstancesRequest, text string) { r.InstanceType = text },
			validate: withPrefix("ecs.", "an instance type, such as ecs.g7.large or 'ecs.g7.*'"),
		},
		{
			Flag: "image", Usage: "`ID`: choose instances made from this image; may be a glob",
			get:    func(r *Record) string { return r.ImageId },
			filter: func(r *assist.DescribeInstancesRequest, text string) { r.ImageId = text },
		},
		{
			Flag: "os", Usage: "`SYSTEM`: choose instances with this system: linux, windows or freebsd",
			get:      func(r *Record) string { return strings.ToLower(r.OSType) },
			validate: oneOf(Systems()), known: Systems(),
		},
		{
			Flag: "resource-group", Usage: "`ID`: choose instances in this resource group",
			get:      func(r *Record) string { return r.ResourceGroupId },
			filter:   func(r *assist.DescribeInstancesRequest, text string) { r.ResourceGroupId = text },
			validate: withPrefix("rg-", "a resource group's id, such as rg-bp67acfmxazb4p"),
		},
		{
			Flag: "status", Usage: "`STATE`: choose instances in this state: Pending, Running, Starting, Stopping or Stopped",
			get:      func(r *Record) string { return r.Status },
			filter:   func(r *assist.DescribeInstancesRequest, text string) { r.Status = text },
			validate: oneOf(Statuses()), known: Statuses(),
		},
	}
}

// parse reads the values of an attribute.
func (a *Attribute) parse(words Words) (Condition, error) {
	fields, err := words.split()
	if err != nil {
		return Condition{}, err
	}
	c := Condition{
		Words: words, filter: a.filter,
		lookUp:   func(r *Record) (string, bool) { has := a.get(r); return has, has != "" },
		existing: func(r *Record) []string { return []string{a.get(r)} },
	}
	if a.check != nil {
		c.check = func(places []Place, value string) *SyntaxError {
			if want := a.check(places, value); want != "" {
				return &SyntaxError{From: words.From, Text: value, Want: want}
			}
			return nil
		}
	}
	for _, field := range fields {
		word, err := words.parse(field)
		if err != nil {
			return c, err
		}
		for _, v := range valuesOf(word) {
			if a.validate != nil {
				literal := v.text
				if v.pattern != nil {
					literal = literal[:strings.IndexAny(literal, `*?[\`)]
				}
				canonical, want := a.validate(v.text, literal)
				if want != "" {
					return c, &SyntaxError{From: words.From, Text: v.text, Want: want, Known: a.known}
				}
				v.text = canonical
			}
			c.values = append(c.values, v)
		}
	}
	return c, nil
}

// withPrefix validates values with a common prefix.
func withPrefix(prefix, want string) func(text, literal string) (string, string) {
	return func(text, literal string) (string, string) {
		if strings.HasPrefix(literal, prefix) || text != literal && strings.HasPrefix(prefix, literal) {
			return text, ""
		}
		return text, want
	}
}

// oneOf validates values that are one of a list, in any letter case, and returns them in the case of the list.
func oneOf(known []string) func(text, literal string) (string, string) {
	return func(text, _ string) (string, string) {
		for _, word := range known {
			if strings.EqualFold(word, text) {
				return word, ""
			}
		}
		return text, strings.Join(known[:len(known)-1], ", ") + " or " + known[len(known)-1]
	}
}

// zoneOf returns an empty string if a zone is in one of the regions, and otherwise a description of a zone that is. A zone's id
// begins with its region's.
func zoneOf(places []Place, zone string) string {
	var regions []string
	for _, place := range places {
		if rest, ok := strings.CutPrefix(zone, place.RegionId); ok && rest != "" {
			return ""
		}
		if !slices.Contains(regions, place.RegionId) {
			regions = append(regions, place.RegionId)
		}
	}
	return fmt.Sprintf("a zone of %s, such as %s-b", strings.Join(regions, ", "), regions[0])
}
