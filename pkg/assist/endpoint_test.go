package assist

import (
	"testing"

	"pgregory.net/rapid"
)

func TestRegionEndpoint(t *testing.T) {
	for region, host := range map[string]string{
		"cn-beijing":              "ecs.cn-beijing.aliyuncs.com",
		"eu-central-1":            "ecs.eu-central-1.aliyuncs.com",
		"cn-hangzhou":             "ecs-cn-hangzhou.aliyuncs.com",
		"cn-shenzhen-finance-1":   "ecs-cn-hangzhou.aliyuncs.com",
		"cn-north-2-gov-1":        "ecs.aliyuncs.com",
		"cn-zhangjiakou-na62-a01": "ecs.cn-zhangjiakou.aliyuncs.com",
	} {
		if got, want := RegionEndpoint(region), (Endpoint{Host: host, TLS: true}); got != want {
			t.Errorf("%s: %+v, want %+v", region, got, want)
		}
	}
}

func TestSTSEndpoint(t *testing.T) {
	for _, test := range []struct {
		region string
		vpc    bool
		host   string
	}{
		{"cn-hangzhou", false, "sts.cn-hangzhou.aliyuncs.com"},
		{"cn-hangzhou", true, "sts-vpc.cn-hangzhou.aliyuncs.com"},
		{"", false, "sts.aliyuncs.com"},
		{"", true, "sts.aliyuncs.com"},
	} {
		if got, want := STSEndpoint(test.region, test.vpc), (Endpoint{Host: test.host, TLS: true}); got != want {
			t.Errorf("STSEndpoint(%q, %v) = %+v, want %+v", test.region, test.vpc, got, want)
		}
	}
}

func TestParseEndpoint(t *testing.T) {
	tests := []struct {
		text     string
		want     Endpoint
		loopback bool
	}{
		{"ecs.cn-beijing.aliyuncs.com", Endpoint{"ecs.cn-beijing.aliyuncs.com", true}, false},
		{"gateway:8443", Endpoint{"gateway:8443", true}, false},
		{"https://gateway/", Endpoint{"gateway", true}, false},
		{"http://gateway:80", Endpoint{"gateway:80", false}, false},
		{"10.0.0.1:8080", Endpoint{"10.0.0.1:8080", true}, false},
		{"[fd00::1]:8080", Endpoint{"[fd00::1]:8080", true}, false},
		{"localhost.example.com", Endpoint{"localhost.example.com", true}, false},
		{"127.0.0.1:8089", Endpoint{"127.0.0.1:8089", false}, true},
		{"127.8.9.1", Endpoint{"127.8.9.1", false}, true},
		{"[::1]:8089", Endpoint{"[::1]:8089", false}, true},
		{"[::1]", Endpoint{"[::1]", false}, true},
		{"localhost", Endpoint{"localhost", false}, true},
		{"LocalHost:8089", Endpoint{"LocalHost:8089", false}, true},
		{"lab.localhost:8089", Endpoint{"lab.localhost:8089", false}, true},
		{"http://localhost:8089/", Endpoint{"localhost:8089", false}, true},
		{"https://localhost:8089", Endpoint{"localhost:8089", true}, true},
	}
	for _, test := range tests {
		got, err := ParseEndpoint(test.text)
		if err != nil || got != test.want {
			t.Errorf("ParseEndpoint(%q) = %+v, %v; want %+v", test.text, got, err, test.want)
			continue
		}
		if got.Loopback() != test.loopback {
			t.Errorf("%q: Loopback() = %v", test.text, got.Loopback())
		}
		if again, err := ParseEndpoint(got.String()); err != nil || again != got {
			t.Errorf("%q is formatted as %q and parsed as %+v, %v", test.text, got.String(), again, err)
		}
	}
}

func TestParseEndpointRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "/", "http://", "https:///", ":8080", "ftp://gateway", "://gateway", "gateway/path", "https://gateway/path",
		"gateway?x=1", "gateway#x", "user@gateway", "https://user:secret@gateway", "gate way", "gateway\n", "gateway:", "gateway:http",
		"gateway:-1", "gateway:65536", "::1", "::1:80", "[::1", "[gateway]:80", "http://http://gateway", "gate%77ay",
	} {
		if got, err := ParseEndpoint(text); err == nil {
			t.Errorf("ParseEndpoint(%q) = %+v", text, got)
		}
	}
}

func TestEndpointRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.OneOf(
			rapid.StringMatching(`[a-z][a-z0-9-]{0,9}(\.[a-z]{1,5}){0,3}`),
			rapid.SampledFrom([]string{"localhost", "a.localhost", "127.0.0.1", "[::1]", "[2001:db8::1]"}),
		).Draw(t, "host")
		port := rapid.StringMatching(`(:[1-9][0-9]{0,3})?`).Draw(t, "port")
		want := Endpoint{Host: host + port, TLS: rapid.Bool().Draw(t, "TLS")}
		if got, err := ParseEndpoint(want.String()); err != nil || got != want {
			t.Errorf("%+v is formatted as %q and parsed as %+v, %v", want, want.String(), got, err)
		}
	})
}
