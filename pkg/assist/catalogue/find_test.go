package catalogue

import (
	"slices"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for _, test := range []struct{ code, want, names string }{
		{"InvalidInstance.NotFound", "InvalidInstance.NotFound", ""},
		{" invalidinstance.NOTFOUND\n", "InvalidInstance.NotFound", ""},
		{"exitcodenonzero", "ExitCodeNonzero", ""},
		{"MissingParameter.RegionId", "MissingParameter.RegionId", "region"},
		{"MissingParameter.Name", "MissingParameter.Name", "parameter Name is"},
		{"missingparam.Tag.1.Key", "MissingParam.Tag.1.Key", "parameter Tag.1.Key is"},
		{"MissingParameter", "MissingParameter.X", "parameter X is"},
		{"MissingParameter.", "MissingParameter.X", "parameter X is"},
		{"InvalidParameter.Timeout", "InvalidParameter.Timeout", "parameter Timeout."},
		{"InvalidParam.PageSize", "InvalidParam.PageSize", "parameter PageSize."},
		{"InvalidSecurityToken.Revoked", "InvalidSecurityToken.Revoked", "Revoked"},
		{"Forbidden", "Forbidden.X", ""},
		{"NoPermission.Operator", "NoPermission.Operator", "Operator"},
		{"Throttling.User", "Throttling.User", "account"},
		{"Throttling.User.Flow", "Throttling.User.Flow", "Too many calls"},
		{"InternalError.Timeout", "InternalError.Timeout", "internal error"},
		{"HTTP502", "HTTP502", "status 502"},
		{"http", "HTTPX", "status X"},
	} {
		e, ok := Find(test.code, English)
		if !ok || e.Code != test.want || !strings.Contains(e.Meaning, test.names) {
			t.Errorf("%q: found %v, %q: %q", test.code, ok, e.Code, e.Meaning)
		}
	}
}

func TestFindUnknown(t *testing.T) {
	for _, code := range []string{
		"", " ", "X", "Nonsense", "InvalidInstance", "InvalidInstance.X", "HTTPS", "HTTP50x", "ThrottlingNot",
		"MissingParameters.Name", "MissingParameter.a b", "MissingParameter.\x1b[2J",
	} {
		if e, ok := Find(code, English); ok {
			t.Errorf("%q: %s", code, e.Code)
		}
	}
}

func TestFilledTexts(t *testing.T) {
	e, _ := Find("MissingParameter.Name", English)
	want := []string{`The input parameter "Name" that is mandatory for processing this request is not supplied.`}
	if !slices.Equal(e.Messages, want) {
		t.Errorf("%q", e.Messages)
	}
	for lang, want := range map[Language]string{
		English: "Give the flag that sets Name", Chinese: "请加上设置 Name 的选项", Japanese: "Name に対応するフラグ",
	} {
		if e, _ := Find("MissingParameter.Name", lang); !strings.HasPrefix(e.Remedy, want) {
			t.Errorf("%s: %q", lang, e.Remedy)
		}
	}
}

func TestLanguagesDiffer(t *testing.T) {
	english, chinese, japanese := All(English), All(Chinese), All(Japanese)
	for i, e := range english {
		if e.Code != chinese[i].Code || e.Code != japanese[i].Code {
			t.Fatalf("%s, %s, %s", e.Code, chinese[i].Code, japanese[i].Code)
		}
		if found, ok := Find(e.Code, Chinese); !ok || found.Meaning != chinese[i].Meaning {
			t.Errorf("%s: Find and All differ", e.Code)
		}
	}
	if e, _ := Find("InternalError", "tlh"); e.Meaning != "The service had an internal error." {
		t.Errorf("in an unknown language: %q", e.Meaning)
	}
}

func TestShort(t *testing.T) {
	for lang, want := range map[Language]string{
		English:  "choose another --region, such as cn-hangzhou",
		Chinese:  "请用 --region 指定其他地域，例如 cn-hangzhou",
		Japanese: "--region に cn-hangzhou など別のリージョンを指定してください",
	} {
		if e, _ := Find("InvalidRegionId.NotFound", lang); e.Short() != want {
			t.Errorf("%q, want %q", e.Short(), want)
		}
	}
	if e, _ := Find("ExecutionException", Japanese); !strings.HasPrefix(e.Short(), "ErrorInfo ") {
		t.Errorf("%q", e.Short())
	}
	if got := (Entry{}).Short(); got != "" {
		t.Errorf("%q", got)
	}
}

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newIndex(read[[]fact]("facts.json"))
		read[texts]("ja.json")
	}
}

func BenchmarkFind(b *testing.B) {
	for b.Loop() {
		Find("MissingParameter.Name", Japanese)
	}
}
