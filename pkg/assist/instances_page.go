package assist

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// instancesPage is a page of DescribeInstances whose instances are still to be decoded.
type instancesPage struct {
	next      string
	instances jsontext.Value
	named     func(token string) // hears of next when the instances begin behind it; may be nil
}

// UnmarshalJSONFrom reads the page from its beginning on.
func (p *instancesPage) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	return readObject(from, func(key string) error {
		if known, err := p.readMember(from, key); known {
			return err
		}
		return from.SkipValue()
	})
}

// readMember reads what stands behind a key, whose case nobody looks at.
func (p *instancesPage) readMember(from *jsontext.Decoder, key string) (known bool, err error) {
	switch {
	case strings.EqualFold(key, "NextToken"):
		return true, json.UnmarshalDecode(from, &p.next)
	case strings.EqualFold(key, "Instances"):
		if p.next != "" && p.named != nil {
			p.named(p.next)
		}
		value, err := from.ReadValue()
		p.instances = value.Clone()
		return true, err
	}
	return false, nil
}
