package assist

import (
	"encoding/base64"
	"strings"
)

// The encodings of contents and outputs.
const (
	PlainText = "PlainText"
	Base64    = "Base64"
)

// Encoding parses a ContentEncoding. It accepts both names in any letter case, and returns the action's default for any other.
func Encoding(name, byDefault string) string {
	switch {
	case strings.EqualFold(name, PlainText):
		return PlainText
	case strings.EqualFold(name, Base64):
		return Base64
	}
	return byDefault
}

// DecodeContent decodes a content. Base64 may have padding and white space.
func DecodeContent(content, encoding string) ([]byte, error) {
	if encoding != Base64 {
		return []byte(content), nil
	}
	text := content
	if strings.Contains(text, " ") || strings.Contains(text, "\t") { // the decoder skips line breaks
		text = strings.NewReplacer(" ", "", "\t", "").Replace(text)
	}
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "=\r\n"))
}

// EncodeContent encodes a content.
func EncodeContent(content []byte, encoding string) string {
	if encoding != Base64 {
		return string(content)
	}
	return base64.StdEncoding.EncodeToString(content)
}

// Base64Size returns the size of a content in Base64, to which the limits on contents apply.
func Base64Size(content []byte) int { return base64.StdEncoding.EncodedLen(len(content)) }
