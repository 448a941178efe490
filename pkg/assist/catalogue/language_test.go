package catalogue

import "testing"

func TestParseLanguage(t *testing.T) {
	for text, want := range map[string]Language{
		"en": English, "EN": English, "en_GB.UTF-8": English, "en-US": English, "C": English, "C.UTF-8": English, "POSIX": English,
		"zh": Chinese, "zh_CN.UTF-8": Chinese, "zh-Hans-CN": Chinese, "zh_TW": Chinese, "zh@pinyin": Chinese,
		"ja": Japanese, "ja_JP": Japanese, "ja_JP.eucJP": Japanese, "ja-JP": Japanese,
	} {
		if got, ok := ParseLanguage(text); !ok || got != want {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
	if got, ok := ParseLanguage(" zh\n"); !ok || got != Chinese {
		t.Errorf("white space around it: %q, %v", got, ok)
	}
	for _, text := range []string{"", ".", "_", "fr_FR.UTF-8", "english", "jp", "zhuang"} {
		if got, ok := ParseLanguage(text); ok || got != "" {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	for _, test := range []struct {
		all, messages, lang string
		want                Language
	}{
		{"", "", "", English},
		{"", "", "ja_JP.UTF-8", Japanese},
		{"", "zh_CN.UTF-8", "ja_JP.UTF-8", Chinese},
		{"C", "zh_CN.UTF-8", "ja_JP.UTF-8", English},
		{"ja_JP", "zh_CN.UTF-8", "", Japanese},
		{"fr_FR.UTF-8", "zh_CN.UTF-8", "ja_JP.UTF-8", English},
	} {
		env := map[string]string{"LC_ALL": test.all, "LC_MESSAGES": test.messages, "LANG": test.lang}
		if got := LanguageOf(func(name string) string { return env[name] }); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}
