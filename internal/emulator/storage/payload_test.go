package storage

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func unchunk(text string, length string) ([]byte, error) {
	r := httptest.NewRequest(http.MethodPut, "/", iotest.OneByteReader(strings.NewReader(text)))
	r.Header.Set(ContentHash, "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
	r.Header.Set("X-Amz-Decoded-Content-Length", length)
	return io.ReadAll(content(r))
}

// TestChunks reads random contents in random chunks, complete and cut off.
func TestChunks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []byte
		var text strings.Builder
		for _, chunk := range rapid.SliceOf(rapid.SliceOfN(rapid.Byte(), 1, 300)).Draw(t, "chunks") {
			want = append(want, chunk...)
			fmt.Fprintf(&text, "%x;chunk-signature=0\r\n%s\r\n", len(chunk), chunk)
		}
		text.WriteString("0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n")
		length := fmt.Sprint(len(want))
		got, err := unchunk(text.String(), length)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("read %q, want %q: %v", got, want, err)
		}
		if _, err := unchunk(text.String(), length+"1"); err == nil {
			t.Fatal("another length was accepted")
		}
		end := strings.LastIndex(text.String(), "0\r\n") + 2
		cut := text.String()[:rapid.IntRange(0, end-1).Draw(t, "cut")]
		if _, err := unchunk(cut, length); err == nil {
			t.Fatalf("%q was accepted", cut)
		}
	})
}

// FuzzUnchunk checks that no body makes the reader return more than the body has, or loop.
func FuzzUnchunk(f *testing.F) {
	f.Add("5;x\r\nhello\r\n0\r\n\r\n")
	f.Add("ffffffff\r\n")
	f.Add("0")
	f.Add("7fffffff\r\nx")
	f.Fuzz(func(t *testing.T, text string) {
		if got, _ := unchunk(text, ""); len(got) > len(text) {
			t.Errorf("%d bytes of %d", len(got), len(text))
		}
	})
}
