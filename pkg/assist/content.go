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

// Encoding reads a ContentEncoding: either name in any letter case, or else the action's own default.
func Encoding(name, byDefault string) string {
	switch {
	case strings.EqualFold(name, PlainText):
		return PlainText
	case strings.EqualFold(name, Base64):
		return Base64
	}
	return byDefault
}

// DecodeContent gives a content's bytes. Base64 is read with or without its padding and line breaks.
func DecodeContent(content, encoding string) ([]byte, error) {
	if encoding != Base64 {
		return []byte(content), nil
	}
	text := content
	if strings.Contains(text, " ") || strings.Contains(text, "\t") { // the decoder skips the ends of lines
		text = strings.NewReplacer(" ", "", "\t", "").Replace(text)
	}
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "=\r\n"))
}

// EncodeContent writes bytes in an encoding.
func EncodeContent(content []byte, encoding string) string {
	if encoding != Base64 {
		return string(content)
	}
	return base64.StdEncoding.EncodeToString(content)
}

// Base64Size is the size in which the limits on contents count.
func Base64Size(content []byte) int { return base64.StdEncoding.EncodedLen(len(content)) }
