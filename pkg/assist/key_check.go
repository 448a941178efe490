package assist

import (
	"errors"
	"fmt"
	"strings"
)

// CheckKeys reports what cannot be part of an access key or of a token, and is never meant to be: the carriage return of a
// file that was saved on Windows, a line break, a blank. They would be refused as a bad header of the request, or as a
// signature that does not match. The source says where the keys come from, such as a variable or a file. The error is a
// *CredentialsError, which shows nothing of the keys. Keys that are empty are fine.
func CheckKeys(source string, id, secret, token string) error {
	var wrong []string
	for _, key := range []struct{ name, value string }{
		{"access key id", id}, {"access key secret", secret}, {"security token", token},
	} {
		if what := strayCharacter(key.value); what != "" {
			wrong = append(wrong, fmt.Sprintf("the %s has %s", key.name, what))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return &CredentialsError{
		Source: source, Err: errors.New(strings.Join(wrong, ", and ")), Remedy: "take what does not belong to it out where it is set",
	}
}

// strayCharacter names the characters that are not printable ASCII at the end of a key, or else at its beginning, or else the
// first one inside, and says where they stand. It is empty for a key without any.
func strayCharacter(key string) string {
	stray := func(r rune) bool { return r <= ' ' || r > '~' }
	first := strings.IndexFunc(key, stray)
	if first < 0 {
		return ""
	}
	inner := strings.TrimRightFunc(key, stray)
	if inner == "" {
		return "nothing but blanks and control characters"
	}
	if end := key[len(inner):]; end != "" {
		return strayNames(end) + " at its end"
	}
	if first == 0 {
		return strayNames(key[:len(key)-len(strings.TrimLeftFunc(key, stray))]) + " at its beginning"
	}
	return strayNames(key[first:first+1]) + " inside"
}

// strayNames names what a text begins with. A character that is not ASCII has no name, for it may be meant as part of a secret.
func strayNames(text string) string {
	switch {
	case strings.HasPrefix(text, "\r\n"):
		return "a carriage return and a line break"
	case text[0] == '\r':
		return "a carriage return"
	case text[0] == '\n':
		return "a line break"
	case text[0] == ' ', text[0] == '\t':
		return "a blank"
	case strings.HasPrefix(text, "\ufeff"):
		return "a byte order mark"
	case text[0] < ' ', text[0] == 0x7f:
		return "a control character"
	}
	return "a character that is not ASCII"
}
