package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"fleet/internal/jsonlist"
	"fleet/spec"
)

// SavedVersion is the version of the format of saved plans. Version 1, in which the
// values of changes are text, is only read.
const SavedVersion = 2

// textVersion is the version in which the values of changes are text.
const textVersion = 1

// A Saved is a plan as it is saved in a file: its effect, and everything that this
// depends on. It holds no secret values and no declared resources: to apply it, the
// plan is computed again, and [Saved.Compare] reports whether it still has the same
// effect.
type Saved struct {
	Version int       `json:"version"` // of the format: [SavedVersion]
	Digest  string    `json:"digest"`  // of the other fields except Created
	Created time.Time `json:"created"` // by the clock of the machine that saved it
	Origin
	Fleet    string      `json:"fleet"`              // name of the fleet
	Summary  Counts      `json:"summary"`            // of the whole plan
	Warnings []string    `json:"warnings,omitempty"` // sorted
	Steps    []SavedStep `json:"steps"`              // without unchanged resources
	Rollouts []*Rollout  `json:"rollouts,omitempty"` // as in the plan
	Hooks    []HookRun   `json:"hooks,omitempty"`    // as in the plan
}

// An Origin is what a plan was computed from.
type Origin struct {
	Program string       `json:"fleet_version"` // version of fleet
	Spec    SavedSpec    `json:"spec"`          // the declared resources
	Server  SavedServer  `json:"server"`        // the observed world
	Options SavedOptions `json:"options"`       // of the computation
}

// A SavedSpec identifies a spec, and holds what is needed to read it again.
type SavedSpec struct {
	Digest      string   `json:"digest"`                // of the spec after expansion
	Files       []string `json:"files"`                 // files and directories, as on the command line
	Recursive   bool     `json:"recursive,omitempty"`   // directories were read with their subdirectories
	Environment string   `json:"environment,omitempty"` // empty for none
	VarFiles    []string `json:"var_files,omitempty"`   // as on the command line
	Vars        []string `json:"vars,omitempty"`        // names of the variables that were set; their values may be secret

	// Unset names the values that were not set when the plan was computed. Attributes
	// that depend on them were not compared, and the plan cannot be applied.
	Unset string `json:"unset,omitempty"`
}

// A SavedServer identifies the observed server and organization.
type SavedServer struct {
	URL          string `json:"url"`                    // of the API
	Version      string `json:"version,omitempty"`      // empty if it is not known
	Organization string `json:"organization,omitempty"` // its id; empty if it is not known
}

// SavedOptions are the [Options] of a saved plan.
type SavedOptions struct {
	Adopt         bool `json:"adopt,omitempty"`          // AdoptAll
	CreateMissing bool `json:"create_missing,omitempty"` // CreateMissing
	AllowDestroy  int  `json:"allow_destroy,omitempty"`  // AllowDestroy

	Region string `json:"region,omitempty"` // DefaultRegion

	AllowEnvironmentChange bool `json:"allow_environment_change,omitempty"` // AllowEnvironmentChange

	Selection Selection  `json:"selection,omitzero"` // Select
	Replace   []Selector `json:"replace,omitempty"`  // Replace
}

// A SavedStep is a step with the state of its object that it depends on.
type SavedStep struct {
	Step
	Precondition *Precondition `json:"precondition,omitempty"` // nil if the object does not exist
}

// ToSaved returns the options as they are saved.
func (o Options) ToSaved() SavedOptions {
	return SavedOptions{Region: o.DefaultRegion, Adopt: o.AdoptAll, CreateMissing: o.CreateMissing, AllowDestroy: o.AllowDestroy, AllowEnvironmentChange: o.AllowEnvironmentChange, Selection: o.Select, Replace: o.Replace}
}

// ToSaved returns the plan as it is saved in a file, with its digest. Sensitive values
// of f are redacted.
func (p *Plan) ToSaved(f *spec.Fleet, o Origin) *Saved {
	s := &Saved{Version: SavedVersion, Origin: o, Fleet: f.RedactSensitive(p.Fleet), Summary: p.Counts(), Steps: []SavedStep{}}
	for _, w := range p.Warnings {
		s.Warnings = append(s.Warnings, f.RedactSensitive(w))
	}
	slices.Sort(s.Warnings)
	for _, step := range p.Steps {
		if step.Action != NoOp || step.RetainedReason != "" {
			s.Steps = append(s.Steps, toSavedStep(step, f.RedactSensitive, SavedVersion))
		}
	}
	s.Rollouts = p.Rollouts
	for _, h := range p.Hooks {
		h.Command = f.RedactSensitive(h.Command)
		s.Hooks = append(s.Hooks, h)
	}
	digest, err := s.digest()
	if err != nil {
		panic("plan: a saved plan does not marshal: " + err.Error())
	}
	s.Digest = digest
	return s
}

