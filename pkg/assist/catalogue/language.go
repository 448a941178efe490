package catalogue

import "strings"

// Language is one in which the codes are explained. Any other value than these is taken for English.
type Language string

// The languages.
const (
	English  Language = "en"
	Chinese  Language = "zh"
	Japanese Language = "ja"
)

// ParseLanguage reads a language tag or the name of a locale: en, zh-CN, ja_JP.UTF-8. C and POSIX are English.
func ParseLanguage(text string) (Language, bool) {
	name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(text)), ".")
	if end := strings.IndexAny(name, "_-@"); end >= 0 {
		name = name[:end]
	}
	switch name {
	case "en", "c", "posix":
		return English, true
	case "zh":
		return Chinese, true
	case "ja":
		return Japanese, true
	}
	return "", false
}

// LanguageOf is the language that the environment asks for: the first of LC_ALL, LC_MESSAGES and LANG that is set decides,
// and it is English where that asks for one that there is not.
func LanguageOf(getenv func(string) string) Language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := getenv(name); value != "" {
			if lang, ok := ParseLanguage(value); ok {
				return lang
			}
			break
		}
	}
	return English
}
