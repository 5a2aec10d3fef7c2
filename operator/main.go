// Command operator reconciles the Fleet objects of a Kubernetes cluster with Daytona.
package main

func main() {}
