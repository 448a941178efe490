package assist

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// What is kept of an answer's texts, in bytes.
const (
	maxSaid  = 2000     // a message
	maxName  = 200      // a code, a request id, the name of a host
	maxWords = 160      // an answer that is not the API's
	maxToken = 16 << 10 // what is made to be sent back to the service
)

// clip cuts a text at a rune, and says how much it has cut.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := most
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d bytes more)", s[:end], len(s)-end)
}

// printable makes one line of a text, with its control and format characters escaped.
func printable(s string) string {
	odd := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }
	if strings.IndexFunc(s, odd) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			b.WriteByte(' ')
		case odd(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// secrets are what a call sends that no error may repeat: scripts, files, values and tokens.
type secrets []string

// secretsOf collects the secrets of a call that is signed with keys.
func secretsOf(request Request, keys Keys) secrets {
	s := secrets{keys.AccessKeySecret, keys.SecurityToken}
	for name, values := range Encode(request) {
		switch name {
		case "CommandContent", "Content":
			s = append(s, values[0])
			if plain, err := DecodeContent(values[0], Base64); err == nil {
				s = append(s, string(plain))
			}
		case "Parameters", "OIDCToken", "Policy", "ExternalId":
			s = append(s, values[0])
		}
	}
	for i := range s {
		s[i] = strings.Join(strings.Fields(s[i]), " ")
	}
	return s
}

// in reports whether a text repeats a secret: the whole of one that has at least as many bytes as whole, or so many bytes in a
// row as run.
func (s secrets) in(text string, whole, run int) bool {
	text = strings.Join(strings.Fields(text), " ")
	for _, secret := range s {
		if len(secret) >= whole && strings.Contains(text, secret) {
			return true
		}
		for i := 0; len(secret) >= run && i+run <= len(text); i++ {
			if strings.Contains(secret, text[i:i+run]) {
				return true
			}
		}
	}
	return false
}

// signed is where a text begins to repeat what was signed, or the signature.
var signed = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(server )?string to sign|signature=|security-?token[=:]`)
})

// message bounds a message of the API, and leaves it out where it repeats a script: it may name a part of one, such as a
// parameter. The message about a wrong signature goes on with what was signed, which is cut off.
func (s secrets) message(text string) string {
	if at := signed().FindStringIndex(text[:min(len(text), maxSaid+maxWords)]); at != nil {
		text = strings.TrimSpace(text[:at[0]])
	}
	text = clip(text, maxSaid)
	if s.in(text, 12, 128) {
		return "the message repeats the call and is left out"
	}
	return text
}

var (
	title   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?is)<title[^>]*>(.*?)(</title|$)`) })
	unshown = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?is)<(script|style)[^>]*>.*?(</(script|style)>|$)|<!--.*?(-->|$)|<[^>]*(>|$)`)
	})
)

// words returns the first words of a text that is not the API's: a page's title, if it has one. Words that look like a part
// of a URL are left out.
func (s secrets) words(text string) string {
	text = strings.ToValidUTF8(text, "")
	if found := title().FindStringSubmatch(text); found != nil {
		text = found[1]
	}
	text = unshown().ReplaceAllString(text, " ")
	var kept []string
	length := 0
	for _, word := range strings.Fields(printable(text)) {
		if len(word) > maxWords/4 || strings.ContainsAny(word, "=&?%") || strings.Contains(word, "://") {
			continue
		}
		if length += len(word) + 1; length > maxWords {
			break
		}
		kept = append(kept, word)
	}
	found := strings.Join(kept, " ")
	if s.in(found, 6, 18) {
		return ""
	}
	return found
}

// kindName is what a JSON value is called in errors.
func kindName(kind jsontext.Kind) string {
	switch kind {
	case jsontext.KindNull:
		return "null"
	case jsontext.KindFalse, jsontext.KindTrue:
		return "a boolean"
	case jsontext.KindString:
		return "a string"
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindBeginObject, jsontext.KindEndObject:
		return "an object"
	case jsontext.KindBeginArray, jsontext.KindEndArray:
		return "a list"
	}
	return "nothing"
}
