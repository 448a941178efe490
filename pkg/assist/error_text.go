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

// The maximum sizes of texts of a response, in bytes.
const (
	maxMessage = 2000     // a message
	maxName    = 200      // a code, a request id or the name of a host
	maxWords   = 160      // words of a response that is not the API's
	maxToken   = 16 << 10 // a token for the service
)

// clip truncates a text after at most limit bytes, at the start of a rune. It appends the number of omitted bytes.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d bytes more)", s[:end], len(s)-end)
}

// printable returns a text as one line, with escaped control and format characters.
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

// secrets are parts of a request that an error must not include: scripts, files, parameter values and tokens.
type secrets []string

// secretsOf returns the secrets of a request and of the keys that sign it.
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

// in reports whether a text contains a whole secret of at least whole bytes, or at least run consecutive bytes of a secret.
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

// signed matches the start of the signed data, or of the signature, in a text.
var signed = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(server )?string to sign|signature=|security-?token[=:]`)
})

// message truncates a message of the API, and omits it if it contains a script. It may contain a small part of one, such as a parameter.
// The message about a wrong signature ends with the signed data, which message removes.
func (s secrets) message(text string) string {
	if at := signed().FindStringIndex(text[:min(len(text), maxMessage+maxWords)]); at != nil {
		text = strings.TrimSpace(text[:at[0]])
	}
	text = clip(text, maxMessage)
	if s.in(text, 12, 128) {
		return "the message contains the request and is left out"
	}
	return text
}

var (
	title     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?is)<title[^>]*>(.*?)(</title|$)`) })
	invisible = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?is)<(script|style)[^>]*>.*?(</(script|style)>|$)|<!--.*?(-->|$)|<[^>]*(>|$)`)
	})
)

// words returns the first words of a response that is not the API's, or the title of a page. It omits words that look like parts of a
// URL.
func (s secrets) words(text string) string {
	text = strings.ToValidUTF8(text, "")
	if found := title().FindStringSubmatch(text); found != nil {
		text = found[1]
	}
	text = invisible().ReplaceAllString(text, " ")
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

// kindName returns the name of a JSON kind for errors.
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
