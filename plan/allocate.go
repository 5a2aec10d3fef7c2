package plan

// allocate returns a new step with the content of s. Steps are allocated many at a time,
// since most of a large plan are those of unchanged objects.
func (c *planner) allocate(s Step) *Step {
	const block = 64
	if len(c.free) == 0 {
		c.free = make([]Step, block)
	}
	made := &c.free[0]
	c.free = c.free[1:]
	*made = s
	return made
}
