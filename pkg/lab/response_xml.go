package lab

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
)

// encodeXML converts the JSON of a response to XML, so that both formats have the same content. Every field is an element. Every
// item of a list is an element with the name of the list.
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

// writeXML writes the next JSON value as elements with a name.
func writeXML(b *bytes.Buffer, d *json.Decoder, name string) error {
	value, err := d.Token()
	if err != nil {
		return err
	}
	if value == nil { // an empty list
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
