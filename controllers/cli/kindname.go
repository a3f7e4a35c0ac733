package cli

import "strings"

// kindNames are how kubectl calls the kind, without its group.
var kindNames = map[string]bool{"checkpointhealth": true, "checkpointhealths": true, "cph": true}

// withoutKinds is withoutKind of each.
func withoutKinds(args []string) []string {
	names := make([]string, len(args))
	for i, arg := range args {
		names[i] = withoutKind(arg)
	}
	return names
}

// withoutKind is the name in what kubectl prints and takes, such as cph/payments or checkpointhealth.flink.checkpointhealth.dev/payments; any other text
// stays as it is.
func withoutKind(arg string) string {
	kind, name, found := strings.Cut(arg, "/")
	kind, _, _ = strings.Cut(kind, ".")
	if !found || name == "" || strings.Contains(name, "/") || !kindNames[strings.ToLower(kind)] {
		return arg
	}
	return name
}
