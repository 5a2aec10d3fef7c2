package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
)

// rootCommand returns the command that holds all others.
func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "fleet",
		Short: "Reconcile Daytona sandboxes with a YAML spec",
		Long: `fleet reconciles sandboxes, snapshots and volumes on Daytona with a YAML spec.
It lists what exists, shows the difference as a plan, and applies the plan
concurrently. There is no state file: ownership is stored in labels.

  fleet init          write a first spec
  fleet export        write what exists as a spec
  fleet plan          show the changes that the spec requires
  fleet apply         make these changes, after a confirmation
  fleet drift         report drift by exit code
  fleet watch         apply again when the spec changes, and correct drift

Credentials come from DAYTONA_API_KEY, or from DAYTONA_JWT_TOKEN and
DAYTONA_ORGANIZATION_ID, in the environment, in .env.local or .env of the current
directory, or in the files of --env-file. To try fleet without an account, add
--local to any command: it then uses the embedded Daytona, a simulation.`,
		Example: `  fleet apply --local -f examples/minimal.yaml
  DAYTONA_API_KEY=... fleet plan -f fleet.yaml`,
		Version:       Version(),
		Args:          cobra.ArbitraryArgs, // an unknown command is reported below, with a suggestion
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error {
			a.command = cmd.CommandPath()
			return a.checkOverwrites(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return exit.Invalidf("unknown command %q; %s", args[0], commandHint(cmd, args[0]))
		},
	}
	root.SetVersionTemplate("fleet {{.Version}}\n")
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return exit.Invalidf("%w; see %s --help", err, cmd.CommandPath())
	})
	a.flags.declare(root.PersistentFlags())
	root.AddCommand(
		a.planCommand(), a.showCommand(), a.applyCommand(), a.rollbackCommand(), a.destroyCommand(), a.driftCommand(), a.watchCommand(), a.statusCommand(), a.reportCommand(), a.snapshotsCommand(),
		a.imageCommand(), a.gcCommand(), a.doctorCommand(),
		a.approveCommand(), a.pauseCommand(), a.resumeCommand(), a.reconcileCommand(),
		a.initCommand(), a.exportCommand(), a.adoptCommand(), a.validateCommand(), a.configCommand(), a.fmtCommand(), a.explainCommand(), a.schemaCommand(),
		a.emulatorCommand(), a.versionCommand(), exitCodesTopic(),
	)
	for _, cmd := range root.Commands() {
		invalidArgs(cmd)
	}
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if !cmd.Runnable() && cmd.HasSubCommands() {
			groupOnly(cmd)
		}
	}
	a.completeGlobals(root)
	a.completeSelectors(root)
	return root
}

// groupOnly makes a command that is only a group of others print its help, and refuse others.
func groupOnly(cmd *cobra.Command) {
	cmd.SuggestionsMinimumDistance = 2
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		hint := "see " + cmd.CommandPath() + " --help"
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			hint = "did you mean " + strings.Join(near, " or ") + "?"
		}
		return exit.Invalidf("unknown command %q; %s", cmd.Name()+" "+args[0], hint)
	}
}

// suggestedCommands maps commands of terraform, docker compose and kubectl to
// those of fleet.
var suggestedCommands = map[string]string{
	"ls": "status", "list": "status", "ps": "status", "get": "status", "state": "status", "describe": "status",
	"up": "apply", "create": "apply", "deploy": "apply", "sync": "apply", "update": "apply", "start": "apply",
	"rm": "destroy", "down": "destroy", "delete": "destroy", "remove": "destroy",
	"undo": "rollback", "diff": "plan", "preview": "plan", "import": "export", "lint": "validate", "check": "validate", "format": "fmt", "new": "init",
}

// commandHint returns what to do about an unknown command.
func commandHint(root *cobra.Command, name string) string {
	if meant := suggestedCommands[name]; meant != "" {
		return "did you mean " + meant + "?"
	}
	if near := root.SuggestionsFor(name); len(near) > 0 {
		return "did you mean " + strings.Join(near, " or ") + "?"
	}
	return "see fleet --help"
}

// invalidArgs makes wrong arguments of a command an error with exit code 3.
func invalidArgs(cmd *cobra.Command) {
	check := cmd.Args
	if check == nil {
		return
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return exit.Invalidf("%w; see %s --help", err, cmd.CommandPath())
		}
		return nil
	}
}

func exitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "List the exit codes",
		Long: `Exit codes:

    0  done, or nothing to do
    1  error
    2  there are differences (drift, fmt --check, plan and image diff
       with --detailed-exitcode) or findings (doctor), and nothing worse
    3  the spec, the flags or the configuration are wrong; nothing was sent
    4  the credentials are refused or not sufficient
    5  refused by a guard: conflict, protect, blast radius, quota, no approval
    6  a saved plan or an approval is out of date: a step is stale, the spec, the
       server or the organisation has changed, or the file was edited
    7  partly applied: some steps were done and some were not, such as the
       blocked ones that --skip-blocked skips, or a step failed after it had
       deleted something
  130  interrupted by Ctrl-C
  143  interrupted by SIGTERM
  129  interrupted because the terminal was closed
  141  the reader of the output closed its pipe

An error takes precedence over a difference. drift exits with 2 if any drift is
unexpected, of any class, and with 0 otherwise; -o json counts the classes.
Output that cannot be written, for example to a full disk, is an error.`,
	}
}
