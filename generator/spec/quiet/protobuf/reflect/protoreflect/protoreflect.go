// Package protoreflect stands in for the one of this name, as protoimpl tells.
package protoreflect

// ProtoMessage is implemented by generated types.
type ProtoMessage interface{ ProtoReflect() Message }

// Message is a view of a message. There is none here.
type Message any

// FileDescriptor describes a .proto file. There is none here.
type FileDescriptor any
