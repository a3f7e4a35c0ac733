package cases

// tuning is the half that rules and thresholds may be made with.
func tuning() []Case {
	return tuningStorage()
}
