package decode

import "gopkg.in/yaml.v3"

// Hide keeps the texts below a node out of all excerpts. They are secret, or their key
// is unknown and may be the misspelt key of a secret.
func (d *Decoder) Hide(n *yaml.Node) { d.hideBelow(n, 0) }

// hideBelow hides the texts below n. It does not follow aliases: their targets are
// hidden at their own place, and may contain n.
func (d *Decoder) hideBelow(n *yaml.Node, depth int) {
	const deepest = 100 // deeper values of attributes are mistakes by themselves
	switch {
	case n.Kind == yaml.ScalarNode && n.Value != "":
		d.HideScalar(n)
	case IsValueFrom(n): // it names the source of the secret, which is not secret
		return
	}
	for i, child := range n.Content {
		if isKey := n.Kind == yaml.MappingNode && i%2 == 0; !isKey && depth < deepest {
			d.hideBelow(child, depth+1)
		}
	}
}
