package cmd

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/config"
)

// completer completes words of a command line with what the service, the settings and the journals know.
type completer struct {
	*connector
	runs     *runStore
	recalled map[string][]candidate // see candidates
}

func newCompleter(cn *connector, runs *runStore) *completer {
	return &completer{connector: cn, runs: runs, recalled: map[string][]candidate{}}
}

const (
	// completionPatience bounds how long a press of Tab waits for the service. With the work before and after it, a completion takes
	// less than 300 ms.
	completionPatience = 150 * time.Millisecond
	// cacheLife is the time for which a cached list is used.
	cacheLife = time.Minute
	// fetchPatience bounds a fetch in the background.
	fetchPatience = 15 * time.Second
)

// completionRequests returns the hidden commands that the shells' completion scripts call.
func completionRequests() []string {
	return []string{cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}
}

// cacheEntry is a file of the cache: the candidates of one kind.
type cacheEntry struct {
	Time       time.Time
	Candidates []candidate
}

// candidate is a word that a completion may offer.
type candidate struct {
	Value string
	Note  string   `json:",omitempty"`
	Tags  []string `json:",omitempty"` // of an instance, as key=value
	// Attributes are values that select the instance, by flag.
	Attributes map[string]string `json:",omitempty"`
	// Managed reports that it is a managed instance.
	Managed bool `json:",omitempty"`
}

// candidates returns the candidates of a kind at the sites that the command line selects: from the cache while that is fresh,
// otherwise from the service. A fetch that takes too long continues in a background process for the next completion, and the stale
// list is used.
func (cm *completer) candidates(cmd *cobra.Command, kind string) []candidate {
	known, ok := cm.recalled[kind]
	if !ok {
		known = cm.loadCandidates(cmd, kind)
		cm.recalled[kind] = known
	}
	return slices.Clone(known)
}

// loadCandidates is like candidates, without the memory of earlier calls in this process.
func (cm *completer) loadCandidates(cmd *cobra.Command, kind string) []candidate {
	cm.flags = cmd.Flags()
	if cm.load(nil) != nil {
		return nil
	}
	if cm.lab.size > 0 {
		return cm.throwawayCandidates(kind)
	}
	path, err := cm.cachePath(kind)
	if err != nil {
		return nil
	}
	had, fresh := readCacheEntry(path)
	if fresh || !cm.fetchInBackground(cmd.Context(), kind) {
		return had.Candidates
	}
	had, _ = readCacheEntry(path)
	return had.Candidates
}

// throwawayCandidates returns what a lab of --lab will have.
func (cm *completer) throwawayCandidates(kind string) []candidate {
	if kind != kindInstances {
		return nil
	}
	var list []candidate
	for _, it := range cm.lab.instances(min(cm.lab.size, maxFetched), labRegion, true) {
		list = append(list, instanceCandidate(it.Instance))
	}
	return list
}

// fetchInBackground fetches in another process, and reports whether that finished in time.
func (cm *completer) fetchInBackground(ctx context.Context, kind string) bool {
	self, err := os.Executable()
	if err != nil {
		return false
	}
	args := []string{fetchCommand, kind}
	cm.flags.Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "profile", "region", "endpoint":
			args = append(args, "--"+f.Name+"="+f.Value.String())
		}
	})
	fetch := exec.CommandContext(context.WithoutCancel(ctx), self, args...)
	if fetch.Start() != nil {
		return false
	}
	ended := make(chan struct{})
	go func() { _ = fetch.Wait(); close(ended) }()
	patience := time.NewTimer(completionPatience)
	defer patience.Stop()
	select {
	case <-ended:
		return true
	case <-patience.C:
		return false
	}
}

// cachePath returns the file of a kind. Each profile, region, endpoint and access key has its own.
func (cm *completer) cachePath(kind string) (string, error) {
	dir, err := config.CacheDir(config.Options{})
	if err != nil {
		return "", err
	}
	parts := []string{kind}
	for _, c := range cm.configs() {
		parts = append(parts, c.Profile, c.ProfileFile, c.Region, c.Endpoint)
	}
	for _, prefix := range []string{"ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"} {
		parts = append(parts, cm.getenv(prefix+"ACCESS_KEY_ID"))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return filepath.Join(dir, kind+"-"+hex.EncodeToString(sum[:12])+".json"), nil
}

func readCacheEntry(path string) (had cacheEntry, fresh bool) {
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &had) != nil {
		return cacheEntry{}, false
	}
	age := time.Since(had.Time)
	return had, age >= 0 && age < cacheLife
}

// write writes the entry to the cache.
func (k cacheEntry) write(path string) error {
	text, err := json.Marshal(k)
	if err == nil {
		err = writeCache(path, text)
	}
	if err != nil {
		return fmt.Errorf("keep completions: %w", err)
	}
	return nil
}

// writeCache writes a file of the cache atomically. Only the user can read it.
func writeCache(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // with mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = cmp.Or(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
