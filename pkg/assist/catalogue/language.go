package catalogue

import "strings"

// Language is a language of the explanations. Any other value than the constants means English.
type Language string

// The languages.
const (
	English  Language = "en"
	Chinese  Language = "zh"
	Japanese Language = "ja"
)

// ParseLanguage parses a language tag or the name of a locale, such as en, zh-CN or ja_JP.UTF-8. C and POSIX are English.
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

// LanguageOf returns the language of the environment. The first of LC_ALL, LC_MESSAGES and LANG that is set decides. It returns English if
// that language is not available.
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
