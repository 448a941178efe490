package cmd

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// addProfile adds a profile of the aliyun CLI for the lab that was started last.
func addProfile(ts *testscript.TestScript, _ bool, args []string) {
	path := filepath.Join(ts.Getenv("HOME"), ".aliyun", "config.json")
	var file struct {
		Profiles []map[string]string `json:"profiles"`
	}
	content, err := os.ReadFile(path)
	if err == nil {
		ts.Check(json.Unmarshal(content, &file))
	} else if !errors.Is(err, fs.ErrNotExist) {
		ts.Check(err)
	}
	id, secret := labOf(ts).lab.Key()
	file.Profiles = append(file.Profiles, map[string]string{
		"name": args[0], "mode": "AK", "access_key_id": id, "access_key_secret": secret,
		"region_id": labRegion, "endpoint": labOf(ts).server.Endpoint(),
	})
	content, err = json.Marshal(file)
	ts.Check(err)
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o700))
	ts.Check(os.WriteFile(path, content, 0o600))
}
