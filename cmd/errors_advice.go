package cmd

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/assist/catalogue"
	"muster/pkg/config"
)

// adviceFor returns what to do about a refused call: that of the code, put in terms of the call where the code's own is about another.
func adviceFor(refused *assist.Error, entry catalogue.Entry, language catalogue.Language) string {
	switch {
	case entry.Code == "Forbidden.RAM" && (refused.Action != "" || refused.AccessDeniedDetail != nil):
		return fmt.Sprintf(grantRemedy(language), deniedAction(refused))
	case entry.Retry == catalogue.RetrySameToken && readOnly(refused.Action):
		return readRemedy(strings.HasPrefix(entry.Code, "HTTP"), language)
	}
	return entry.Short()
}

// withFlagName puts the flag of the command that runs into a remedy that names the flag of a parameter, which the code ends with.
func (p *printer) withFlagName(remedy, code string) string {
	_, parameter, ok := strings.Cut(code, ".")
	if !ok || p.flags == nil {
		return remedy
	}
	f := p.flags.Lookup(kebabCase(parameter))
	if f == nil {
		return remedy
	}
	flag := "--" + f.Name
	return strings.NewReplacer("the flag that sets "+parameter, flag, "设置 "+parameter+" 的选项", " "+flag+" ", parameter+" に対応するフラグ", flag).Replace(remedy)
}

// readOnly reports whether an action changes nothing, so that it can be repeated at will.
func readOnly(action string) bool {
	return strings.HasPrefix(action, "Describe") || strings.HasPrefix(action, "List") || strings.HasPrefix(action, "Get")
}

// deniedAction returns the action that RAM refused, as policies name it.
func deniedAction(refused *assist.Error) string {
	switch {
	case refused.AccessDeniedDetail != nil && refused.AccessDeniedDetail.AuthAction != "":
		return refused.AccessDeniedDetail.AuthAction
	case strings.HasPrefix(refused.Action, "AssumeRole"), refused.Action == "GetCallerIdentity":
		return "sts:" + refused.Action
	}
	return "ecs:" + refused.Action
}

func grantRemedy(language catalogue.Language) string {
	switch language {
	case catalogue.Chinese:
		return "请在 RAM 中授予权限 %s，或用 --profile 换用其他凭证"
	case catalogue.Japanese:
		return "RAM で %s の権限を付与してもらうか、別の --profile を選んでください"
	}
	return "grant the permission %s in RAM, or choose another --profile"
}

// readRemedy is for calls that read. behind reports that it was not the API that answered.
func readRemedy(behind bool, language catalogue.Language) string {
	texts := map[catalogue.Language][2]string{
		catalogue.English:  {"this call only reads: try again later, and report the request id if it happens again", "check --endpoint and the proxy settings, or try again later: this call only reads"},
		catalogue.Chinese:  {"该调用只读取数据：请稍后重试；若持续出现，请提供请求 ID 反馈", "请检查 --endpoint 和代理设置，或稍后重试：该调用只读取数据"},
		catalogue.Japanese: {"この呼び出しは読み取りだけです。しばらくしてから再実行し、続く場合はリクエスト ID を添えて問い合わせてください", "--endpoint とプロキシの設定を確認するか、しばらくしてから再実行してください。この呼び出しは読み取りだけです"},
	}
	both, ok := texts[language]
	if !ok {
		both = texts[catalogue.English]
	}
	if behind {
		return both[1]
	}
	return both[0]
}

func (p *printer) advice(err error) string {
	var (
		refused     *assist.Error
		credentials *assist.CredentialsError
		lost        *assist.TransportError
		foreign     *assist.AnswerError
		setting     *config.Error
		dial        *net.OpError
		dns         *net.DNSError
	)
	switch {
	case badSelection(err):
		return suggestSelection(err)
	case errors.As(err, &credentials) && credentials.Source != "":
		return credentials.Remedy
	case errors.As(err, &credentials):
		return "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, choose a --profile, or try muster without an account by --lab=5"
	case errors.As(err, &refused):
		if region := p.suggestRegion(err); region != "" {
			return region
		}
		if entry, ok := catalogue.Find(refused.Code, p.language()); ok {
			return p.withFlagName(adviceFor(refused, entry, p.language()), entry.Code)
		}
		return ""
	case errors.As(err, &foreign):
		return "check --endpoint, and whether a proxy stands between: HTTPS_PROXY, HTTP_PROXY, NO_PROXY"
	case errors.As(err, &dial) && dial.Op == "listen":
		return "choose another --listen, with port 0 for any that is free"
	case errors.As(err, &dns):
		if region := p.suggestRegion(err); region != "" {
			return region
		}
		return "check --region, --endpoint and the network"
	case errors.As(err, &lost) && errors.As(err, &dial):
		return "check --endpoint and the network"
	case errors.As(err, &setting) && len(setting.Known) > 0:
		return "known: " + strings.Join(setting.Known, ", ")
	}
	return ""
}
