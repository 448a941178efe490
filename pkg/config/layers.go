package config

import "github.com/spf13/viper"

// layers is a viper, and what a viper does not keep: where each value came from. Of viper's own layers it uses three:
// the defaults for whatever ranks below config.yaml, the config for that file, and the overrides for whatever ranks
// above it. Within the first and the last, a later call outranks an earlier one.
type layers struct {
	viper     *viper.Viper
	fallbacks map[string]string
	files     map[string]entry
	overrides map[string]string
}

func newLayers() *layers {
	v := viper.NewWithOptions(viper.KeyDelimiter(nested))
	v.SetConfigType("yaml")
	return &layers{viper: v, fallbacks: map[string]string{}, files: map[string]entry{}, overrides: map[string]string{}}
}

// nested keeps viper from taking a dot in a key of config.yaml for a level of nesting.
const nested = "::"

func (l *layers) fallback(key, value, origin string) {
	l.viper.SetDefault(key, value)
	l.fallbacks[key] = origin
}

func (l *layers) override(key, value, origin string) {
	l.viper.Set(key, value)
	l.overrides[key] = origin
}

// file sets what a settings file says. Other than with the others, an earlier call outranks a later one.
func (l *layers) file(key string, e entry) {
	if _, ok := l.files[key]; ok {
		return
	}
	l.files[key] = e
	_ = l.viper.MergeConfigMap(map[string]any{key: e.text}) // which fails for no map of this shape
}

func (l *layers) overridden(key string) bool {
	_, ok := l.overrides[key]
	return ok
}

func (l *layers) text(key string) string { return l.viper.GetString(key) }

func (l *layers) origin(key string) string {
	if origin, ok := l.overrides[key]; ok {
		return origin
	}
	if e, ok := l.files[key]; ok {
		return e.origin
	}
	return l.fallbacks[key]
}

// place returns the entry of the file that has the value, or one that only has the origin.
func (l *layers) place(key string) entry {
	if e, ok := l.files[key]; ok && !l.overridden(key) {
		return e
	}
	return entry{origin: l.origin(key), place: l.origin(key)}
}
