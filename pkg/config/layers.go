package config

import "github.com/spf13/viper"

// layers is a viper, and what a viper does not keep: where each value came from. Of viper's own layers it uses three:
// the defaults for whatever ranks below config.yaml, the config for that file, and the overrides for whatever ranks
// above it. Within the first and the last, a later call outranks an earlier one.
type layers struct {
	viper     *viper.Viper
	fallbacks map[string]string
	file      string
	overrides map[string]string
}

func newLayers() *layers {
	v := viper.NewWithOptions(viper.KeyDelimiter(nested))
	v.SetConfigType("yaml")
	return &layers{viper: v, fallbacks: map[string]string{}, overrides: map[string]string{}}
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

func (l *layers) overridden(key string) bool {
	_, ok := l.overrides[key]
	return ok
}

func (l *layers) text(key string) string { return l.viper.GetString(key) }

func (l *layers) origin(key string) string {
	if origin, ok := l.overrides[key]; ok {
		return origin
	}
	if l.viper.InConfig(key) {
		return "file " + l.file
	}
	return l.fallbacks[key]
}
