package score

// Incident is one public incident, and what was said of it.
type Incident struct {
	// Name is the incident's; Source the address of the report.
	Name, Source string
	// Truth is the true cause, Said the verdict, and Result what that was worth.
	Truth, Said, Result string
	// Note is the next measurement that was asked for, or another sentence.
	Note string
}

// incidents is the part of public incidents.
func (p *page) incidents(all []Incident) {
	p.line("## Public incidents\n")
	if len(all) == 0 {
		p.line("None yet.\n")
		return
	}
	var rows [][]string
	for _, i := range all {
		rows = append(rows, []string{"[" + i.Name + "](" + i.Source + ")", i.Truth, i.Said, i.Result, i.Note})
	}
	p.table([]string{"incident", "true cause", "said", "result", "next measurement"}, rows)
}
