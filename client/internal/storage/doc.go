// Package storage uploads build contexts to the object storage of a control plane, which
// speaks S3. It knows nothing of images.
package storage
