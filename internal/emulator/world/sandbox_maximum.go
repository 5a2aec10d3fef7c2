package world

import "cmp"

// The largest sizes of one sandbox if the quota sets no others: those of a new
// organisation of Daytona. A sandbox with GPUs has maxima of its own, for each GPU.
var (
	defaultMaximum       = Sizes{CPU: 4, Memory: 8, Disk: 10}
	defaultMaximumPerGPU = Sizes{CPU: 16, Memory: 192, Disk: 512}
)

// Maximum returns the largest size of a sandbox without GPUs; zero means no limit.
func (o Organization) Maximum() Sizes {
	if o.AnySize {
		return Sizes{}
	}
	q, most := o.Quota, defaultMaximum
	return Sizes{cmp.Or(q.MaxCPUPerSandbox, most.CPU), cmp.Or(q.MaxMemoryPerSandbox, most.Memory), cmp.Or(q.MaxDiskPerSandbox, most.Disk)}
}

// MaximumPerGPU returns the largest size of a sandbox with GPUs, for each of them; zero
// means no limit.
func (o Organization) MaximumPerGPU() Sizes {
	if o.AnySize {
		return Sizes{}
	}
	q, most := o.Quota, defaultMaximumPerGPU
	return Sizes{cmp.Or(q.MaxCPUPerGPU, most.CPU), cmp.Or(q.MaxMemoryPerGPU, most.Memory), cmp.Or(q.MaxDiskPerGPU, most.Disk)}
}

// maximumFor returns the largest size of a sandbox with a number of GPUs.
func (o Organization) maximumFor(gpus int) Sizes {
	if gpus == 0 {
		return o.Maximum()
	}
	one := o.MaximumPerGPU()
	return Sizes{one.CPU * gpus, one.Memory * gpus, one.Disk * gpus}
}

// CheckSize returns an error if one sandbox with a number of GPUs may not have this size.
func (w *World) CheckSize(want Sizes, gpus int) error {
	most := w.Org.maximumFor(gpus)
	switch {
	case exceeds(want.CPU, most.CPU):
		return BadRequest("CPU request %d exceeds maximum allowed per sandbox (%d).\n%s", want.CPU, most.CPU, perSandboxHelp)
	case exceeds(want.Memory, most.Memory):
		return BadRequest("Memory request %dGB exceeds maximum allowed per sandbox (%dGB).\n%s", want.Memory, most.Memory, perSandboxHelp)
	case exceeds(want.Disk, most.Disk):
		return BadRequest("Disk request %dGB exceeds maximum allowed per sandbox (%dGB).\n%s", want.Disk, most.Disk, perSandboxHelp)
	}
	return nil
}
