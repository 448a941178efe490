package assist

import (
	"fmt"
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
	if kind := from.PeekKind(); kind != jsontext.KindBeginObject {
		if err := from.SkipValue(); err != nil {
			return err
		}
		return fmt.Errorf("the answer is no object, but begins with %v", kind)
	}
	if _, err := from.ReadToken(); err != nil {
		return err
	}
	for from.PeekKind() != jsontext.KindEndObject {
		key, err := from.ReadToken()
		if err != nil {
			return err
		}
		if err := p.read(from, key.String()); err != nil {
			return err
		}
	}
	_, err := from.ReadToken()
	return err
}

// read reads what stands behind a key, whose case nobody looks at.
func (p *instancesPage) read(from *jsontext.Decoder, key string) error {
	switch {
	case strings.EqualFold(key, "NextToken"):
		return json.UnmarshalDecode(from, &p.next)
	case strings.EqualFold(key, "Instances"):
		if p.next != "" && p.named != nil {
			p.named(p.next)
		}
		value, err := from.ReadValue()
		p.instances = value.Clone()
		return err
	}
	return from.SkipValue()
}
