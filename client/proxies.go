package client

import "sync"

// proxies are what the API told of the ways into sandboxes.
type proxies struct {
	mu        sync.Mutex
	toolboxes map[string]string // by the sandbox's id; "" where the server has no proxy
	previews  map[port]preview
}

func newProxies() *proxies {
	return &proxies{toolboxes: map[string]string{}, previews: map[port]preview{}}
}

func (p *proxies) of(id string) (told string, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	told, known = p.toolboxes[id]
	return told, known
}

func (p *proxies) told(id, address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	keep(p.toolboxes, id, address)
}

func (p *proxies) forget(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.toolboxes, id)
}

// noticed takes in what an answer about a sandbox tells by the way.
func (p *proxies) noticed(s Sandbox) {
	if address := fields(s.Fields).text("toolboxProxyUrl"); s.ID != "" && address != "" {
		p.told(s.ID, address)
	}
}

func (p *proxies) preview(of port) (v preview, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, known = p.previews[of]
	return v, known
}

func (p *proxies) previewed(of port, v preview) {
	p.mu.Lock()
	defer p.mu.Unlock()
	keep(p.previews, of, v)
}
