// Package protoimpl stands in for the one of this name. BuildKit's Dockerfile parser gives its errors stack traces whose
// type could be sent by protobuf: nothing here sends them, and the real library costs every start of the program time,
// and the binary its size.
package protoimpl

import (
	"unsafe"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// The versions that generated code asks for.
const (
	MinVersion = 20
	MaxVersion = 20
)

// EnforceVersion keeps generated code from being compiled with a library that is too old.
type EnforceVersion uint

// The parts of a generated type.
type (
	Pointer       = unsafe.Pointer
	UnknownFields = []byte
	SizeCache     = int32
	MessageState  struct{ info *MessageInfo }
	MessageInfo   struct{}
)

// LoadMessageInfo gives what StoreMessageInfo took.
func (m *MessageState) LoadMessageInfo() *MessageInfo { return m.info }

// StoreMessageInfo keeps the type of a message.
func (m *MessageState) StoreMessageInfo(info *MessageInfo) { m.info = info }

// MessageOf has no view of a message to give.
func (*MessageInfo) MessageOf(any) protoreflect.Message { return nil }

// Export has the functions that generated code calls.
type Export struct{}

// X is Export.
var X Export

// MessageStateOf gives the state, which a generated type has in front.
func (Export) MessageStateOf(p Pointer) *MessageState { return (*MessageState)(p) }

// MessageStringOf has no text of a message to give.
func (Export) MessageStringOf(any) string { return "" }

// CompressGZIP does not compress.
func (Export) CompressGZIP(b []byte) []byte { return b }

// DescBuilder is what generated code says of its .proto file.
type DescBuilder struct {
	GoPackagePath                                     string
	RawDescriptor                                     []byte
	NumEnums, NumMessages, NumExtensions, NumServices int32
}

// TypeBuilder is what generated code says of its types.
type TypeBuilder struct {
	File              DescBuilder
	GoTypes           []any
	DependencyIndexes []int32
	MessageInfos      []MessageInfo
}

// Built is what becomes of a TypeBuilder.
type Built struct{ File protoreflect.FileDescriptor }

// Build builds nothing.
func (TypeBuilder) Build() Built { return Built{} }
