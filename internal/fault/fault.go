// Package fault gives errors a kind, which decides the code on the wire, and a
// reason, by which machines tell them apart. A noun lists its own at its top:
//
//	var ErrNotFound = fault.New(fault.NotFound, "room_not_found", "room not found")
//
// An error without a kind is internal: its text stays in the log.
package fault

import (
	"errors"
	"maps"
	"time"
)

// Kind says what sort of trouble an error is.
type Kind uint8

// The kinds. Internal is the zero value, so what nobody classified is internal.
const (
	Internal        Kind = iota // a bug or a broken dependency; nothing about it is told
	Invalid                     // the request is wrong and stays wrong
	Unauthenticated             // who is asking cannot be told
	Denied                      // who is asking may not
	NotFound                    // there is no such thing
	Exists                      // there is one already
	Precondition                // not in this state of things
	Exhausted                   // a limit is reached
	Unavailable                 // a dependency is away; try again
	Unimplemented               // not offered by this installation
)

// Error is a coded error. Two are the same to errors.Is when their reasons are
// equal, whatever metadata or cause they carry.
type Error struct {
	Kind     Kind
	Reason   string            // snake_case, permanent
	Message  string            // a sentence for a person, without secrets
	Metadata map[string]string // for machines, without secrets
	Retry    time.Duration     // after which the same request may go well; 0 when that cannot be said
	cause    error
}

// New makes a coded error.
func New(kind Kind, reason, message string) *Error {
	return &Error{Kind: kind, Reason: reason, Message: message}
}

// Error is the sentence, followed by the cause.
func (e *Error) Error() string {
	if e.cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.cause.Error()
}

// Unwrap gives the cause, which is for logs alone and never goes on the wire.
func (e *Error) Unwrap() error { return e.cause }

// Is compares reasons.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Reason == e.Reason
}

// Because gives a copy that carries a cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Saying gives a copy with another sentence.
func (e *Error) Saying(message string) *Error {
	c := *e
	c.Message = message
	return &c
}

// After gives a copy that says when the same request may go well.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.Retry = d
	return &c
}

// With gives a copy with one more piece of metadata.
func (e *Error) With(key, value string) *Error {
	c := *e
	c.Metadata = maps.Clone(e.Metadata)
	if c.Metadata == nil {
		c.Metadata = map[string]string{}
	}
	c.Metadata[key] = value
	return &c
}

// Of finds the coded error in a chain.
func Of(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// KindOf is the kind of the coded error in a chain, else Internal.
func KindOf(err error) Kind {
	if e, ok := Of(err); ok {
		return e.Kind
	}
	return Internal
}
