package page

import (
	"os"
	"path/filepath"
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
		{"watch", "light", 1280, 860, 600, false, ""},
		{"light", "light", 1440, 1000, 4400, false, ""},
		{"dark", "dark", 1440, 1000, 4400, true, "?object=sandbox.worker%5B61%5D"},
		{"filtered", "light", 1280, 900, 600, true, "?show=drift"},
		{"phone", "light", 390, 844, 600, false, ""},
		{"phone-dark", "dark", 390, 844, 600, true, "?object=sandbox.worker%5B61%5D"},
	} {
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
		png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
		if err == nil && view.name != "watch" {
			png, err = chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, view.name+".png"), png, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// theme makes the system prefer a theme.
func (p *tab) theme(name string) {
	p.t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, media); err != nil {
		p.t.Fatal(err)
	}
}
