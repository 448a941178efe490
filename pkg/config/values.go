package config

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/pkg/duration"
)

// value is a typed setting with a text form. The error of set becomes the Reason of an [Error].
type value interface {
	set(text string) error
	text() string
}

type stringValue struct {
	to    *string
	check func(string) error
}

func (v stringValue) set(text string) error {
	if v.check != nil && text != "" {
		if err := v.check(text); err != nil {
			return err
		}
	}
	*v.to = text
	return nil
}

func (v stringValue) text() string { return *v.to }

type boolValue struct{ to *bool }

func (v boolValue) set(text string) error {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "1":
		*v.to = true
	case "false", "no", "off", "0":
		*v.to = false
	default:
		return errors.New("must be true or false")
	}
	return nil
}

func (v boolValue) text() string { return strconv.FormatBool(*v.to) }

type intValue struct {
	to       *int
	min, max int
}

func (v intValue) set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < v.min || n > v.max {
		return fmt.Errorf("must be a whole number from %d to %d", v.min, v.max)
	}
	*v.to = n
	return nil
}

func (v intValue) text() string { return strconv.Itoa(*v.to) }

// callsValue is a maximum number of calls, or auto, which is stored as 0.
type callsValue struct {
	to  *int
	max int
}

const auto = "auto"

func (v callsValue) set(text string) error {
	if strings.EqualFold(text, auto) {
		*v.to = 0
		return nil
	}
	if err := (intValue{v.to, 1, v.max}).set(text); err != nil {
		return fmt.Errorf("must be auto, or a whole number from 1 to %d", v.max)
	}
	return nil
}

func (v callsValue) text() string {
	if *v.to == 0 {
		return auto
	}
	return strconv.Itoa(*v.to)
}

type rateValue struct {
	to  *float64
	max float64
}

func (v rateValue) set(text string) error {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || n < 0 || n > v.max {
		return fmt.Errorf("must be a number of calls a second up to %g, or 0 for no limit", v.max)
	}
	*v.to = n
	return nil
}

func (v rateValue) text() string { return strconv.FormatFloat(*v.to, 'f', -1, 64) }

type durationValue struct {
	to  *time.Duration
	max time.Duration
}

func (v durationValue) set(text string) error {
	d, err := duration.Parse(text)
	if err != nil || d == 0 || d > v.max {
		return fmt.Errorf("must be a duration such as 10s, more than 0 and at most %s", duration.Format(v.max))
	}
	*v.to = d
	return nil
}

func (v durationValue) text() string { return duration.Format(*v.to) }

// checkRegion checks a list of regions separated by commas. A region becomes part of a host name, so it must not contain
// characters that have a meaning there.
func checkRegion(regions string) error {
	for region := range strings.SplitSeq(regions, ",") {
		for part := range strings.SplitSeq(region, "-") {
			if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
				return errors.New("must be a region's id, such as cn-hangzhou")
			}
		}
	}
	return nil
}

func checkEndpoint(endpoint string) error {
	wrong := errors.New("must be host[:port] or http(s)://host[:port]")
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + endpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" || strings.TrimSuffix(u.Path, "/") != "" {
		return wrong
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return wrong
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return wrong
	}
	return nil
}

func checkOneOf(allowed []string) func(string) error {
	return func(text string) error {
		if len(allowed) == 0 || slices.Contains(allowed, text) {
			return nil
		}
		return errors.New("must be one of " + strings.Join(allowed, ", ") + DidYouMean(text, allowed))
	}
}
