package assist

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// instancesPage is a page of DescribeInstances with the fields that selecting targets requires.
type instancesPage struct {
	next      string
	summaries List[InstanceSummary]
	onToken   func(token string) // called with next, if it precedes the instances; may be nil
}

func (p *instancesPage) check() error {
	for i := range p.summaries {
		if err := checkID("InstanceId", p.summaries[i].InstanceId); err != nil {
			return err
		}
	}
	return nil
}

// UnmarshalJSONFrom decodes a page.
func (p *instancesPage) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	return readObject(from, func(key string) error {
		if known, err := p.readMember(from, key); known {
			return err
		}
		return from.SkipValue()
	})
}

// readMember decodes the value of a key in any letter case.
func (p *instancesPage) readMember(from *jsontext.Decoder, key string) (known bool, err error) {
	switch {
	case strings.EqualFold(key, "NextToken"):
		return true, json.UnmarshalDecode(from, &p.next)
	case strings.EqualFold(key, "Instances"):
		if p.next != "" && p.onToken != nil {
			p.onToken(p.next)
		}
		var instances struct{ Instance List[InstanceSummary] }
		err := json.UnmarshalDecode(from, &instances)
		p.summaries = instances.Instance
		return true, err
	}
	return false, nil
}
