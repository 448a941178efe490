package render

import (
	"strings"
	"testing"
)

func TestNormalize(t *testing.T) {
	for text, want := range map[string]string{
		"web-1 is up":                                     "<name> is up",
		"2027-06-06T13:15:30Z ok":                         "<time> ok",
		"2027-06-06 13:15:30.123 +0800 ok":                "<time> ok",
		"2027/06/06 ok":                                   "<time> ok",
		"Mon Jun  7 13:15:30 UTC 2027":                    "<time>",
		"Jun  7 13:15:30 sshd[1]: x":                      "<time> sshd[1]: x",
		"up 13:15:30 now":                                 "up <time> now",
		"10.0.0.1:22 and 192.168.1.254":                   "<address> and <address>",
		"00:16:3e:01:02:03":                               "<address>",
		"fe80::216:3eff:fe00:1 x":                         "<address> x",
		"i-bp185dy2o3o6neg done":                          "<id> done",
		"123e4567-e89b-12d3-a456-426614174000":            "<id>",
		"commit 1a410efbd13591db07496601ebc7a059dd55cfe9": "commit <id>",
		"version 1.4.2, exit 3, 45% of 1024":              "version 1.4.2, exit 3, 45% of 1024",
		"deadbeef is a word, so is facade":                "deadbeef is a word, so is facade",
		"std::vector<int> a::b":                           "std::vector<int> a::b",
		"":                                                "",
	} {
		if got := normalize(text, "web-1"); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// FuzzNormalize checks that a masked text is about as long as the text.
func FuzzNormalize(f *testing.F) {
	f.Add(strings.Repeat("a:", 2000), "web")
	f.Add(strings.Repeat("1.", 2000), "")
	f.Fuzz(func(t *testing.T, text, name string) {
		once := normalize(text, name)
		if len(once) > 10*len(text)+10 {
			t.Errorf("%d bytes became %d", len(text), len(once))
		}
	})
}
