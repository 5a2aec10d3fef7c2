package storage

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// abortTimeout is the time for removing the parts of an upload that failed.
const abortTimeout = 5 * time.Second

// putInParts uploads a context in parts, some of them at a time. The object appears when
// all of them are there.
func (u *Uploader) putInParts(ctx context.Context, c Context, m *meter) error {
	content, err := c.open()
	if err != nil {
		return err
	}
	defer content.Close()
	id, err := u.begin(ctx, c)
	if err != nil {
		return err
	}
	count := (c.Size-1)/int64(u.buffers.size) + 1
	p := &parts{u: u, c: c, id: id, meter: m, etags: make([]string, count)}
	err = p.send(ctx, content)
	if err == nil {
		err = p.complete(ctx)
	}
	if err != nil {
		p.abort(ctx)
	}
	return err
}

// begin returns the id of a new upload in parts.
func (u *Uploader) begin(ctx context.Context, c Context) (string, error) {
	res, err := u.send(ctx, request{
		method: http.MethodPost, hash: c.Hash, contentType: contextType, query: url.Values{"uploads": {""}},
	})
	if err != nil {
		return "", err
	}
	var begun struct {
		UploadID string `xml:"UploadId"`
	}
	if err := xml.Unmarshal(res.body, &begun); err != nil || begun.UploadID == "" {
		return "", c.errorf("the object storage cannot upload in parts: its response has no upload id")
	}
	return begun.UploadID, nil
}

// parts is an upload in parts.
type parts struct {
	u     *Uploader
	c     Context
	id    string
	meter *meter
	etags []string // by index of the part
}

// send reads the content once, from its start to its end, and sends a part whenever a
// buffer is full. It returns after all parts have ended.
func (p *parts) send(ctx context.Context, content io.Reader) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		rest := p.c.Size
		for i := range p.etags {
			buffer, err := p.u.buffers.get(ctx)
			if err != nil {
				return err
			}
			data := buffer[:min(rest, int64(len(buffer)))]
			rest -= int64(len(data))
			if err := p.c.fill(content, data); err != nil {
				p.u.buffers.put(buffer)
				return err
			}
			group.Go(func() error {
				defer p.u.buffers.put(buffer)
				return p.sendPart(ctx, i, data)
			})
		}
		return p.c.checkEnd(content)
	})
	return group.Wait()
}

func (p *parts) sendPart(ctx context.Context, i int, data []byte) error {
	b := newBody(data, p.meter)
	defer b.release()
	res, err := p.u.send(ctx, request{
		method: http.MethodPut, hash: p.c.Hash, body: b,
		query: url.Values{"uploadId": {p.id}, "partNumber": {strconv.Itoa(i + 1)}},
	})
	if err != nil {
		return err
	}
	if p.etags[i] = res.header.Get("ETag"); p.etags[i] == "" {
		return p.c.errorf("the object storage cannot upload in parts: its response has no ETag")
	}
	return nil
}

type completedPart struct {
	PartNumber int
	ETag       string
}

// complete makes the object of the parts. The storage may have done so although it reports
// an error: the response to the first attempt may have been lost.
func (p *parts) complete(ctx context.Context) error {
	order := struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CompleteMultipartUpload"`
		Part    []completedPart
	}{}
	for i, etag := range p.etags {
		order.Part = append(order.Part, completedPart{i + 1, etag})
	}
	data, err := xml.Marshal(order)
	if err != nil {
		return err
	}
	_, err = p.u.send(ctx, request{
		method: http.MethodPost, hash: p.c.Hash, body: newBody(data, nil), contentType: "application/xml",
		query: url.Values{"uploadId": {p.id}},
	})
	if e, isError := errors.AsType[*Error](err); err != nil && (!isError || e.Code != codeNoUpload) {
		return err
	}
	size, found, statErr := p.u.stat(ctx, p.c)
	switch {
	case statErr != nil:
		return statErr
	case found && size >= 0 && size != p.c.Size:
		return p.c.errorf("the object storage has %d of its %d bytes: run the command again", size, p.c.Size)
	case !found && err != nil:
		return err
	}
	return nil
}

// abort removes the parts, even if ctx has ended. A failure changes nothing for the
// caller: the storage removes parts of old uploads.
func (p *parts) abort(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTimeout)
	defer cancel()
	_, _ = p.u.send(ctx, request{
		method: http.MethodDelete, hash: p.c.Hash, query: url.Values{"uploadId": {p.id}}, expected: []int{http.StatusNotFound},
	})
}
