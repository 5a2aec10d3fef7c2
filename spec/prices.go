package spec

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/jsonschema"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// Prices are the prices of running sandboxes, as the spec sets them: Daytona's API
// does not report prices. They only affect the costs that are shown.
type Prices struct {
	Currency      string  `json:"currency,omitempty"` // code such as EUR; empty if the spec does not set it
	VCPUHour      float64 `json:"vcpu_hour"`          // per vCPU and hour
	GiBMemoryHour float64 `json:"gib_memory_hour"`    // per GiB of memory and hour
	GiBDiskHour   float64 `json:"gib_disk_hour"`      // per GiB of disk and hour
}

// Daily returns the price of a footprint per day, rounded to six decimals; nil
// without prices, and with GPUs, which have none.
func (p *Prices) Daily(l Footprint) *float64 {
	if p == nil || l.GPU > 0 {
		return nil
	}
	day := math.Round(p.hour(l)*24*1e6) / 1e6
	return &day
}

// Hourly returns the price of a footprint per hour, rounded to nine decimals; nil without
// prices, and with GPUs, which have none.
func (p *Prices) Hourly(l Footprint) *float64 {
	if p == nil || l.GPU > 0 {
		return nil
	}
	hour := math.Round(p.hour(l)*1e9) / 1e9
	return &hour
}

// hour returns the price of a footprint per hour.
func (p *Prices) hour(l Footprint) float64 {
	return p.VCPUHour*float64(l.CPU) + p.GiBMemoryHour*float64(l.Memory) + p.GiBDiskHour*float64(l.Disk)
}

var (
	currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)
	pricePattern    = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})(\.[0-9]{1,12})?$`)
	priceSchema     = jsonschema.Typed("number").With(jsonschema.Schema{"minimum": 0}).OrExpression()
)

var priceKeys = []Key{
	{
		Name: "currency", Type: "three capital letters", Doc: "Currency of the prices. Without it, amounts are shown without a currency.",
		Example: "currency: EUR", schema: jsonschema.Text.With(jsonschema.Matching(currencyPattern.String())).OrExpression(),
	},
	{Name: "vcpu_hour", Type: "number", Doc: "Price per hour of one vCPU of a started sandbox.", Example: "vcpu_hour: 0.05", schema: priceSchema},
	{Name: "gib_memory_hour", Type: "number", Doc: "Price per hour of one GiB of memory of a started sandbox.", Example: "gib_memory_hour: 0.016", schema: priceSchema},
	{Name: "gib_disk_hour", Type: "number", Doc: "Price per hour of one GiB of disk of a started or stopped sandbox. Archived sandboxes use none.", Example: "gib_disk_hour: 0.0001", schema: priceSchema},
}

// readPrices reads the section prices. An environment overrides single prices.
func (l *loader) readPrices(p part, e decode.Entry) {
	d := p.d
	entries, ok := d.Entries(e.Value, e.Name)
	if !ok {
		return
	}
	if l.prices == nil {
		l.prices = &Prices{}
	}
	amounts := map[string]*float64{
		"vcpu_hour": &l.prices.VCPUHour, "gib_memory_hour": &l.prices.GiBMemoryHour, "gib_disk_hour": &l.prices.GiBDiskHour,
	}
	allowed := names(priceKeys)
	for _, e := range entries {
		at := "prices." + e.Name
		switch {
		case !slices.Contains(allowed, e.Name):
			d.Errorf(e.Key, at, "unknown key; prices has %s", strings.Join(allowed, ", ")).Hint = suggest.DidYouMean(e.Name, allowed)
		case amounts[e.Name] != nil:
			if v, ok := d.price(e.Value, at); ok {
				*amounts[e.Name] = v
			}
		default:
			s, ok := d.Text(e.Value, at)
			if ok && !currencyPattern.MatchString(s) {
				d.Errorf(e.Value, at, "expected three capital letters, got %s", d.Describe(d.Resolve(e.Value))).Hint = "write a currency code such as EUR"
			}
			l.prices.Currency = s
		}
	}
}

// price reads a price.
func (d *decoder) price(n *yaml.Node, at string) (float64, bool) {
	n = d.Resolve(n)
	numeric := n.Tag == "!!int" || n.Tag == "!!float" || n.Style == decode.UntypedStyle
	if n.Kind == yaml.ScalarNode && numeric && pricePattern.MatchString(n.Value) {
		v, err := strconv.ParseFloat(n.Value, 64)
		return v, err == nil
	}
	m := d.Errorf(n, at, "expected a price such as 0.05, got %s", d.Describe(n))
	if pricePattern.MatchString(n.Value) {
		m.Hint = "take off the quotes"
	}
	return 0, false
}

// node returns the prices as YAML.
func (p Prices) node() *yaml.Node {
	m := yamldoc.NewMapping()
	if p.Currency != "" {
		yamldoc.Put(m, "currency", yamldoc.NodeOf(p.Currency))
	}
	for _, amount := range []struct {
		key   string
		value float64
	}{{"vcpu_hour", p.VCPUHour}, {"gib_memory_hour", p.GiBMemoryHour}, {"gib_disk_hour", p.GiBDiskHour}} {
		if amount.value != 0 {
			yamldoc.Put(m, amount.key, &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatFloat(amount.value, 'f', -1, 64)})
		}
	}
	return m
}
