package schedule

import (
	"fmt"
	"strings"
	"time"

	// The zones' rules, for machines that have none, such as Windows, or an image built from scratch. They make a binary
	// 414 KB larger, and its archive 96 KB. Rules that the machine has come first.
	_ "time/tzdata"
)

// zone is a time zone by the name that it was given. The zero zone is the instance's own.
type zone struct {
	name     string
	explicit bool
	location *time.Location
}

// parseZone reads a full name from the time zone database, GMT±H:MM, GMT or UTC. Names without a slash are not taken,
// though the database has some (EST, Japan): an instance does not know them either.
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
	case capitalised(z.name):
		if location, err := time.LoadLocation(z.name); err == nil {
			z.location = location
			return z, nil
		}
	}
	return zone{}, p.wrong("time zone", "time zone %q is not known; write a full name such as Asia/Shanghai, an offset such as GMT+8:00, or UTC", z.name)
}

// capitalised tells a name of the database's shape: parts that start with a capital, a slash between them. The shape is
// asked first because the database may be a folder, where more than zones can be opened, on some systems in any letter
// case, and copies that count leap seconds lie under right/.
func capitalised(name string) bool {
	parts := strings.Split(name, "/")
	for _, part := range parts {
		if part == "" || part[0] < 'A' || part[0] > 'Z' || strings.ContainsAny(part, `.\`) {
			return false
		}
	}
	return len(parts) > 1
}

// parseOffset reads GMT±H:MM, as seconds east of Greenwich.
func parseOffset(p piece) (int, error) {
	sign, rest := p.cut(3, 4).String(), p.after(4)
	hours, minutes, found := strings.Cut(rest.String(), ":")
	if sign != "+" && sign != "-" || !found || !digits(hours) || len(hours) > 2 || !digits(minutes) || len(minutes) != 2 {
		return 0, p.wrong("time zone", "time zone %q is not of the form GMT+8:00", p)
	}
	if len(hours) == 2 && hours[0] == '0' {
		return 0, rest.cut(0, 2).wrong("time zone", "the hour in %q takes no leading zero; write GMT%s%s", p, sign, rest.after(1))
	}
	hour, err := within(rest.cut(0, len(hours)), "hour", 0, 14)
	if err != nil {
		return 0, err
	}
	minute, err := within(rest.after(len(hours)+1), "minute", 0, 59)
	if err != nil {
		return 0, err
	}
	offset := hour*3600 + minute*60
	if sign == "-" {
		offset = -offset
	}
	return offset, nil
}

// in is the zone as words end with it.
func (z zone) in() string {
	if z.explicit {
		return fmt.Sprintf(" (%s)", z.name)
	}
	return " (the instance's own time zone)"
}
