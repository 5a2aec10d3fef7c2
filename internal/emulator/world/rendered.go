package world

import "encoding/json"

// rendered is the JSON form in which a list last showed a sandbox.
type rendered struct {
	form string // identifies the form
	text json.RawMessage
}

// Render returns the sandbox as JSON in a form that the caller names. It calls view only
// if the sandbox was changed, or was rendered in another form, since the last call.
func (sb *Sandbox) Render(form string, view func(*Sandbox) map[string]any) (json.RawMessage, error) {
	if sb.rendered.form != form {
		text, err := EncodeJSON(view(sb))
		if err != nil {
			return nil, err
		}
		sb.rendered = rendered{form, text}
	}
	return sb.rendered.text, nil
}
