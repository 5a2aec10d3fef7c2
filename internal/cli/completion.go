package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fleet/internal/completion"
)

// completeBy declares a function that returns the values that completion offers for a flag.
func completeBy(cmd *cobra.Command, flag string, values func(text string) ([]string, cobra.ShellCompDirective)) {
	_ = cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, text string) ([]string, cobra.ShellCompDirective) {
		return values(text)
	}) // fails only for unknown flags
}

// completeGlobals declares the values that completion offers for the flags of all commands.
func (a *app) completeGlobals(root *cobra.Command) {
	completeBy(root, "environment", func(string) ([]string, cobra.ShellCompDirective) {
		names := completion.Keys("environments", a.specFilesForCompletion())
		a.flags.spec.environment = ""
		if f := a.loadForCompletion(); f != nil { // with included files
			names = f.Environments
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
	completeBy(root, "var", func(text string) ([]string, cobra.ShellCompDirective) {
		if strings.Contains(text, "=") {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var list []string
		for _, name := range completion.Keys("vars", a.specFilesForCompletion()) {
			list = append(list, name+"=")
		}
		return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
	completeBy(root, "region", func(string) ([]string, cobra.ShellCompDirective) {
		return completion.Regions(a.loadForCompletion()), cobra.ShellCompDirectiveNoFileComp
	})
}

// specFilesForCompletion returns the files that the flags name as the spec.
func (a *app) specFilesForCompletion() []string {
	o, err := a.specOptions()
	if err != nil {
		return nil
	}
	files, _ := o.Files(a.flags.files...) // without files, nothing is offered
	return files
}

// completeSelectors declares what completion offers for the flags that select by address:
// addresses, and files after @.
func (a *app) completeSelectors(cmd *cobra.Command) {
	for _, flag := range []string{"target", "exclude", "replace"} {
		if cmd.Flags().Lookup(flag) != nil {
			completeBy(cmd, flag, a.selectorValues)
		}
	}
	for _, child := range cmd.Commands() {
		a.completeSelectors(child)
	}
}

func (a *app) selectorValues(text string) ([]string, cobra.ShellCompDirective) {
	if file, ok := strings.CutPrefix(text, "@"); ok {
		return completion.Prefixed("@", completion.Files(file)), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	return completion.Addresses(a.loadForCompletion(), text), cobra.ShellCompDirectiveNoFileComp
}

// completeSandboxes returns the names of the sandboxes of the spec.
func (a *app) completeSandboxes(_ *cobra.Command, _ []string, text string) ([]string, cobra.ShellCompDirective) {
	return completion.SandboxNames(a.loadForCompletion(), text), cobra.ShellCompDirectiveNoFileComp
}

// outValues returns the values of --out: formats, and files after FORMAT=.
func outValues(formats []string) func(string) ([]string, cobra.ShellCompDirective) {
	return func(text string) ([]string, cobra.ShellCompDirective) {
		format, file, ok := strings.Cut(text, "=")
		if !ok {
			return formats, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		return completion.Prefixed(format+"=", completion.Files(file)), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// plainUsages removes from the usages of flags the backticks that mark the names of values:
// help replaces them, and completion prints usages as they are.
func plainUsages(cmd *cobra.Command) {
	plain := func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) }
	cmd.Flags().VisitAll(plain)
	cmd.PersistentFlags().VisitAll(plain)
	for _, child := range cmd.Commands() {
		plainUsages(child)
	}
}

// isCompletion reports whether a shell asks for completions.
func isCompletion(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}
