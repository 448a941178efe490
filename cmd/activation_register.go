package cmd

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"

	"muster/pkg/lab"
	"muster/pkg/render"
	"muster/pkg/term"
)

// hostCAFile is the path of the certificate of a lab's CA on a host, in the commands that are printed.
const hostCAFile = "/etc/muster-lab-ca.pem"

// activationDocument is an activation that was created, and how to use it.
type activationDocument struct {
	ActivationId     string
	ActivationCode   string `json:",omitempty"` // not with --code-file
	CodeFile         string `json:",omitempty"`
	RegionId         string
	InstanceName     string
	InstanceCount    int64
	IpAddressRange   string
	ExpirationTime   string
	RegisterCommands []string // to be typed on a host; none for a lab that does not listen for agents

	notes []string // before the commands
}

// addCommand adds the command that registers a host. code is a word of a shell that has the activation code as its value.
func (d *activationDocument) addCommand(ctx context.Context, p *printer, s *session, code string) {
	register := fmt.Sprintf("aliyun-service --register --RegionId %s --ActivationCode %s --ActivationId %s", shellQuote(d.RegionId), code, shellQuote(d.ActivationId))
	agents, isLab := agentsOf(ctx, s)
	switch {
	case isLab && agents.Endpoint != "":
		d.RegisterCommands = append(d.RegisterCommands, fmt.Sprintf("sudo env ALIYUN_ASSIST_SERVER_HOST=%s ALIYUN_ASSIST_CERT_PATH=%s %s",
			shellQuote(agents.Endpoint), hostCAFile, register))
		d.notes = append(d.notes, fmt.Sprintf("Copy %s of the lab's machine to the host, as %s.", agents.CAFile, hostCAFile))
	case isLab:
		p.note("this lab does not listen for agents, so that no host can be registered yet: start it with --agents")
		return
	default:
		d.RegisterCommands = append(d.RegisterCommands, "sudo "+register)
	}
	if d.CodeFile != "" {
		d.notes = append(d.notes, fmt.Sprintf("Copy %s to the host as well, and delete it there afterwards.", d.CodeFile))
	}
}

// agentsOf asks a lab, which may be on another machine, how agents reach it. It reports false for the service.
func agentsOf(ctx context.Context, s *session) (answer lab.AgentsResponse, isLab bool) {
	if strings.HasSuffix(s.endpoint.Host, ".aliyuncs.com") {
		return answer, false
	}
	err := s.caller.Call(ctx, new(lab.AgentsRequest), &answer)
	return answer, err == nil
}

// Records returns the document.
func (d *activationDocument) Records() iter.Seq2[any, error] {
	return render.Records([]*activationDocument{d})
}

// Record returns an empty document.
func (d *activationDocument) Record() any { return activationDocument{} }

// WriteTable writes a line for each field, then how to register a host.
func (d *activationDocument) WriteTable(w io.Writer, style render.Style) error {
	var b strings.Builder
	named := "named after their hosts"
	if d.InstanceName != "" {
		named = fmt.Sprintf("named %s-001 and so on", d.InstanceName)
	}
	code := d.ActivationCode
	if d.CodeFile != "" {
		code = "in " + d.CodeFile + ", which only you can read"
	}
	for _, line := range [][2]string{
		{"Activation", d.ActivationId}, {"Code", code}, {"Region", d.RegionId}, {"Instances", fmt.Sprintf("at most %d, %s", d.InstanceCount, named)},
		{"Addresses", d.IpAddressRange}, {"Expires", d.ExpirationTime},
	} {
		if line[1] != "" {
			fmt.Fprintf(&b, "%s %s\n", style.Paint.Dim(fmt.Sprintf("%-12s", line[0])), term.Sanitize(line[1]))
		}
	}
	if len(d.RegisterCommands) > 0 {
		b.WriteString("\nInstall the agent on a host: see \"Install Cloud Assistant Agent\" in the documentation of ECS.\n")
		for _, note := range d.notes {
			b.WriteString(term.Sanitize(note) + "\n")
		}
		b.WriteString("Then register the host:\n\n")
		for _, command := range d.RegisterCommands {
			b.WriteString("  " + term.Sanitize(command) + "\n")
		}
		b.WriteString("\nIt prints \"register ok\" if it worked; its exit code is always 0.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
