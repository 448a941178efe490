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
	leastEncoded = 4 // characters of Base64; fewer would be found where there is no secret
)

// lines returns the lines of a value that has several, or one with blanks around it, each of which may be told by itself.
func lines(value string) []string {
	var all []string
	for line := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(line); line != value && utf8.RuneCountInString(line) >= leastLine {
			all = append(all, line)
		}
	}
	return all
}

// forms returns how a text is written by those who quote or escape it: JSON of several libraries, Go, a URL, and a shell
// that traces its commands. The text itself is one of them, and so it is in a message that is put into one line.
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
	_ = encoder.Encode(text) // a text always can be
	return b.String()[1 : b.Len()-2]
}

// asciiForm escapes what is not ASCII, as some libraries do in JSON.
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

// embedded returns the forms in which a text may stand in a document that is then encoded as a whole.
func embedded(text string) []string {
	if inJSON := jsonForm(text, false); inJSON != text {
		return []string{text, inJSON}
	}
	return []string{text}
}

// encodings returns what the Base64 of a text looks like, alone, with a line break behind it, and anywhere in a longer text
// that is encoded as a whole. There, a character holds six bits: those at both ends, which the text shares with its
// neighbours, are nobody's to know, and what is between them depends on the place of the text only by its remainder of three.
func encodings(text string) []string {
	var all []string
	add := func(encoded string) {
		if len(encoded) >= leastEncoded {
			all = append(all, encoded)
		}
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		if len(text)%3 != 0 { // else they begin with what the text is anywhere, and the rest is nothing of it
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
