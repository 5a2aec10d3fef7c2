package page

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestPictures takes the pictures of the page, for the eyes of a person. The directory is
// in FLEET_PICTURES; make picture-page copies one of them to the documents.
func TestPictures(t *testing.T) {
	dir := os.Getenv("FLEET_PICTURES")
	if dir == "" {
		t.Skip("FLEET_PICTURES is not set")
	}
	for _, view := range []struct {
		name, theme   string
		width, height int64
		workers       int
		runs          bool
		query         string
	}{
		{"watch", "light", 1280, 1000, 600, false, ""},
		{"light", "light", 1440, 1000, 4400, false, ""},
		{"dark", "dark", 1440, 1000, 4400, true, "?object=sandbox.worker%5B61%5D"},
		{"filtered", "light", 1280, 900, 600, true, "?show=drift"},
		{"phone", "light", 390, 844, 600, false, ""},
		{"phone-dark", "dark", 390, 844, 600, true, "?object=sandbox.worker%5B61%5D"},
	} {
		t.Run(view.name, func(t *testing.T) {
			j := demo(view.workers, 90)
			if view.runs {
				demoRuns(j)
			}
			f := newFake(t, "", j)
			p := newTab(t)
			p.theme(view.theme)
			p.do(chromedp.EmulateViewport(view.width, view.height))
			p.open(f.server.URL + "/" + view.query)
			p.shows("#link", "live")
			p.until(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
			shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
			if err == nil && view.name != "watch" {
				shot, err = chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, view.name+".png"), smaller(t, shot), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// smaller returns a picture with a palette of its 256 most frequent colours.
func smaller(t *testing.T, text []byte) []byte {
	t.Helper()
	full, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[color.Color]int{}
	for y := range full.Bounds().Dy() {
		for x := range full.Bounds().Dx() {
			counts[full.At(x, y)]++
		}
	}
	colors := slices.SortedFunc(maps.Keys(counts), func(a, b color.Color) int { return counts[b] - counts[a] })
	small := image.NewPaletted(full.Bounds(), colors[:min(len(colors), 256)])
	draw.Draw(small, full.Bounds(), full, image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// theme makes the system prefer a theme.
func (p *tab) theme(name string) {
	p.t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, media); err != nil {
		p.t.Fatal(err)
	}
}
