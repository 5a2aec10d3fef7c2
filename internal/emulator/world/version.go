package world

// The API versions that can be emulated.
const (
	Version220 = "0.220.0"
	Version205 = "0.205.0"
	Version190 = "0.190.0"
)
