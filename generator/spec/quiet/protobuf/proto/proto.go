// Package proto stands in for the one of this name, as protoimpl tells.
package proto

import "google.golang.org/protobuf/reflect/protoreflect"

// Message is what the stack traces of BuildKit's errors could be sent as.
type Message = protoreflect.ProtoMessage
