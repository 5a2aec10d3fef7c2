package world

import "fmt"

func ValueOr[T any](p *T, other T) T {
	if p == nil {
		return other
	}
	return *p
}

func OrEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

func OrDefault(n, other int) int {
	if n == 0 {
		return other
	}
	return n
}

// jsString writes a value as the server's templates do.
func jsString(v any) string {
	if v == nil {
		return "undefined"
	}
	return fmt.Sprint(v)
}

func CompareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
