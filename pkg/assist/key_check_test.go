package assist

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckKeys(t *testing.T) {
	const id, secret, token = "LTAI5tExample", "hidden/secret+1=", "CAIS.token_-"
	for _, keys := range [][3]string{{id, secret, token}, {id, secret, ""}, {}} {
		if err := CheckKeys("environment", keys[0], keys[1], keys[2]); err != nil {
			t.Errorf("%q: %v", keys, err)
		}
	}
	for _, test := range []struct {
		id, secret, token string
		want              string
	}{
		{id + "\r", secret, token, "~/key: the access key id has a carriage return at its end"},
		{id, secret + "\r\n", token, "~/key: the access key secret has a carriage return and a line break at its end"},
		{id, secret, token + "\n", "~/key: the security token has a line break at its end"},
		{id, secret + " ", "", "~/key: the access key secret has a blank at its end"},
		{id, "\t" + secret, "", "~/key: the access key secret has a blank at its start"},
		{"\ufeff" + id, secret, "", "~/key: the access key id has a byte order mark at its start"},
		{id, "hidden secret", "", "~/key: the access key secret has a blank inside"},
		{id, "hidden\x00secret", "", "~/key: the access key secret has a control character inside"},
		{id, "hidden–secret", "", "~/key: the access key secret has a character that is not ASCII inside"},
		{id, "hidden secret\r", "", "~/key: the access key secret has a carriage return at its end"},
		{id, secret + "\x7f", "", "~/key: the access key secret has a control character at its end"},
		{" \r\n", secret, "", "~/key: the access key id has nothing but blanks and control characters"},
		{id + "\r", secret + "\r", "", "~/key: the access key id has a carriage return at its end, and the access key secret has a carriage return at its end"},
	} {
		err := CheckKeys("~/key", test.id, test.secret, test.token)
		refused, ok := errors.AsType[*CredentialsError](err)
		if !ok || refused.Error() != "credentials of "+test.want || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q %q %q: %v, want %s", test.id, test.secret, test.token, err, test.want)
		}
	}
}