// toSavedStep returns a copy of a step as a version of the format has it, with sensitive
// values redacted by hide.
func toSavedStep(s *Step, hide func(string) string, version int) SavedStep {
	saved := SavedStep{Step: *s, Precondition: preconditionOf(s, hide)}
	for _, text := range []*string{&saved.Name, &saved.Reason, &saved.DataLoss, &saved.RetainedReason} {
		*text = hide(*text)
	}
	saved.Changes = savedChanges(s, hide, version)
	saved.Ops = slices.Clone(s.Ops)
	for i, op := range s.Ops {
		if op.Call != nil {
			call := *op.Call
			call.Path = hide(call.Path)
			saved.Ops[i].Call = &call
		}
	}
	if s.Blocked != nil {
		saved.Blocked = &Block{s.Blocked.Kind, hide(s.Blocked.Reason), hide(s.Blocked.Unblock)}
	}
	return saved
}

// digest returns the digest of the JSON of a saved plan without Digest and Created, so
// that plans with the same effect have the same digest. It returns an error if a step
// has no action, as in a file that was edited.
func (s *Saved) digest() (string, error) {
	bare := *s
	bare.Digest, bare.Created = "", time.Time{}
	sum := sha256.New()
	if err := bare.write(sum, jsonlist.Options{EscapeHTML: true}); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

// Write writes the text of the file, some steps at a time.
func (s *Saved) Write(w io.Writer) error { return s.write(w, jsonlist.Options{Indent: true}) }

// Encode returns the text of the file.
func (s *Saved) Encode() ([]byte, error) {
	var b bytes.Buffer
	err := s.Write(&b)
	return b.Bytes(), err
}

// write writes the saved plan as JSON.
func (s *Saved) write(w io.Writer, o jsonlist.Options) error {
	shown := *s
	shown.Steps = []SavedStep{}
	return jsonlist.Write(w, &shown, "steps", func(yield func(*SavedStep) bool) {
		for i := range s.Steps {
			if !yield(&s.Steps[i]) {
				return
			}
		}
	}, o)
}

// ErrEdited is the error of a saved plan that was changed after it was written.
var ErrEdited = errors.New("its digest is not that of its content: it was edited, or damaged")

// ReadSaved parses a saved plan. The error is [ErrEdited] if the plan was changed after
// it was written. Any other error means that text is not a saved plan, or that a
// newer version of fleet wrote it.
func ReadSaved(text []byte) (*Saved, error) {
	var header struct {
		Version *int            `json:"version"`
		Digest  string          `json:"digest"`
		Spec    json.RawMessage `json:"spec"`
		Steps   json.RawMessage `json:"steps"`
	}
	if err := json.Unmarshal(text, &header); err != nil {
		return nil, fmt.Errorf("it is not a saved plan: %w", err)
	}
	switch {
	case header.Version != nil && *header.Version > SavedVersion:
		return nil, fmt.Errorf("it has version %d of the saved-plan format, and this version of fleet reads %d; use the version that saved it", *header.Version, SavedVersion)
	case header.Version == nil, *header.Version < 1, header.Digest == "", header.Spec == nil, header.Steps == nil:
		return nil, errors.New("it is not a saved plan; fleet plan --save writes one")
	}
	s := &Saved{}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields() // fleet does not write fields that the digest does not cover
	if err := dec.Decode(s); err != nil {
		return nil, ErrEdited
	}
	if digest, err := s.digest(); err != nil || digest != s.Digest {
		return nil, ErrEdited
	}
	for i := range s.Steps {
		s.Steps[i].setTexts(s.Version)
	}
	return s, nil
}

// Plan returns the saved plan for display. It cannot be applied.
func (s *Saved) Plan() *Plan {
	p := &Plan{Fleet: s.Fleet, Environment: s.Spec.Environment, Server: s.Server.URL, Organization: s.Server.Organization, Digest: s.Digest, Warnings: s.Warnings, Steps: []*Step{}, Unlisted: s.unlisted(), Rollouts: s.Rollouts, Hooks: s.Hooks, TextOnly: s.Version == textVersion}
	for i := range s.Steps {
		p.Steps = append(p.Steps, s.shownStep(i))
	}
	return p
}

// unlisted returns the counts of resources without a step in the file.
func (s *Saved) unlisted() Counts {
	return Counts{Unchanged: s.Summary.Unchanged, NotSelected: s.Summary.NotSelected}
}

// isPending reports whether the step is to be applied.
func (s *SavedStep) isPending() bool { return s.Action != NoOp && s.Blocked == nil }

// ReplanOptions returns the options to compute the plan again: the saved options, with
// a selection of the saved steps.
func (s *Saved) ReplanOptions() Options {
	o := Options{AdoptAll: s.Options.Adopt, CreateMissing: s.Options.CreateMissing, AllowDestroy: s.Options.AllowDestroy, AllowEnvironmentChange: s.Options.AllowEnvironmentChange, ReplaceIDs: map[spec.Address]string{}}
	filter := AddressFilter{Source: "the saved plan"}
	for _, step := range s.Steps {
		if !step.isPending() {
			continue
		}
		filter.Addresses = append(filter.Addresses, step.Address)
		if step.Forced {
			o.Replace = append(o.Replace, Selector{text: step.Address.String()})
			o.ReplaceIDs[step.Address] = step.ID
		}
	}
	o.Select.AddressFilters = []AddressFilter{filter}
	return o
}
