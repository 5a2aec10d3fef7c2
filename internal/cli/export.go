package cli

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/export"
	"fleet/internal/kind"
	"fleet/internal/outfile"
	"fleet/internal/selection"
	"fleet/plan"
	"fleet/spec"
)

// exportOptions are the flags of fleet export, and of fleet init --from-live.
type exportOptions struct {
	export      export.Options
	selector    string // labels
	secrets     string
	file        string // of the spec; empty for standard output
	secretsFile string // of the values of secrets; empty for none
	force       bool
	kubernetes  kubernetesOptions

	existsHint string // what to do about files that exist
}

var secretModes = []string{string(export.SecretsEnv), string(export.SecretsOmit), string(export.SecretsPlain)}

// declareCommon declares the flags that export and init share.
func (o *exportOptions) declareCommon(f *flagSet) {
	f.StringVar(&o.export.Name, "name", "", "`name` of the fleet (default that of the exported sandboxes, else exported)")
	f.BoolVar(&o.export.Adopt, "adopt", true, "write adopt: true for unowned sandboxes")
	f.BoolVar(&o.export.State, "with-state", false, "write the current run state of each sandbox")
	f.StringVar(&o.secrets, "secrets", string(export.SecretsEnv), "how to write secret values: env (references to environment variables), omit or plain")
	f.StringVar(&o.secretsFile, "secrets-file", "", "`file` for the values of the environment variables, readable by you only")
	f.complete("secrets", secretModes)
}

func (o *exportOptions) declare(f *flagSet) {
	o.declareCommon(f)
	f.StringVarP(&o.file, "output", "o", "", "`file` to write to; - is standard output, as by default")
	f.StringVar(&o.export.Fleet, "fleet", "", "only sandboxes of this `fleet`")
	f.StringVar(&o.selector, "selector", "", "only sandboxes with these `labels`, such as team=a,stage=dev")
	f.StringSliceVar(&o.export.States, "state", nil, "only sandboxes in one of these `states`, such as started,stopped")
	f.BoolVar(&o.force, "force", false, "overwrite existing files")
	o.kubernetes.declare(f)
	f.check(func() error { return o.resolve(f.Args()) })
}

