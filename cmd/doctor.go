package cmd

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/identity"
	"muster/pkg/render"
	"muster/pkg/term"
)

// checkPatience bounds each check of doctor, retries included.
const checkPatience = 15 * time.Second

// Results of a check.
const (
	checkOK      = "ok"
	checkWarn    = "warn"
	checkFail    = "fail"
	checkSkipped = "skip"
)

// check is the result of one check.
type check struct {
	Name   string
	Status string
	Detail string
	Remedy string `json:",omitempty"`
}

// diagnosis is the results of all checks, in order.
type diagnosis struct {
	Checks []check
	Policy *ramPolicy `json:",omitempty"` // what RAM should allow in addition

	app *app
}

func newDoctorCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Annotations: map[string]string{examinesSettings: inDocument},
		Use:         "doctor",
		Short:       "Check settings, credentials, network and permissions",
		Long: `Check the settings, the credentials, the proxy, DNS, the connection, the clock of this machine, the
signature, the region, each permission that muster needs, the agents of the region, and the settings of
the account for sessions and agent upgrades. Nothing is run or changed: write
permissions are tested on resources that do not exist, or not at all. If RAM refuses something, the missing policy is printed.

The exit code is 1 if a check fails, and 0 otherwise, even with warnings.`,
		Example: `  muster doctor
  muster doctor -o json | jq -r '.Checks[] | select(.Status == "fail") | .Name'
  muster doctor --profile prod --region cn-beijing`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &diagnosis{Checks: []check{}, app: a}
			if err := d.examine(cmd.Context()); err != nil {
				return err
			}
			if err := a.print(d); err != nil {
				return err
			}
			for _, c := range d.Checks {
				if c.Status == checkFail {
					return &outcomeError{exitFailed}
				}
			}
			return nil
		},
	}
}

func (d *diagnosis) add(name, status, detail, remedy string) {
	d.Checks = append(d.Checks, check{name, status, d.app.secrets.Mask(detail), remedy})
}

// addError adds a check that failed with an error.
func (d *diagnosis) addError(name string, err error) {
	message := term.Sanitize(strings.Join(strings.Fields(err.Error()), " "))
	if i := slices.IndexFunc(d.Checks, func(c check) bool { return c.Detail == message }); i >= 0 {
		d.add(name, checkFail, "see "+d.Checks[i].Name+" above", "")
		return
	}
	d.add(name, checkFail, message, d.app.advice(err))
}

// examine makes all checks. Those that a failure makes impossible are reported as skipped.
func (d *diagnosis) examine(ctx context.Context) error {
	d.settings()
	s, err := d.app.connect(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		d.addError("credentials", err)
		d.addSkipped("proxy", "dns", "connection", "clock", "signature", "region", "permissions", "agents", checkSessionManager, checkAgentUpgrades)
		return nil
	}
	return d.app.useSession(ctx, s, func(s *session) error {
		d.credentials(ctx, s)
		d.otherTools(ctx, s)
		if !d.network(ctx, s) {
			d.addSkipped("signature", "region", "permissions", "agents", checkSessionManager, checkAgentUpgrades)
			return ctx.Err()
		}
		if !d.signature(ctx, s) {
			d.addSkipped("permissions", "agents", checkSessionManager, checkAgentUpgrades)
			return ctx.Err()
		}
		d.permissions(ctx, s)
		d.agents(ctx, s)
		d.accountSettings(ctx, s)
		return ctx.Err()
	})
}

func (d *diagnosis) addSkipped(names ...string) {
	for _, name := range names {
		d.add(name, checkSkipped, "not tried, because of the failure above", "")
	}
}

func (d *diagnosis) settings() {
	c := d.app.config
	for _, warning := range c.Warnings {
		d.add("settings", checkWarn, warning, "")
	}
	problems := d.app.problems()
	for _, p := range problems {
		status := checkWarn
		if d.app.affectsCalls(c, c.Region, p) {
			status = checkFail
		}
		d.add("settings", status, term.Sanitize(p.Err.Error()), d.app.problemAdvice(p))
	}
	if len(c.Warnings)+len(problems) == 0 {
		files := "no settings file"
		if len(c.Files) > 0 {
			files = strings.Join(c.Files, ", ")
		}
		d.add("settings", checkOK, files, "")
	}
}

func (d *diagnosis) credentials(ctx context.Context, s *session) {
	who := d.app.whoami(ctx, s)
	d.add("credentials", checkOK, who.String(), "")
	if err := d.app.askAccount(ctx, s, &who); err != nil {
		d.add("account", checkWarn, d.app.explain(err), "only STS reports the account; nothing else needs it")
		return
	}
	d.add("account", checkOK, strings.TrimSpace(who.AccountId+" "+who.Arn), "")
}

// otherTools warns of tools that sign as somebody else with the same files and variables.
func (d *diagnosis) otherTools(ctx context.Context, s *session) {
	const name = "other tools"
	c := d.app.config
	if c.Lab() || s.identity == nil || c.ProfileChosen && !fromCloudVariable(c) {
		return
	}
	var own string
	if keys, err := s.identity.Keys(ctx); err == nil {
		own = keys.AccessKeyId
	}
	agree := true
	for _, other := range identity.OtherSigners(d.app.identityOptions(c)) {
		if other.Source == "" || other.Source == s.identity.Source || other.AccessKeyId != "" && other.AccessKeyId == own {
			continue
		}
		agree = false
		d.add(name, checkWarn, fmt.Sprintf("%s would sign with the keys of %s, and muster signs with those of %s", other.Tool, other.Source, s.identity.Source),
			"choose the profile for both, with --profile; see docs/credentials.md")
	}
	if agree {
		d.add(name, checkOK, "the aliyun CLI and the SDKs for Go and Node use the same keys, or find none", "")
	}
}

// Records returns the checks.
func (d *diagnosis) Records() iter.Seq2[any, error] { return render.Records(d.Checks) }

// Record returns an empty check.
func (d *diagnosis) Record() any { return check{} }

// WriteTable writes a line for each check with advice below it, and the policy last.
func (d *diagnosis) WriteTable(w io.Writer, style render.Style) error {
	width := 0
	for _, c := range d.Checks {
		width = max(width, len(c.Name))
	}
	var b strings.Builder
	for _, c := range d.Checks {
		paint := map[string]func(string) string{checkOK: style.Paint.Good, checkWarn: style.Paint.Warn, checkFail: style.Paint.Bad, checkSkipped: style.Paint.Dim}[c.Status]
		fmt.Fprintf(&b, "%s  %-*s  %s\n", paint(fmt.Sprintf("%-4s", c.Status)), width, c.Name, term.Sanitize(c.Detail))
		if c.Remedy != "" {
			fmt.Fprintf(&b, "%*s%s\n", len("fail  ")+width+2, "", style.Paint.Dim(term.Sanitize(c.Remedy)))
		}
	}
	if d.Policy != nil {
		fmt.Fprintf(&b, "\nThe missing RAM policy:\n%s\n", term.Sanitize(fmt.Sprint(d.Policy)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
