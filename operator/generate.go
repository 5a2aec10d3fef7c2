package main

//go:generate go tool -modfile=internal/tools/go.mod controller-gen object paths=./api/...
//go:generate go run ./internal/crd/generate
