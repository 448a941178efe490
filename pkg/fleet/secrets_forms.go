package fleet

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	leastLine    = 4 // characters of a line that is a secret by itself
	leastEncoded = 4 // characters of Base64; shorter ones would match text that is not secret
)

// lines returns the trimmed lines of a value of several lines or with surrounding blanks, each of which may appear by itself.
func lines(value string) []string {
	var all []string
	for line := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(line); line != value && utf8.RuneCountInString(line) >= leastLine {
			all = append(all, line)
		}
	}
	return all
}

// forms returns the ways in which programs quote or escape a text: JSON of several libraries, Go, URLs, and a shell that traces
// its commands. They include the text itself, also joined into one line as in messages.
func forms(text string) []string {
	quoted := strconv.Quote(text)
	all := []string{text, strings.Join(strings.Fields(text), " "), strings.ReplaceAll(text, "'", `'\''`), quoted[1 : len(quoted)-1]}
	inJSON := jsonForm(text, false)
	slashed := strings.ReplaceAll(inJSON, "/", `\/`)
	all = append(all, jsonForm(text, true), inJSON, slashed, asciiForm(inJSON), asciiForm(slashed))
	query := url.QueryEscape(text)
	for _, escaped := range []string{query, strings.ReplaceAll(query, "+", "%20"), url.PathEscape(text)} {
		all = append(all, escaped, lowerEscapes(escaped))
	}
	return all
}

func jsonForm(text string, html bool) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(html)
	_ = encoder.Encode(text) // a string always can be encoded
	return b.String()[1 : b.Len()-2]
}

// asciiForm escapes characters outside ASCII, as some libraries do in JSON.
func asciiForm(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// lowerEscapes writes %2F as %2f.
func lowerEscapes(text string) string {
	b := []byte(text)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i:i+3], bytes.ToLower(b[i:i+3]))
			i += 2
		}
	}
	return string(b)
}

// embedded returns the forms of a text within a document that is then encoded as a whole.
func embedded(text string) []string {
	if inJSON := jsonForm(text, false); inJSON != text {
		return []string{text, inJSON}
	}
	return []string{text}
}

// encodings returns the Base64 of a text, alone, with a line break after it, and within a longer text that is encoded as a
// whole. In the latter case, the characters at both ends also depend on the neighbouring text, and the ones between them depend
// on the text's offset only modulo three.
func encodings(text string) []string {
	var all []string
	add := func(encoded string) {
		if len(encoded) >= leastEncoded {
			all = append(all, encoded)
		}
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		if len(text)%3 != 0 { // otherwise the encodings below cover it
			add(encoding.EncodeToString([]byte(text)))
			add(encoding.EncodeToString([]byte(text + "\n")))
			add(encoding.WithPadding(base64.NoPadding).EncodeToString([]byte(text)))
		}
		for before := range 3 {
			padded := strings.Repeat("\x00", before) + text
			encoded := encoding.EncodeToString([]byte(padded))
			add(encoded[(8*before+5)/6 : 8*len(padded)/6])
		}
	}
	return all
}
