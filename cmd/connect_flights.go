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

// flightNotes share the limits that muster processes of this user have found, for one endpoint and access key. Each action has a
// small file. They are best effort: what cannot be read or written is ignored.
type flightNotes struct{ dir string }

// flightNote is the content of a file.
type flightNote struct {
	Limit int
	Time  time.Time
}

// shareFlights makes a session share the limits that it finds with other processes, if there is a cache directory.
func shareFlights(s *session, accessKeyID string) {
	dir, err := config.CacheDir(config.Options{})
	if err != nil {
		return
	}
	sum := sha256.Sum256([]byte(s.endpoint.Host + "\x00" + accessKeyID))
	s.flying.Notes = &flightNotes{filepath.Join(dir, "flights", hex.EncodeToString(sum[:12]))}
}

// Throttled implements assist.ThrottleNotes.
func (n *flightNotes) Throttled(action string, limit int) {
	if text, err := json.Marshal(flightNote{limit, time.Now()}); err == nil {
		_ = writeCache(n.path(action), text)
	}
}

// Latest implements assist.ThrottleNotes.
func (n *flightNotes) Latest(action string) (limit int, at time.Time, ok bool) {
	text, err := os.ReadFile(n.path(action))
	var note flightNote
	if err != nil || json.Unmarshal(text, &note) != nil {
		return 0, time.Time{}, false
	}
	age := time.Since(note.Time)
	return note.Limit, note.Time, note.Limit > 0 && age >= 0 && age < noteLasts
}

func (n *flightNotes) path(action string) string { return filepath.Join(n.dir, action+".json") }
