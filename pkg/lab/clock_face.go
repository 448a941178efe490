package lab

import (
	"time"

	"muster/pkg/assist"
)

// clockFace writes times as assist.FormatTime does, and remembers the last few: an answer tells the same ones often.
type clockFace struct {
	times [4]struct {
		second int64
		text   string
	}
}

func (c *clockFace) tell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	second := t.Unix()
	known := &c.times[second&3]
	if known.text == "" || known.second != second {
		known.second, known.text = second, assist.FormatTime(t)
	}
	return known.text
}
