package assist

import (
	"errors"
	"fmt"
	"strings"
)

// CheckKeys returns an error if keys contain characters that are never part of a key or token, such as the carriage return of a file
// that was saved on Windows, a line break or a blank. Such keys would cause an invalid header or a signature mismatch. source is the
// origin of the keys, such as a variable or a file. An error is a [*CredentialsError] that does not include the keys. Empty keys are
// valid.
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
		Source: source, Err: errors.New(strings.Join(wrong, ", and ")), Remedy: "remove the stray characters where it is set",
	}
}

// strayCharacter describes the characters that are not printable ASCII at the end of a key, otherwise at its start, otherwise the first
// one inside, with their place. It returns "" for a key without such characters.
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
		return strayNames(key[:len(key)-len(strings.TrimLeftFunc(key, stray))]) + " at its start"
	}
	return strayNames(key[first:first+1]) + " inside"
}

// strayNames returns the name of the first characters of a text. It does not name characters that are not ASCII, which may be an intended
// part of a secret.
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
