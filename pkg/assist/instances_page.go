package assist

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// instancesPage is a page of DescribeInstances, less what choosing targets does not need.
type instancesPage struct {
	next      string
	summaries List[InstanceSummary]
	named     func(token string) // hears of next when the instances begin behind it; may be nil
}

func (p *instancesPage) check() error {
	for i := range p.summaries {
		if err := checkID("InstanceId", p.summaries[i].InstanceId); err != nil {
			return err
		}
	}
	return nil
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
		var instances struct{ Instance List[InstanceSummary] }
		err := json.UnmarshalDecode(from, &instances)
		p.summaries = instances.Instance
		return true, err
	}
	return false, nil
}
