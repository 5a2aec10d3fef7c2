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
	"github.com/spf13/pflag"

	"fleet/internal/export"
	"fleet/plan"
)

// An exporting is one run of export.
type exportRun struct {
	*app
	opts        export.Options
	selector    string
	secrets     string
	file        string // empty: standard output
	secretsFile string // empty: none
	force       bool
	hint        string // what to do about files that exist
}

func (a *app) exportCommand() *cobra.Command {
	x := exportRun{app: a, hint: "Choose another file, or replace it with --force"}
	cmd := &cobra.Command{
		Use:   "export [NAME]...",
		Short: "Export existing sandboxes as a spec",
		Long: `Reads the organisation and prints a spec of it: sandboxes, the snapshots and
volumes that belong to the organisation, and the images that were built. It only
reads. Names, which may be patterns, and the flags --fleet, --selector and --state
select sandboxes; of snapshots and volumes those are exported that these use.

A spec is of one fleet. Sandboxes that the fleet owns keep their keys, and a plan
of the spec is empty. Sandboxes that no fleet owns get adopt: true: a plan adopts
them and changes nothing of them, and is empty after that. Sandboxes of other
fleets are left out. What is left out or cannot be said is told on standard error.

Values that the server gives anyway are not written, and run states only with
--with-state: sandboxes stop by themselves. Values of env_vars and of proxies
become references to environment variables, unless --secrets says otherwise.
--secrets-file writes their values, which --env-file of other commands reads.`,
		Example: `  fleet export > fleet.yaml
  fleet export --fleet research -o research.yaml
  fleet export 'agent-*' --name agents --secrets-file agents.env -o agents.yaml
  fleet plan -f agents.yaml --env-file agents.env
  fleet export --selector team=a,stage=dev --secrets omit`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			x.opts.Names = args
			if err := x.checkFlags(); err != nil {
				return err
			}
			return x.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	x.exportFlags(f)
	f.StringVarP(&x.file, "output", "o", "", "`file` to write to; - is standard output, as by default")
	f.StringVar(&x.opts.Fleet, "fleet", "", "only sandboxes of this `fleet`")
	f.StringVar(&x.selector, "selector", "", "only sandboxes with these `labels`, such as team=a,stage=dev")
	f.StringSliceVar(&x.opts.States, "state", nil, "only sandboxes in one of these `states`, such as started,stopped")
	f.BoolVar(&x.force, "force", false, "overwrite existing files")
	_ = cmd.RegisterFlagCompletionFunc("secrets", cobra.FixedCompletions(secretModes, cobra.ShellCompDirectiveNoFileComp)) // fails only for flags that do not exist
	return cmd
}

var secretModes = []string{string(export.SecretsEnv), string(export.SecretsOmit), string(export.SecretsPlain)}

// exportFlags declares what export and init have in common.
func (x *exportRun) exportFlags(f *pflag.FlagSet) {
	f.StringVar(&x.opts.Name, "name", "", "`name` of the fleet (default that of the exported sandboxes, else exported)")
	f.BoolVar(&x.opts.Adopt, "adopt", true, "write adopt: true for unowned sandboxes")
	f.BoolVar(&x.opts.State, "with-state", false, "write the current run state of each sandbox")
	f.StringVar(&x.secrets, "secrets", string(export.SecretsEnv), "how to write secret values: env (references to environment variables), omit or plain")
	f.StringVar(&x.secretsFile, "secrets-file", "", "`file` for the values of the environment variables, readable by you only")
}

// checkFlags refuses flags that cannot be meant.
func (x *exportRun) checkFlags() error {
	x.opts.Secrets = export.SecretMode(x.secrets)
	if x.file == standardOutput {
		x.file = ""
	}
	if !slices.Contains(secretModes, x.secrets) {
		return invalid("--secrets %s: known are %s", x.secrets, strings.Join(secretModes, ", "))
	}
	for _, name := range x.opts.Names {
		if _, err := path.Match(name, ""); err != nil {
			return invalid("%q is not a pattern; write one such as agent-*", name)
		}
	}
	if x.selector != "" {
		labels, err := parseLabels(x.selector)
		if err != nil {
			return fmt.Errorf("--selector %w", err)
		}
		x.opts.Selector = labels
	}
	switch {
	case x.secretsFile == standardOutput:
		return invalid("--secrets-file takes the name of a file: secrets are not written to standard output")
	case x.secretsFile != "" && x.opts.Secrets != export.SecretsEnv:
		return invalid("--secrets-file is for --secrets env: with --secrets %s there is nothing to put into it", x.secrets)
	case x.secretsFile != "" && filepath.Clean(x.secretsFile) == filepath.Clean(x.file):
		return invalid("the spec and its secrets cannot be one file, %s", x.file)
	}
	return nil
}

// specFile is where the spec goes. One with secrets is not for others.
func (x *exportRun) specFile() newFile {
	f := newFile{x.file, 0o644, x.force, x.hint}
	if x.opts.Secrets == export.SecretsPlain {
		f.perm = privateMode
	}
	return f
}

// run exports.
func (x *exportRun) run(ctx context.Context) error {
	secrets := newFile{x.secretsFile, privateMode, x.force, x.hint}
	for _, f := range []newFile{x.specFile(), secrets} {
		if f.path == "" {
			continue
		}
		if err := f.checkFree(); err != nil {
			return err
		}
	}
	result, err := x.read(ctx)
	if err != nil {
		return err
	}
	if secrets.path != "" {
		if err := x.writeSecrets(secrets, result.Variables); err != nil {
			return err
		}
	}
	if x.file == "" {
		_, err = x.Out.Write(result.Text)
	} else {
		err = x.specFile().write(x.app, result.Text)
	}
	for _, line := range result.Notes {
		x.note("%s", line)
	}
	if x.file != "" && err == nil {
		x.note("Wrote %s: fleet %s, %s.", x.file, result.Fleet, plan.Plural(result.Resources, "object", "objects"))
	}
	return err
}

// writeSecrets writes variables to a file and says how they are loaded.
func (x *exportRun) writeSecrets(f newFile, variables map[string]string) error {
	text, notShell, err := export.EnvFile(variables)
	if err != nil {
		return err
	}
	if err := f.write(x.app, text); err != nil {
		return err
	}
	path := f.path
	if !strings.ContainsRune(path, '/') {
		path = "./" + path
	}
	x.note("Wrote the values of its secrets to %s. --env-file %[1]s reads them, and so does a shell: set -a; . %s; set +a", f.path, path)
	if len(notShell) > 0 {
		x.note("A shell reads %s otherwise than it is meant: use --env-file.", strings.Join(notShell, ", "))
	}
	return nil
}

// progressInterval is from how many sandboxes on the reader is told how far it is.
const progressInterval = 500

// read reads what there is.
func (x *exportRun) read(ctx context.Context) (*export.Result, error) {
	s, err := x.open(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	x.opts.Progress = func(done, of int) {
		if of > progressInterval && done%progressInterval == 0 {
			x.note("Read %d of %d sandboxes.", done, of)
		}
	}
	result, err := export.Run(ctx, s.Client, x.opts)
	if mistaken := (*export.OptionsError)(nil); errors.As(err, &mistaken) {
		return nil, invalid("%w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("exporting: %w", err)
	}
	return result, nil
}
