package fleetobject

import (
	"bytes"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
)

// Names in objects. The operator declares them, too.
const (
	apiVersion     = "daytona.fleet/v1alpha1"
	kind           = "Fleet"
	credentials    = "daytona" // Secret with the API key
	credentialsKey = "apiKey"
)

// header is the comment at the beginning of the text.
const header = "# From fleet export --k8s. Apply it with: kubectl apply --server-side -f FILE\n"

// write returns the objects as YAML documents, with the ConfigMaps first.
func (r *reading) write(f form) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(header)
	for _, line := range r.commands() {
		b.WriteString("# It needs a Secret: " + line + "\n")
	}
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	for _, m := range f.maps {
		if err := e.Encode(r.configMapNode(m)); err != nil {
			return nil, err
		}
	}
	if err := e.Encode(r.fleetNode(f)); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}

// object returns an object with its metadata.
func (r *reading) object(version, kind, name string) *yaml.Node {
	o, metadata := yamldoc.NewMapping(), yamldoc.NewMapping()
	put(o, "apiVersion", version)
	put(o, "kind", kind)
	put(metadata, "name", name)
	if r.options.Namespace != "" {
		put(metadata, "namespace", r.options.Namespace)
	}
	yamldoc.Put(o, "metadata", metadata)
	return o
}

// put adds a text to a mapping.
func put(m *yaml.Node, key, value string) { yamldoc.Put(m, key, textNode(value)) }

// textNode returns a text as a node that all readers of YAML read as a text.
func textNode(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	setText(n)
	return n
}

func (r *reading) configMapNode(m configMap) *yaml.Node {
	o, data := r.object("v1", "ConfigMap", m.name), yamldoc.NewMapping()
	for _, f := range m.files {
		put(data, f.name, string(f.text))
	}
	yamldoc.Put(o, "data", data)
	return o
}

func (r *reading) fleetNode(f form) *yaml.Node {
	o, s := r.object(apiVersion, kind, r.name()), yamldoc.NewMapping()
	if r.options.Mode != "" {
		put(s, "mode", r.options.Mode)
	}
	if r.options.Spec.Environment != "" {
		put(s, "environment", r.options.Spec.Environment)
	}
	yamldoc.Put(s, "server", r.serverNode())
	r.putValues(s, "variables", r.variablesSecret(), r.vars)
	r.putValues(s, "env", r.envSecret(), r.env)
	if f.inline != nil {
		yamldoc.Put(s, "fleet", f.inline)
	} else {
		yamldoc.Put(s, "fleetFrom", sourcesNode(f.maps))
	}
	yamldoc.Put(o, "spec", s)
	return o
}

// sourcesNode returns the ConfigMaps that have parts of the spec.
func sourcesNode(maps []configMap) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, m := range maps {
		source, files := yamldoc.NewMapping(), &yaml.Node{Kind: yaml.SequenceNode}
		put(source, "configMap", m.name)
		for _, f := range m.files {
			if f.part {
				files.Content = append(files.Content, textNode(f.name))
			}
		}
		yamldoc.Put(source, "files", files)
		list.Content = append(list.Content, source)
	}
	return list
}

func (r *reading) serverNode() *yaml.Node {
	server, secret := yamldoc.NewMapping(), yamldoc.NewMapping()
	if r.options.URL != "" {
		put(server, "url", r.options.URL)
	}
	if r.options.Target != "" {
		put(server, "target", r.options.Target)
	}
	put(secret, "secret", credentials)
	yamldoc.Put(server, "credentials", secret)
	return server
}

// putValues adds named values. Those that are sensitive refer to a Secret.
func (r *reading) putValues(m *yaml.Node, key, secret string, values []value) {
	if len(values) == 0 {
		return
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, v := range values {
		n := yamldoc.NewMapping()
		put(n, "name", v.name)
		if v.sensitive {
			ref, from := yamldoc.NewMapping(), yamldoc.NewMapping()
			put(ref, "name", secret)
			put(ref, "key", v.name)
			yamldoc.Put(from, "secretKeyRef", ref)
			yamldoc.Put(n, "valueFrom", from)
		} else {
			put(n, "value", v.text)
		}
		list.Content = append(list.Content, n)
	}
	yamldoc.Put(m, key, list)
}

func (r *reading) variablesSecret() string { return r.name() + "-variables" }
func (r *reading) envSecret() string       { return r.name() + "-env" }

// commands returns the shell commands that create the Secrets.
func (r *reading) commands() []string {
	lines := []string{r.command(credentials, []value{{name: credentialsKey, sensitive: true, command: `"$DAYTONA_API_KEY"`}})}
	for _, secret := range []struct {
		name   string
		values []value
	}{{r.variablesSecret(), r.vars}, {r.envSecret(), r.env}} {
		if line := r.command(secret.name, secret.values); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// command returns the command that creates a Secret, or "" if no value is sensitive.
func (r *reading) command(secret string, values []value) string {
	var literals strings.Builder
	for _, v := range values {
		if v.sensitive {
			from := v.command
			if from == "" {
				from = "VALUE"
			}
			fmt.Fprintf(&literals, " --from-literal=%s=%s", v.name, from)
		}
	}
	if literals.Len() == 0 {
		return ""
	}
	line := "kubectl create secret generic " + secret
	if r.options.Namespace != "" {
		line += " --namespace=" + r.options.Namespace
	}
	return line + literals.String()
}
