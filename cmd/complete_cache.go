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
	recalled map[string][]candidate // see remembered
}

func newCompleter(cn *connector, runs *runStore) *completer {
	return &completer{connector: cn, runs: runs, recalled: map[string][]candidate{}}
}

const (
	// completionPatience is how long who presses Tab waits for the service, in all under 300 ms with what comes before and
	// behind it.
	completionPatience = 150 * time.Millisecond
	// cacheLife is how long an answer is good.
	cacheLife = time.Minute
	// fetchPatience bounds a fetch, which nobody waits for any more.
	fetchPatience = 15 * time.Second
)

// completionRequests are the commands that the shells' completion scripts call.
func completionRequests() []string {
	return []string{cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}
}

// cacheEntry is what completions know of a site, as it stands in the cache.
type cacheEntry struct {
	Time       time.Time
	Candidates []candidate
}

// candidate is something that can stand in a command's words.
type candidate struct {
	Value string
	Note  string   `json:",omitempty"`
	Tags  []string `json:",omitempty"` // of an instance: key=value
	// Attributes are what else an instance can be chosen by: values by flag.
	Attributes map[string]string `json:",omitempty"`
	// Managed says that it is a managed instance.
	Managed bool `json:",omitempty"`
}

// candidates gives what there is of a kind at the sites that the words so far name: from the cache while that is fresh, else
// by a fetch. A fetch that takes too long goes on in a process of its own, for the next time, and what the cache has serves
// until then.
func (cm *completer) candidates(cmd *cobra.Command, kind string) []candidate {
	known, ok := cm.recalled[kind]
	if !ok {
		known = cm.loadCandidates(cmd, kind)
		cm.recalled[kind] = known
	}
	return slices.Clone(known)
}

// loadCandidates is remembered, which asks once for what several words of one Tab need.
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

// throwawayCandidates makes up what a lab will have that is not there yet.
func (cm *completer) throwawayCandidates(kind string) []candidate {
	if kind != kindInstances {
		return nil
	}
	var list []candidate
	for _, it := range cm.lab.instances(min(cm.lab.size, maxFetched)) {
		list = append(list, instanceCandidate(it.Instance))
	}
	return list
}

// fetchInBackground fetches in another process, and tells whether that has ended while there was patience.
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

// cachePath is the file of a kind at the sites in question. Another profile, region, endpoint or access key is another file.
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

// write puts what was fetched into the cache.
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

// writeCache writes a file of the cache in one step, for the user's eyes alone.
func writeCache(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // 0600
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
