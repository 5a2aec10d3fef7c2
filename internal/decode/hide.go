package decode

import "gopkg.in/yaml.v3"

// Hide keeps the texts below a node out of all excerpts: they are secret, or
// stand under a key that is not known and may be a misspelt one of those.
func (d *Decoder) Hide(n *yaml.Node) { d.hideBelow(n, 0) }

// hideBelow goes through a value. Aliases lead back up, and need not be
// followed: what they name is hidden where it stands.
func (d *Decoder) hideBelow(n *yaml.Node, depth int) {
	const deepest = 100 // deeper values of attributes are mistakes by themselves
	switch {
	case n.Kind == yaml.ScalarNode && n.Value != "":
		d.HideScalar(n)
	case IsValueFrom(n): // which says where the secret is, and not the secret
		return
	}
	for i, child := range n.Content {
		if isKey := n.Kind == yaml.MappingNode && i%2 == 0; !isKey && depth < deepest {
			d.hideBelow(child, depth+1)
		}
	}
}
