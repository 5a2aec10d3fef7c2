package client

import "sync"

// proxyCache are what the API told of the ways into sandboxes.
type proxyCache struct {
	mu        sync.Mutex
	toolboxes map[string]string // by the sandbox's id; "" where the server has no proxy
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

// addSandbox takes in what an answer about a sandbox tells by the way.
func (p *proxyCache) addSandbox(s Sandbox) {
	if address := fields(s.Fields).text("toolboxProxyUrl"); s.ID != "" && address != "" {
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
