package steps

import (
	"testing"

	"fleet/internal/render/rendertest"
)

func TestWordsAreReplaced(t *testing.T) {
	for text, want := range map[string]string{
		"web": "*", "website web-1 my_web web": "website web-1 my_web *", `"web" web.`: `"*" *.`, "webweb web": "webweb *", "": "", "x": "x",
	} {
		rendertest.Same(t, text, replaceWord(text, "web", "*"), want)
	}
}
