package cli

import (
	"regexp"
	"slices"
	"strings"

	"fleet/client"
	"fleet/internal/exit"
	"fleet/internal/fleetobject"
	"fleet/internal/outfile"
	"fleet/internal/settings"
)

// kubernetesOptions are the flags of fleet export --k8s.
type kubernetesOptions struct {
	enabled   bool
	namespace string
	mode      string
}

// operatorModes are the modes of the operator.
var operatorModes = []string{"observe", "repair", "enforce"}

// namespacePattern matches the names of namespaces.
var namespacePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// kubernetesFlags are the flags that only apply to --k8s, and exportFlags those that do not
// apply to it.
var (
	kubernetesFlags = []string{"namespace", "mode"}
	exportFlags     = []string{"name", "adopt", "with-state", "secrets", "secrets-file", "fleet", "selector", "state"}
)

func (o *kubernetesOptions) declare(f *flagSet) {
	f.BoolVar(&o.enabled, "k8s", false, "write the spec of -f as an object for the Kubernetes operator")
	f.StringVar(&o.namespace, "namespace", "", "with --k8s: `namespace` of the object")
	f.StringVar(&o.mode, "mode", "", "with --k8s: how far the operator may go: observe, repair or enforce")
	f.complete("mode", operatorModes)
	f.check(func() error {
		others, reason := exportFlags, "--%s does not apply to --k8s, which writes a spec and reads no sandboxes"
		if !o.enabled {
			others, reason = kubernetesFlags, "--%s requires --k8s"
		}
		for _, name := range others {
			if f.Changed(name) {
				return exit.Invalidf(reason, name)
			}
		}
		switch {
		case o.enabled && f.NArg() > 0:
			return exit.Invalidf("--k8s writes the whole spec; select no names")
		case o.namespace != "" && !namespacePattern.MatchString(o.namespace):
			return exit.Invalidf("--namespace must be a name of lower-case letters, digits and -, not %q", o.namespace)
		case o.mode != "" && !slices.Contains(operatorModes, o.mode):
			return exit.Invalidf("--mode must be %s, not %q", strings.Join(operatorModes, ", "), o.mode)
		}
		return nil
	})
}

// exportKubernetes writes the object of the spec. It sends nothing.
func (a *app) exportKubernetes(o exportOptions) error {
	if o.file != "" {
		if err := o.specFile().CheckFree(); err != nil {
			return err
		}
	}
	in, err := a.specOptions()
	if err != nil {
		return err
	}
	options := fleetobject.Options{Spec: in, Paths: a.flags.files, Namespace: o.kubernetes.namespace, Mode: o.kubernetes.mode}
	if err := a.serverOf(&options); err != nil {
		return err
	}
	result, err := fleetobject.Export(options)
	if err != nil {
		return err
	}
	if err := a.writeObject(o.specFile(), result.Text); err != nil {
		return err
	}
	a.noteObject(o.file, result)
	return nil
}

// serverOf sets the server that the flags and the environment select. A file that the user
// did not name must not decide where the operator sends the key of a Secret.
func (a *app) serverOf(o *fleetobject.Options) error {
	config, address, err := a.server()
	if err != nil {
		return err
	}
	if from := config.Origins.URL; from.File != "" && !from.Explicit {
		return exit.Invalidf("the URL of the server is that of %s; the operator would send the API key of the Secret to it. If that is right, give it with --api-url %s", from, config.URL)
	}
	if address != settings.LocalURL && address != client.DefaultURL {
		o.URL = address
	}
	o.Target = config.Target
	return nil
}

// writeObject writes to a file, or to standard output if it has no path.
func (a *app) writeObject(f outfile.NewFile, text []byte) error {
	if f.Path == "" {
		_, err := a.out.Write(text)
		return err
	}
	return a.outFiles().WriteNew(f, text)
}

// noteObject notes what to do with the object.
func (a *app) noteObject(file string, result *fleetobject.Result) {
	for _, line := range result.Warnings {
		a.note("%s", line)
	}
	a.note("The object needs Secrets. Create those that do not exist yet:")
	for _, line := range result.Commands {
		a.note("  %s", line)
	}
	if file != "" {
		a.note("Wrote %s: the object of fleet %s. Apply it with: kubectl apply --server-side -f %s", file, result.Fleet, file)
	}
}
