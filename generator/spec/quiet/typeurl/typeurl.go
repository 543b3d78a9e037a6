// Package typeurl stands in for the module of this name, which brings two protobuf libraries along. BuildKit's Dockerfile
// parser registers a type that never leaves the process.
package typeurl

// Register does nothing.
func Register(any, ...string) {}
