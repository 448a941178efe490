package cmd

import (
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// wantNowhere checks that no file has the value in a file, one of its lines, or an encoded form of them. Directories are searched.
func wantNowhere(ts *testscript.TestScript, _ bool, args []string) {
	value := strings.TrimSuffix(ts.ReadFile(args[0]), "\n")
	var hidden []string
	for _, text := range append(strings.Split(value, "\n"), value) {
		hidden = append(hidden, encodedForms(strings.TrimSpace(text))...)
	}
	for _, name := range args[1:] {
		if name == "stdout" || name == "stderr" {
			wantWithout(ts, name, ts.ReadFile(name), hidden)
			continue
		}
		files := 0
		ts.Check(filepath.WalkDir(ts.MkAbs(name), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(path)
			wantWithout(ts, path, string(content), hidden)
			files++
			return err
		}))
		if files == 0 {
			ts.Fatalf("there are no files in %s", name)
		}
	}
}

func wantWithout(ts *testscript.TestScript, name, content string, hidden []string) {
	unfolded := strings.NewReplacer("\r", "", "\n", "").Replace(content)
	for _, text := range hidden {
		if at := strings.Index(content, text); at >= 0 {
			ts.Fatalf("%s has %q: %.200q", name, text, content[max(0, at-50):])
		}
		if strings.Contains(unfolded, text) {
			ts.Fatalf("%s has %q over several lines", name, text)
		}
	}
}

// encodedForms returns encoded forms of a secret. It is written independently of muster's own code. Of Base64, it leaves out the
// four characters at each end, which depend on the neighbours.
func encodedForms(text string) []string {
	inJSON, _ := json.Marshal(text)
	all := []string{text, string(inJSON[1 : len(inJSON)-1]), url.QueryEscape(text), url.PathEscape(text), strings.ReplaceAll(text, "\n", `\n`)}
	for _, before := range []string{"", "x", "xx"} {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			encoded := encoding.EncodeToString([]byte(before + text))
			all = append(all, encoded[4:len(encoded)-4])
		}
	}
	return all
}
