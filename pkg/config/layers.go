package config

import "github.com/spf13/viper"

// layers are the sources of settings. viper resolves their precedence: flags, environment variables, settings files, defaults.
// Values of the last two are of the type entry, which carries their origin; those of the first two are text, as viper reads
// them.
type layers struct {
	viper *viper.Viper
	flags map[string]string
}

func newLayers(fields []field, flags map[string]string) *layers {
	l := &layers{viper: viper.New(), flags: flags}
	for _, f := range fields {
		if text, ok := flags[f.Name]; ok {
			_ = l.viper.BindFlagValue(f.Name, givenFlag{f.Name, text}) // it only fails for a nil flag
		}
		_ = l.viper.BindEnv(f.Name, f.Env()) // it only fails without a key
		l.setDefault(f.Name, f.Default, OriginDefault)
	}
	return l
}

// setDefault replaces the default of a setting, such as with the value of a profile.
func (l *layers) setDefault(key, text, origin string) {
	l.viper.SetDefault(key, entry{text: text, origin: origin, place: origin})
}

// merge adds the values of a settings file. They take precedence over those of earlier calls.
func (l *layers) merge(values map[string]entry) {
	settings := make(map[string]any, len(values))
	for key, e := range values {
		settings[key] = e
	}
	_ = l.viper.MergeConfigMap(settings) // it never fails
}

// entry returns the value of a setting from the highest source that has one.
func (l *layers) entry(key string) entry {
	value := l.viper.Get(key)
	if e, ok := value.(entry); ok {
		return e
	}
	origin := "env " + Key{Name: key}.Env()
	if _, ok := l.flags[key]; ok {
		origin = flagOrigin(key)
	}
	text, _ := value.(string)
	return entry{text: text, origin: origin, place: origin}
}

func flagOrigin(name string) string { return "flag --" + name }

// givenFlag is a flag that the user gave, as a viper.FlagValue.
type givenFlag struct{ name, text string }

func (f givenFlag) HasChanged() bool    { return true }
func (f givenFlag) Name() string        { return f.name }
func (f givenFlag) ValueString() string { return f.text }
func (f givenFlag) ValueType() string   { return "string" }
