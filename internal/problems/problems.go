// Package problems takes errors apart that errors.Join put together. It must not know
// what is wrong.
package problems

import "errors"

// Of lists what err joins, however deeply, so that each problem gets its own line. An
// error that wraps several in one sentence stays whole; nil is no problem.
func Of(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || errors.Join(joined.Unwrap()...).Error() != err.Error() {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, Of(e)...)
	}
	return all
}
