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
	summaries []InstanceSummary  // once they are
	named     func(token string) // hears of next when the instances begin behind it; may be nil
}

// check decodes the instances.
func (p *instancesPage) check() (err error) {
	p.summaries, err = p.decode()
	p.instances = nil
	return err
}

func (p *instancesPage) decode() ([]InstanceSummary, error) {
	if p.instances == nil {
		return p.summaries, nil
	}
	var instances struct{ Instance List[InstanceSummary] }
	if err := json.Unmarshal(p.instances, &instances, lenient); err != nil {
		return nil, err
	}
	for i := range instances.Instance {
		if err := checkID("InstanceId", instances.Instance[i].InstanceId); err != nil {
			return nil, err
		}
	}
	return instances.Instance, nil
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
