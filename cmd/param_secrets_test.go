package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"muster/pkg/term"
)

// Services and parsers quote invalid text in their own ways.
func TestErrorsMaskSecrets(t *testing.T) {
	const secret = "s3\"cr  et/&"
	a := newApp(term.New(nil, new(bytes.Buffer), new(bytes.Buffer), nil), func(string) string { return "" })
	if _, err := a.secretParams(t.Context(), []string{"pw=" + secret}); err != nil {
		t.Fatal(err)
	}
	for _, quoted := range []string{
		secret, fmt.Sprintf("%q", secret), url.QueryEscape(secret), `{"pw":"s3\"cr  et/\u0026"}`, `{"pw":"s3\"cr  et/&"}`, strings.Join(strings.Fields(secret), " "),
	} {
		if said := a.explain(errors.New("InvalidParameter: " + quoted)); !strings.Contains(said, "******") || strings.Contains(said, "et/") || strings.Contains(said, "et%") {
			t.Errorf("%q becomes %q", quoted, said)
		}
	}
}
