package cmd

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"muster/pkg/config"
)

// noteLasts is the time for which a note counts: the service's quotas are per minute.
const noteLasts = time.Minute

// throttleNotes share the limits that muster processes of this user have found, for one endpoint and access key. Each action has a
// small file. They are best effort: what cannot be read or written is ignored.
type throttleNotes struct{ dir string }

// throttleNote is the content of a file.
type throttleNote struct {
	Limit int
	Time  time.Time
}

// shareThrottling makes a session share the limits that it finds with other processes, if there is a cache directory.
func shareThrottling(s *session, accessKeyID string) {
	dir, err := config.CacheDir(config.Options{})
	if err != nil {
		return
	}
	sum := sha256.Sum256([]byte(s.endpoint.Host + "\x00" + accessKeyID))
	s.limiter.Notes = &throttleNotes{filepath.Join(dir, "flights", hex.EncodeToString(sum[:12]))}
}

// Throttled implements assist.ThrottleNotes.
func (n *throttleNotes) Throttled(action string, limit int) {
	if text, err := json.Marshal(throttleNote{limit, time.Now()}); err == nil {
		_ = writeCache(n.path(action), text)
	}
}

// Latest implements assist.ThrottleNotes.
func (n *throttleNotes) Latest(action string) (limit int, at time.Time, ok bool) {
	text, err := os.ReadFile(n.path(action))
	var note throttleNote
	if err != nil || json.Unmarshal(text, &note) != nil {
		return 0, time.Time{}, false
	}
	age := time.Since(note.Time)
	return note.Limit, note.Time, note.Limit > 0 && age >= 0 && age < noteLasts
}

func (n *throttleNotes) path(action string) string { return filepath.Join(n.dir, action+".json") }
