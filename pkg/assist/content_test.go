package assist

import (
	"bytes"
	"encoding/base64"
	"testing"

	"pgregory.net/rapid"
)

func TestEncoding(t *testing.T) {
	tests := []struct{ name, byDefault, want string }{
		{"PlainText", Base64, PlainText}, {"plaintext", Base64, PlainText}, {"Base64", PlainText, Base64}, {"BASE64", PlainText, Base64},
		{"", PlainText, PlainText}, {"", Base64, Base64}, {"gzip", PlainText, PlainText}, {"gzip", Base64, Base64}, {"Base64 ", PlainText, PlainText},
	}
	for _, test := range tests {
		if got := Encoding(test.name, test.byDefault); got != test.want {
			t.Errorf("Encoding(%q, %s) = %s, want %s", test.name, test.byDefault, got, test.want)
		}
	}
}

func TestDecodeContent(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"ZWNobw==", "echo"}, {"ZWNobw", "echo"}, {" ZWNo\r\nbw==\n", "echo"}, {"", ""}, {"/+8=", "\xff\xef"},
	} {
		if got, err := DecodeContent(test.text, Base64); err != nil || string(got) != test.want {
			t.Errorf("%q: %q, %v; want %q", test.text, got, err, test.want)
		}
	}
	for _, text := range []string{"echo hello", "ZWNobw=a", "ZWNob", "_-8="} {
		if got, err := DecodeContent(text, Base64); err == nil {
			t.Errorf("%q is decoded as %q", text, got)
		}
	}
	if got, err := DecodeContent("ZWNobw==", PlainText); err != nil || string(got) != "ZWNobw==" {
		t.Errorf("plain text: %q, %v", got, err)
	}
}

func TestContentRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOf(rapid.Byte()).Draw(t, "content")
		for _, encoding := range []string{PlainText, Base64} {
			got, err := DecodeContent(EncodeContent(content, encoding), encoding)
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("%s: %q, %v", encoding, got, err)
			}
		}
		if got, want := Base64Size(content), len(base64.StdEncoding.EncodeToString(content)); got != want {
			t.Errorf("the size of %d bytes is %d, want %d", len(content), got, want)
		}
	})
}