func (a *app) exportCommand() *cobra.Command {
	o := exportOptions{existsHint: "Name another file, or replace it with --force"}
	cmd := &cobra.Command{
		Use:   "export [NAME]...",
		Short: "Export existing sandboxes as a spec",
		Long: `Reads the organisation and prints it as a spec: sandboxes, the snapshots and
volumes of the organisation, and the images that were built. It only reads. Names,
which may be patterns, and the flags --fleet, --selector and --state select
sandboxes, together with the snapshots and volumes that they use.

A spec describes one fleet. Sandboxes that the fleet owns keep their keys, and a
plan of the spec is empty. Unowned sandboxes get adopt: true: the first apply
adopts them without changing them. Sandboxes of other fleets are left out. What is
left out or cannot be expressed is reported on standard error.

Default values of the server are not written, and run states only with
--with-state, because sandboxes stop when they are idle. Values of env_vars and of
proxies become references to environment variables, unless --secrets is
given. --secrets-file writes their values for --env-file of other commands.

With --k8s it reads the spec of -f instead, and prints an object for the Kubernetes
operator that declares the same fleet. Variables that are set become a part of it.
Secret values do not: it refers to Secrets, and the commands that create them are
printed on standard error.`,
		Example: `  fleet export > fleet.yaml
  fleet export --fleet research -o research.yaml
  fleet export 'agent-*' --name agents --secrets-file agents.env -o agents.yaml
  fleet plan -f agents.yaml --env-file agents.env
  fleet export --selector team=a,stage=dev --secrets omit
  fleet export --k8s -e prod --namespace research -o fleet-k8s.yaml`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.kubernetes.enabled {
				return a.exportKubernetes(o)
			}
			return a.export(cmd.Context(), o)
		},
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// resolve checks the flags, and sets the options that follow from them.
func (o *exportOptions) resolve(names []string) error {
	o.export.Names, o.export.Secrets = names, export.SecretMode(o.secrets)
	if o.file == standardOutput {
		o.file = ""
	}
	for _, name := range names {
		if _, err := path.Match(name, ""); err != nil {
			return exit.Invalidf("invalid pattern %q; write one such as agent-*", name)
		}
	}
	if o.selector != "" {
		labels, err := selection.ParseLabels(o.selector)
		if err != nil {
			return fmt.Errorf("--selector %w", err)
		}
		o.export.Selector = labels
	}
	if err := kind.CheckStates(o.export.States, spec.SandboxKind); err != nil {
		return exit.Invalidf("--state: %w", err)
	}
	return o.checkSecrets()
}

func (o *exportOptions) checkSecrets() error {
	switch {
	case !slices.Contains(secretModes, o.secrets):
		return exit.Invalidf("--secrets %s: valid values: %s", o.secrets, strings.Join(secretModes, ", "))
	case o.secretsFile == standardOutput:
		return exit.Invalidf("--secrets-file requires a file name: secrets are not written to standard output")
	case o.secretsFile != "" && o.export.Secrets != export.SecretsEnv:
		return exit.Invalidf("--secrets-file requires --secrets env: --secrets %s writes no references", o.secrets)
	case o.secretsFile != "" && filepath.Clean(o.secretsFile) == filepath.Clean(o.file):
		return exit.Invalidf("the spec and its secrets need different files, not both %s", o.file)
	}
	return nil
}

// specFile returns the file of the spec. One with secrets is private.
func (o *exportOptions) specFile() outfile.NewFile {
	f := outfile.NewFile{Path: o.file, Perm: 0o644, Force: o.force, Hint: o.existsHint}
	if o.export.Secrets == export.SecretsPlain {
		f.Perm = outfile.PrivateMode
	}
	return f
}

// export writes what exists as a spec.
func (a *app) export(ctx context.Context, o exportOptions) error {
	secrets := outfile.NewFile{Path: o.secretsFile, Perm: outfile.PrivateMode, Force: o.force, Hint: o.existsHint}
	for _, f := range []outfile.NewFile{o.specFile(), secrets} {
		if f.Path == "" {
			continue
		}
		if err := f.CheckFree(); err != nil {
			return err
		}
	}
	result, err := a.exported(ctx, o.export)
	if err != nil {
		return err
	}
	if secrets.Path != "" {
		if err := a.writeSecrets(secrets, result.Variables); err != nil {
			return err
		}
	}
	if o.file == "" {
		_, err = a.out.Write(result.Text)
	} else {
		err = a.outFiles().WriteNew(o.specFile(), result.Text)
	}
	for _, line := range result.Notes {
		a.note("%s", line)
	}
	if o.file != "" && err == nil {
		a.note("Wrote %s: fleet %s, %s.", o.file, result.Fleet, plan.Plural(result.Resources, "object", "objects"))
	}
	return err
}

// writeSecrets writes variables to a file, and notes how to load them.
func (a *app) writeSecrets(f outfile.NewFile, variables map[string]string) error {
	text, notShell, err := export.EnvFile(variables)
	if err != nil {
		return err
	}
	if err := a.outFiles().WriteNew(f, text); err != nil {
		return err
	}
	script := f.Path
	if !strings.ContainsRune(script, '/') {
		script = "./" + script
	}
	a.note("Wrote the values of its secrets to %s. Load them with --env-file %[1]s, or in a shell with: set -a; . %s; set +a", f.Path, script)
	if len(notShell) > 0 {
		a.note("A shell misreads the values of %s: use --env-file.", strings.Join(notShell, ", "))
	}
	return nil
}

// progressInterval is the number of sandboxes after which progress is noted.
const progressInterval = 500

// exported reads what exists.
func (a *app) exported(ctx context.Context, o export.Options) (*export.Result, error) {
	s, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	o.Progress = func(done, of int) {
		if of > progressInterval && done%progressInterval == 0 {
			a.note("Read %d of %d sandboxes.", done, of)
		}
	}
	result, err := export.Run(ctx, s.Client, o)
	if wrong := (*export.OptionsError)(nil); errors.As(err, &wrong) {
		return nil, exit.Invalidf("%w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("exporting: %w", err)
	}
	return result, nil
}
