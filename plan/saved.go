package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"fleet/spec"
)

// SavedVersion is the version of the form in which plans are saved.
const SavedVersion = 1

// A Saved is a plan as it is kept in a file: what it does, and all that this
// depends on. It holds no secret value and no wanted object: whoever carries it
// out makes the plan again, and [Saved.Compare] tells whether it is the same.
type Saved struct {
	Version int       `json:"version"`
	Digest  string    `json:"digest"` // of all that follows but the time
	Created time.Time `json:"created"`
	Origin
	Fleet    string      `json:"fleet"`
	Summary  Counts      `json:"summary"`
	Warnings []string    `json:"warnings,omitempty"`
	Steps    []SavedStep `json:"steps"`
	Rollouts []*Rollout  `json:"rollouts,omitempty"`
	Hooks    []HookRun   `json:"hooks,omitempty"`
}

// An Origin is what a plan was made from and with.
type Origin struct {
	Program string       `json:"fleet_version"`
	Spec    SavedSpec    `json:"spec"`
	Server  SavedServer  `json:"server"`
	Options SavedOptions `json:"options"`
}

// A SavedSpec says which spec it was, and how it is read again.
type SavedSpec struct {
	Digest      string   `json:"digest"`
	Files       []string `json:"files"` // files and directories, as they were given
	Recursive   bool     `json:"recursive,omitempty"`
	Environment string   `json:"environment,omitempty"`
	VarFiles    []string `json:"var_files,omitempty"`
	Vars        []string `json:"vars,omitempty"` // names of the variables that were given; their values may be secret

	// Unset names the values that were not set when the plan was made. What
	// depends on them was not compared, and the plan cannot be applied.
	Unset string `json:"unset,omitempty"`
}

// A SavedServer is the server and the organisation that were observed.
type SavedServer struct {
	URL          string `json:"url"`
	Version      string `json:"version,omitempty"`
	Organization string `json:"organization,omitempty"` // empty when it is not known
}

// SavedOptions are the options of the plan.
type SavedOptions struct {
	Adopt         bool `json:"adopt,omitempty"`
	CreateMissing bool `json:"create_missing,omitempty"`
	AllowDestroy  int  `json:"allow_destroy,omitempty"`

	Region string `json:"region,omitempty"` // of what is created without one; empty: the organisation's default, or nothing is

	AllowEnvironmentChange bool `json:"allow_environment_change,omitempty"`

	Selection Selection  `json:"selection,omitzero"`
	Replace   []Selector `json:"replace,omitempty"`
}

// A SavedStep is a step with what it depends on.
type SavedStep struct {
	Step
	Precondition *Precondition `json:"precondition,omitempty"` // nil for what does not exist
}

// ToSaved is the options as they are saved.
func (o Options) ToSaved() SavedOptions {
	return SavedOptions{Region: o.DefaultRegion, Adopt: o.AdoptAll, CreateMissing: o.CreateMissing, AllowDestroy: o.AllowDestroy, AllowEnvironmentChange: o.AllowEnvironmentChange, Selection: o.Select, Replace: o.Replace}
}

// ToSaved is the plan as it is kept in a file, with its digest. Sensitive values
// of the fleet are hidden in it.
func (p *Plan) ToSaved(f *spec.Fleet, o Origin) *Saved {
	s := &Saved{Version: SavedVersion, Origin: o, Fleet: f.RedactSensitive(p.Fleet), Summary: p.Counts(), Steps: []SavedStep{}}
	for _, w := range p.Warnings {
		s.Warnings = append(s.Warnings, f.RedactSensitive(w))
	}
	slices.Sort(s.Warnings)
	for _, step := range p.Steps {
		if step.Action != NoOp || step.RetainedReason != "" {
			s.Steps = append(s.Steps, toSavedStep(step, f.RedactSensitive))
		}
	}
	s.Rollouts = p.Rollouts
	for _, h := range p.Hooks {
		h.Command = f.RedactSensitive(h.Command)
		s.Hooks = append(s.Hooks, h)
	}
	s.Digest = s.digest()
	return s
}

// toSavedStep is a step without what must not be shown.
func toSavedStep(s *Step, hide func(string) string) SavedStep {
	saved := SavedStep{Step: *s, Precondition: preconditionOf(s, hide)}
	for _, text := range []*string{&saved.Name, &saved.Reason, &saved.DataLoss, &saved.RetainedReason} {
		*text = hide(*text)
	}
	saved.Changes = slices.Clone(s.Changes)
	for i := range saved.Changes {
		c := &saved.Changes[i]
		c.Have, c.Want = hide(c.Have), hide(c.Want)
	}
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

// digest is the digest of a saved plan: that of its JSON without the digest
// itself and the time, so that a plan which does the same has the same.
func (s *Saved) digest() string {
	bare := *s
	bare.Digest, bare.Created = "", time.Time{}
	b, err := json.Marshal(bare)
	if err != nil {
		panic("plan: a saved plan does not marshal: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Encode is the text of the file.
func (s *Saved) Encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(s)
	return b.Bytes(), err
}

// ErrEdited is the error of a saved plan that is not as it was written.
var ErrEdited = errors.New("its digest is not that of its content: it was edited, or damaged")

// ReadSaved reads a saved plan. The error is [ErrEdited] for one that was
// changed; any other says that the text is no saved plan, or one of a newer
// fleet.
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
	dec.DisallowUnknownFields() // what the digest does not cover was not written by fleet
	if err := dec.Decode(s); err != nil || s.digest() != s.Digest {
		return nil, ErrEdited
	}
	return s, nil
}

// Plan is the plan as it can be shown. It cannot be carried out.
func (s *Saved) Plan() *Plan {
	p := &Plan{Fleet: s.Fleet, Environment: s.Spec.Environment, Server: s.Server.URL, Organization: s.Server.Organization, Digest: s.Digest, Warnings: s.Warnings, Steps: []*Step{}, Unlisted: s.unlisted(), Rollouts: s.Rollouts, Hooks: s.Hooks}
	for i := range s.Steps {
		step := s.Steps[i].Step
		p.Steps = append(p.Steps, &step)
	}
	return p
}

// unlisted counts what has no step in the file.
func (s *Saved) unlisted() Counts {
	return Counts{Unchanged: s.Summary.Unchanged, NotSelected: s.Summary.NotSelected}
}

// isPending reports whether the step is to be carried out.
func (s *SavedStep) isPending() bool { return s.Action != NoOp && s.Blocked == nil }

// ReplanOptions are the options to make the same plan with: for its steps alone, so
// that nothing else counts.
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
