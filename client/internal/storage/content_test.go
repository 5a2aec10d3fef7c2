package storage

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
)

// TestOtherSize replaces an object of another size: it is not the context.
func TestOtherSize(t *testing.T) {
	b := newBucket(t)
	b.objects[testPath+"h/context.tar"] = []byte("half a cont")
	uploaded, err := b.uploader().Upload(t.Context(), contextOf("h", []byte("a context"), 9))
	if !uploaded || err != nil {
		t.Errorf("uploaded %t: %v", uploaded, err)
	}
	b.expect(map[string][]byte{"h": []byte("a context")})
}

// TestChangedContext checks contexts that do not have the size that they should have.
func TestChangedContext(t *testing.T) {
	for _, test := range []struct{ has, says int }{
		{0, 1},
		{1, 2},
		{2, 1},
		{testPart, testPart - 1},
		{testPart - 1, testPart},
		{testPart, testPart + 1},
		{testPart + 1, testPart},
		{3 * testPart, 3*testPart + 1},
		{3*testPart + 1, 3 * testPart},
		{testPart, 3 * testPart},
		{6 * testPart, 3 * testPart},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBucket(t)
			_, err := b.uploader().Upload(t.Context(), contextOf("0a1b", randomContent(test.has), int64(test.says)))
			want := "fewer"
			if test.has > test.says {
				want = "more"
			}
			if err == nil || !strings.Contains(err.Error(), "build context 0a1b") || !strings.Contains(err.Error(), want+" than") ||
				!strings.Contains(err.Error(), "run the command again") {
				t.Errorf("%+v: %v", test, err)
			}
			b.expect(nil)
			if n := b.count("complete") + b.count("PUT"); n > 0 {
				t.Errorf("%+v: asked %v", test, b.asked)
			}
		})
	}
}

// TestUnreadableContext checks errors of the caller's own files.
func TestUnreadableContext(t *testing.T) {
	broken := errors.New("input/output error")
	for name, open := range map[string]func() (io.ReadCloser, error){
		"open": func() (io.ReadCloser, error) { return nil, broken },
		"read": func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(bytes.NewReader(randomContent(testPart+9)), failing{broken})), nil
		},
		"end": func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(bytes.NewReader(randomContent(2*testPart)), failing{broken})), nil
		},
	} {
		b := newBucket(t)
		_, err := b.uploader().Upload(t.Context(), Context{Hash: "0a1b", Size: 2 * testPart, Open: open})
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "0a1b") {
			t.Errorf("%s: %v", name, err)
		}
		b.expect(nil)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestReleasedBody reads a body after its request has ended, when its buffer is used for
// another part.
func TestReleasedBody(t *testing.T) {
	data := []byte("first part")
	counted := int64(0)
	b := newBody(data, &meter{total: 20, notify: func(sent, _ int64) { counted = sent }})
	r, _ := b.open()
	if n, err := io.ReadFull(r, make([]byte, 5)); n != 5 || err != nil {
		t.Fatal(n, err)
	}
	b.release()
	copy(data, "other part")
	if n, err := r.Read(make([]byte, 5)); n != 0 || err == nil || errors.Is(err, io.EOF) || counted != 5 {
		t.Errorf("read %d bytes, counted %d: %v", n, counted, err)
	}
}
