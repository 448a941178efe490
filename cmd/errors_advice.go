package cmd

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/assist/catalogue"
	"muster/pkg/config"
	"muster/pkg/lab"
)

// adviceFor returns advice about a refused call: that of its code, or another where that would not fit the call.
func adviceFor(refused *assist.Error, entry catalogue.Entry, language catalogue.Language) string {
	switch {
	case entry.Code == "Forbidden.RAM" && (refused.Action != "" || refused.AccessDeniedDetail != nil):
		return fmt.Sprintf(grantRemedy(language), deniedAction(refused))
	case entry.Retry == catalogue.RetrySameToken && readOnly(refused.Action):
		return readRemedy(strings.HasPrefix(entry.Code, "HTTP"), language)
	}
	return entry.Short()
}

// withFlagName replaces the mention of a parameter's flag, which the code ends with, by the flag's name in this command.
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

// readOnly reports whether an action changes nothing, so that it can be repeated.
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

// readRemedy returns the advice about a failed call that only reads. byProxy reports whether something other than the API answered.
func readRemedy(byProxy bool, language catalogue.Language) string {
	texts := map[catalogue.Language][2]string{
		catalogue.English:  {"this call only reads: try again later, and report the request id if it happens again", "check --endpoint and the proxy settings, or try again later: this call only reads"},
		catalogue.Chinese:  {"该调用只读取数据：请稍后重试；若持续出现，请提供请求 ID 反馈", "请检查 --endpoint 和代理设置，或稍后重试：该调用只读取数据"},
		catalogue.Japanese: {"この呼び出しは読み取りだけです。しばらくしてから再実行し、続く場合はリクエスト ID を添えて問い合わせてください", "--endpoint とプロキシの設定を確認するか、しばらくしてから再実行してください。この呼び出しは読み取りだけです"},
	}
	both, ok := texts[language]
	if !ok {
		both = texts[catalogue.English]
	}
	if byProxy {
		return both[1]
	}
	return both[0]
}

// advice returns what to do about an error, or "".
func (p *printer) advice(err error) string {
	if badSelection(err) {
		return suggestSelection(err)
	}
	if credentials, ok := errors.AsType[*assist.CredentialsError](err); ok {
		if credentials.Source != "" {
			return credentials.Remedy
		}
		return "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, choose a --profile, or try muster without an account with --lab=5"
	}
	if refused, ok := errors.AsType[*assist.Error](err); ok {
		if region := p.suggestRegion(err); region != "" {
			return region
		}
		if entry, ok := catalogue.Find(refused.Code, p.language()); ok {
			return p.withFlagName(adviceFor(refused, entry, p.language()), entry.Code)
		}
		return ""
	}
	if isA[*assist.AnswerError](err) {
		return "check --endpoint and the proxy settings: HTTPS_PROXY, HTTP_PROXY, NO_PROXY"
	}
	if authority, ok := errors.AsType[*lab.AuthorityError](err); ok {
		return "to make another one, which clients must then trust, remove ca.pem and ca-key.pem in " + filepath.Dir(authority.Path)
	}
	if advice := p.networkAdvice(err); advice != "" {
		return advice
	}
	if setting, ok := errors.AsType[*config.Error](err); ok && len(setting.Known) > 0 {
		return "known: " + strings.Join(setting.Known, ", ")
	}
	return ""
}

// networkAdvice returns what to do about an error of the network, or "".
func (p *printer) networkAdvice(err error) string {
	network, isNetwork := errors.AsType[*net.OpError](err)
	switch {
	case isA[*tls.CertificateVerificationError](err):
		return "check --endpoint; for a lab with --tls, use -p lab or the exports of muster lab env, or name its ca.pem in SSL_CERT_FILE"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "check --endpoint: a lab without --tls needs http:// before its address, or the exports of muster lab env"
	case isNetwork && network.Op == "listen":
		return "choose another --listen or --agents address; port 0 picks a free port"
	case isA[*net.DNSError](err):
		if region := p.suggestRegion(err); region != "" {
			return region
		}
		return "check --region, --endpoint and the network"
	case isNetwork && isA[*assist.TransportError](err):
		return "check --endpoint and the network"
	}
	return ""
}
