package schedule

import (
	"fmt"
	"strings"
	"time"

	// The time zone database, for machines without one, such as Windows or an image built from scratch. It adds 414 KB to the
	// binary and 96 KB to its archive. The machine's own database takes precedence.
	_ "time/tzdata"
)

// zone is a time zone with the name that was written. The zero zone is the instance's own.
type zone struct {
	name     string
	explicit bool
	location *time.Location
}

// parseZone reads a full name from the time zone database, GMT±H:MM, GMT or UTC. Names without a slash, such as EST or Japan,
// are refused although the database has them, because instances do not know them.
func parseZone(p piece) (zone, error) {
	z := zone{name: p.String(), explicit: true}
	switch {
	case z.name == "UTC" || z.name == "GMT":
		z.location = time.UTC
		return z, nil
	case strings.HasPrefix(z.name, "GMT"):
		offset, err := parseOffset(p)
		z.location = time.FixedZone(z.name, offset)
		return z, err
	case hasZoneForm(z.name):
		if location, err := time.LoadLocation(z.name); err == nil {
			z.location = location
			return z, nil
		}
	}
	return zone{}, p.errorf("time zone", "time zone %q is not known; write a full name such as Asia/Shanghai, an offset such as GMT+8:00, or UTC", z.name)
}

// hasZoneForm reports whether a name has the form of the database's names: parts that start with a capital letter, separated
// by slashes. This is checked first because the database may be a directory, in which other files can be opened too, on some
// systems in any letter case, and which has copies with leap seconds below right/.
func hasZoneForm(name string) bool {
	parts := strings.Split(name, "/")
	for _, part := range parts {
		if part == "" || part[0] < 'A' || part[0] > 'Z' || strings.ContainsAny(part, `.\`) {
			return false
		}
	}
	return len(parts) > 1
}

// parseOffset reads GMT±H:MM. It returns the offset in seconds east of Greenwich.
func parseOffset(p piece) (int, error) {
	sign, rest := p.cut(3, 4).String(), p.after(4)
	hours, minutes, found := strings.Cut(rest.String(), ":")
	if sign != "+" && sign != "-" || !found || !allDigits(hours) || len(hours) > 2 || !allDigits(minutes) || len(minutes) != 2 {
		return 0, p.errorf("time zone", "time zone %q is not of the form GMT+8:00", p)
	}
	if len(hours) == 2 && hours[0] == '0' {
		return 0, rest.cut(0, 2).errorf("time zone", "the hour in %q takes no leading zero; write GMT%s%s", p, sign, rest.after(1))
	}
	hour, err := parseWithin(rest.cut(0, len(hours)), "hour", 0, 14)
	if err != nil {
		return 0, err
	}
	minute, err := parseWithin(rest.after(len(hours)+1), "minute", 0, 59)
	if err != nil {
		return 0, err
	}
	offset := hour*3600 + minute*60
	if sign == "-" {
		offset = -offset
	}
	return offset, nil
}

// in returns the zone as the end of a description.
func (z zone) in() string {
	if z.explicit {
		return fmt.Sprintf(" (%s)", z.name)
	}
	return " (the instance's own time zone)"
}
