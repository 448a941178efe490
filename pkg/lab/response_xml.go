package lab

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
)

// encodeXML writes what encoding/json makes of a response as XML: an element for every field, and for every item of a list
// one by the list's name. So both formats say the same.
func encodeXML(root string, response any) ([]byte, error) {
	text, err := json.Marshal(response)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	b := bytes.NewBufferString(xml.Header)
	err = writeXML(b, d, root)
	return b.Bytes(), err
}

// writeXML writes the next JSON value as elements of a name.
func writeXML(b *bytes.Buffer, d *json.Decoder, name string) error {
	value, err := d.Token()
	if err != nil {
		return err
	}
	if value == nil { // a list that is empty
		return nil
	}
	if value == json.Delim('[') {
		for d.More() {
			if err := writeXML(b, d, name); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	}
	fmt.Fprintf(b, "<%s>", name)
	if value == json.Delim('{') {
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return err
			}
			if err := writeXML(b, d, fmt.Sprint(key)); err != nil {
				return err
			}
		}
		_, err = d.Token()
	} else {
		err = xml.EscapeText(b, fmt.Append(nil, value))
	}
	fmt.Fprintf(b, "</%s>", name)
	return err
}
