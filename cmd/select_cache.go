package cmd

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/target"
)

const (
	// listLife is the time for which a list of instances may be reused.
	listLife = time.Minute
	// maxListed bounds how many instances of a request are cached.
	maxListed = 20_000
)

// cachedLists are the lists of instances of --cached. Each request has a file, by identity and endpoint.
type cachedLists struct {
	dir string

	mu     sync.Mutex
	oldest time.Time // of the lists used so far; zero without any
	tidied bool
}

// useCached makes resolvers use cached lists, if there is a cache directory. A command that sends something uses them only if the
// flag was typed.
func (fd *finder) useCached() {
	if fd.fromSettings["cached"] && fd.reportsRuns {
		fd.note("warning: cached is ignored: a command that sends something uses a cached list only if --cached is typed")
		return
	}
	if dir, err := config.CacheDir(config.Options{}); err == nil {
		fd.cached = &cachedLists{dir: filepath.Join(dir, "lists")}
	}
}

// api returns the API through which a resolver lists the instances of a session.
func (c *cachedLists) api(s *session) target.API {
	if c == nil {
		return s.client
	}
	return &cachedAPI{API: s.client, lists: c, identify: func(ctx context.Context) string {
		keys, err := s.signer.Keys(ctx)
		if err != nil || keys.AccessKeyId == "" {
			return ""
		}
		return strings.Join([]string{s.endpoint.String(), s.region, s.site.Profile, keys.AccessKeyId}, "\x00")
	}}
}

// noteCached reports the age of the oldest list used.
func (fd *finder) noteCached() {
	if fd.cached == nil || fd.config.Quiet {
		return
	}
	fd.cached.mu.Lock()
	defer fd.cached.mu.Unlock()
	if !fd.cached.oldest.IsZero() {
		fd.note("using the list of instances from %d s ago", int(time.Since(fd.cached.oldest).Seconds()))
	}
}

func (c *cachedLists) use(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.oldest.IsZero() || at.Before(c.oldest) {
		c.oldest = at
	}
}

// tidy removes expired lists, once.
func (c *cachedLists) tidy() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tidied {
		return
	}
	c.tidied = true
	entries, _ := os.ReadDir(c.dir)
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > listLife {
			_ = os.Remove(filepath.Join(c.dir, entry.Name()))
		}
	}
}

// cachedAPI caches lists and counts of ECS instances. It does not cache agents, nor managed instances, whose lists include the state
// of agents.
type cachedAPI struct {
	target.API
	lists    *cachedLists
	identify func(context.Context) string // endpoint, region and access key; "" if unknown
}

// cachedList is the content of a file. A list that its reader stopped early is not complete.
type cachedList[T any] struct {
	Time      time.Time // of the request
	Complete  bool
	Instances []T
}

func (c *cachedAPI) AllInstances(ctx context.Context, request assist.DescribeInstancesRequest) iter.Seq2[assist.Instance, error] {
	return cachedSeq(c, c.path(ctx, "instances", request), func(i *assist.Instance) string { return i.InstanceId }, c.API.AllInstances(ctx, request))
}

func (c *cachedAPI) AllInstanceSummaries(ctx context.Context, request assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error] {
	return cachedSeq(c, c.path(ctx, "summaries", request), func(i *assist.InstanceSummary) string { return i.InstanceId }, c.API.AllInstanceSummaries(ctx, request))
}

func (c *cachedAPI) CountInstances(ctx context.Context, request assist.DescribeInstancesRequest) (assist.InstanceCount, error) {
	path := c.path(ctx, "count", request)
	if had, ok := readList[assist.InstanceCount](path); ok && len(had.Instances) == 1 {
		return had.Instances[0], nil
	}
	began := time.Now()
	count, err := c.API.CountInstances(ctx, request)
	if err == nil {
		c.store(path, cachedList[assist.InstanceCount]{began, true, []assist.InstanceCount{count}})
	}
	return count, err
}

// path returns the file of a request, or "" if it is not cached.
func (c *cachedAPI) path(ctx context.Context, kind string, request assist.DescribeInstancesRequest) string {
	identity := c.identify(ctx)
	if identity == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{version, kind, identity, assist.Encode(&request).Encode()}, "\x00")))
	return filepath.Join(c.lists.dir, hex.EncodeToString(sum[:])+".json")
}

// cachedSeq yields the cached instances. If the cached list is incomplete, it continues with all instances of the service, so that
// some come twice. It caches what it reads.
func cachedSeq[T any](c *cachedAPI, path string, id func(*T) string, asked iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if had, ok := readList[T](path); ok && haveIDs(had.Instances, id) {
			c.lists.use(had.Time)
			for _, i := range had.Instances {
				if !yield(i, nil) {
					return
				}
			}
			if had.Complete {
				return
			}
		}
		list := cachedList[T]{Time: time.Now(), Complete: true}
		for i, err := range asked {
			if err != nil {
				yield(i, err)
				return
			}
			if len(list.Instances) <= maxListed {
				list.Instances = append(list.Instances, i)
			}
			if !yield(i, nil) {
				list.Complete = false
				break
			}
		}
		if len(list.Instances) <= maxListed {
			c.store(path, list)
		}
	}
}

func haveIDs[T any](list []T, id func(*T) string) bool {
	for i := range list {
		if id(&list[i]) == "" {
			return false
		}
	}
	return true
}

// readList reads a list. It returns false if there is none, or if it has expired.
func readList[T any](path string) (had cachedList[T], ok bool) {
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &had) != nil {
		return cachedList[T]{}, false
	}
	age := time.Since(had.Time)
	return had, age >= 0 && age < listLife
}

// store writes a list. Errors are ignored: the list is requested again the next time.
func (c *cachedAPI) store(path string, list any) {
	if path == "" {
		return
	}
	text, err := json.Marshal(list)
	if err != nil {
		return
	}
	c.lists.tidy()
	_ = writeCache(path, text)
}
