package lab

import (
	crand "crypto/rand"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// issued returns temporary keys of a lab that expire in an hour.
func issued(t testing.TB, l *Lab) (id, secret, token string) {
	t.Helper()
	k, token, err := l.authenticator.issuer().issue(session{RoleArn: "acs:ram::1:role/test", Name: "test", Expiration: l.clock.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return k.Id, k.Secret, token
}

func TestIssuer(t *testing.T) {
	text := rapid.StringMatching(`[a-zA-Z0-9.@_-]*`)
	rapid.Check(t, func(t *rapid.T) {
		one, other := issuer{text.Draw(t, "secret")}, issuer{text.Draw(t, "another secret")}
		want := session{
			RoleArn: "acs:ram::1:role/" + text.Draw(t, "role"), Name: text.Draw(t, "name"),
			Expiration: time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "expiration"), 0).UTC(),
		}
		k, token, err := one.issue(want)
		if err != nil {
			t.Fatal(err)
		}
		want.KeyId = k.Id
		if got, ok := one.open(token); !ok || got != want {
			t.Fatalf("open: %+v, %v, want %+v", got, ok, want)
		}
		if got, ok := one.find(k.Id); !ok || got != k || !strings.HasPrefix(k.Id, "STS.") {
			t.Fatalf("find(%q): %+v, %v, want %+v", k.Id, got, ok, k)
		}
		if another, _, err := one.issue(want); err != nil || another.Id == k.Id || another.Secret == k.Secret {
			t.Fatalf("issued again: %+v, %v", another, err)
		}
		if one != other {
			if got, ok := other.find(k.Id); ok && got.Secret == k.Secret {
				t.Fatal("another lab's key is known")
			}
			if _, ok := other.open(token); ok {
				t.Fatal("another lab's token is accepted")
			}
		}
	})
}

func TestIssuerRefusesChanges(t *testing.T) {
	i := issuer{"secret"}
	k, token, err := i.issue(session{RoleArn: "acs:ram::1:role/a", Name: "name"})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		change := func(s string) string {
			at := rapid.IntRange(0, len(s)-1).Draw(t, "at")
			if rapid.Bool().Draw(t, "cut") {
				return s[:at]
			}
			with := rapid.Byte().Filter(func(b byte) bool { return b != s[at] && b != '\r' && b != '\n' }).Draw(t, "new byte")
			return s[:at] + string([]byte{with}) + s[at+1:]
		}
		if id := change(k.Id); id != k.Id {
			if _, ok := i.find(id); ok {
				t.Fatalf("find(%q) of %q", id, k.Id)
			}
		}
		if changed := change(token); changed != token {
			if _, ok := i.open(changed); ok {
				t.Fatalf("open(%q) of %q", changed, token)
			}
		}
	})
}

func FuzzOpenToken(f *testing.F) {
	_, token, err := issuer{"secret"}.issue(session{RoleArn: "acs:ram::1:role/a", Name: "name"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("CAIS")
	f.Add("CAIS" + strings.Repeat("A", 44))
	f.Fuzz(func(t *testing.T, token string) {
		if s, ok := (issuer{"another secret"}).open(token); ok {
			t.Fatalf("%+v", s)
		}
	})
}

// FuzzSecurityToken opens arbitrary tokens with a random secret. None may be accepted.
func FuzzSecurityToken(f *testing.F) {
	f.Add("")
	f.Add("e30.AA")
	f.Fuzz(func(t *testing.T, token string) {
		if s, ok := (issuer{crand.Text()}).open(token); ok {
			t.Fatalf("accepted as %+v", s)
		}
	})
}
