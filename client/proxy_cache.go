package client

import "sync"

// maxCacheEntries is the number of sandboxes, and of ports, whose addresses a client
// caches.
const maxCacheEntries = 20_000

// proxyCache holds the addresses of sandboxes, which the API returned. It may be used
// by several goroutines at once.
type proxyCache struct {
	mu        sync.Mutex
	toolboxes map[string]string // by sandbox id; "" if the server has no proxy
	previews  map[port]preview
}

func newProxyCache() *proxyCache {
	return &proxyCache{toolboxes: map[string]string{}, previews: map[port]preview{}}
}

func (p *proxyCache) toolbox(id string) (address string, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	address, known = p.toolboxes[id]
	return address, known
}

func (p *proxyCache) setToolbox(id, address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	putBounded(p.toolboxes, id, address)
}

func (p *proxyCache) deleteToolbox(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.toolboxes, id)
}

// addSandbox caches the address of the toolbox that a sandbox in a response has, which
// saves a request later.
func (p *proxyCache) addSandbox(s Sandbox) {
	if address := (fields{s.Fields}).repeated("toolboxProxyUrl"); s.ID != "" && address != "" {
		p.setToolbox(s.ID, address)
	}
}

func (p *proxyCache) preview(of port) (v preview, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, known = p.previews[of]
	return v, known
}

func (p *proxyCache) setPreview(of port, v preview) {
	p.mu.Lock()
	defer p.mu.Unlock()
	putBounded(p.previews, of, v)
}

// putBounded sets the value of a key. If the map is full, it removes another entry.
func putBounded[K comparable, V any](values map[K]V, key K, value V) {
	if _, known := values[key]; !known && len(values) >= maxCacheEntries {
		for other := range values {
			delete(values, other)
			break
		}
	}
	values[key] = value
}
