package apply

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"checkpointhealth.dev/operator/controllers/configfile"
	"checkpointhealth.dev/operator/controllers/model"
)

// draft is a standalone JobManager's configuration while a decision edits it: texts (keys of ConfigMaps, and FLINK_PROPERTIES), the
// container's command line, and its requests and limits. Nothing else of the objects is looked at, so nothing else can change.
type draft struct {
	on        *subject
	container map[string]any
	texts     map[model.PlaceRef]string
	lists     map[string][]string
	resources map[string]string
	// edited are the texts, lists and resources that a decision touched, by name.
	edited map[string]bool
	// added is by how many words each list grew.
	added map[string]int
}

func newDraft(on *subject) *draft {
	d := &draft{on: on, texts: map[model.PlaceRef]string{}, lists: map[string][]string{}, resources: map[string]string{}, edited: map[string]bool{}, added: map[string]int{}}
	d.container = containerNamed(on.live, on.target.Standalone.Container)
	for _, list := range []string{"command", "args"} {
		words, ok, err := unstructured.NestedStringSlice(d.container, list)
		if ok && err == nil {
			d.lists[list] = words
		}
	}
	for _, list := range []string{"limits", "requests"} {
		amounts, _, err := unstructured.NestedMap(d.container, "resources", list)
		if err != nil {
			continue
		}
		for name, amount := range amounts {
			d.resources["jobManager.resources."+list+"."+name] = scalar(amount)
		}
	}
	return d
}

// containerNamed finds a container of the pod template; an empty one where there is none of that name.
func containerNamed(workload *unstructured.Unstructured, name string) map[string]any {
	all, _, err := unstructured.NestedSlice(workload.Object, "spec", "template", "spec", "containers")
	if err == nil {
		for _, one := range all {
			if container, ok := one.(map[string]any); ok && container["name"] == name {
				return container
			}
		}
	}
	return map[string]any{}
}

// where is a place without what does not identify its text.
func where(place model.PlaceRef) model.PlaceRef {
	place.Format = ""
	return place
}

// text is the present text of a place: what was drafted, else what is there.
func (d *draft) text(place model.PlaceRef) (string, bool) {
	if text, ok := d.texts[where(place)]; ok {
		return text, true
	}
	return d.liveText(place)
}

func (d *draft) liveText(place model.PlaceRef) (string, bool) {
	if place.Kind == model.PlaceConfigMap {
		file := d.on.files[place.Name]
		if file == nil {
			return "", false
		}
		text, ok := file.Data[place.Key]
		return text, ok
	}
	variables, _, err := unstructured.NestedSlice(d.container, "env")
	if err != nil {
		return "", false
	}
	for _, one := range variables {
		variable, ok := one.(map[string]any)
		if value, isText := variable["value"].(string); ok && isText && variable["name"] == place.Name {
			return value, true
		}
	}
	return "", false
}

// value reads a field where it is written; ok is false where it is not set there.
func (d *draft) value(field string, place *model.PlaceRef) (string, bool) {
	switch {
	case place == nil:
		value, ok := d.resources[field]
		return value, ok
	case place.Kind == model.PlaceArguments:
		at, value := d.argument(place.Key, field)
		return value, at >= 0
	}
	text, ok := d.text(*place)
	if !ok {
		return "", false
	}
	if place.Format == "" {
		return withUnit(text), true
	}
	file, err := configfile.Parse(configfile.Format(place.Format), text)
	if err != nil {
		return "", false
	}
	value, ok := file.Values()[field]
	return value, ok
}

// withUnit writes a size of FLINK_JM_HEAP with the unit that it has where none is written, MiB.
func withUnit(text string) string {
	text = strings.TrimSpace(text)
	if text != "" && strings.Trim(text, "0123456789") == "" {
		return text + "m"
	}
	return text
}

// put writes a value, and returns the bytes that Undo wants back.
func (d *draft) put(field string, place *model.PlaceRef, value string) (prior string, err error) {
	switch {
	case place == nil:
		d.resources[field], d.edited[field] = value, true
		return "", nil
	case place.Kind == model.PlaceArguments:
		return "", d.putArgument(place.Key, field, value)
	}
	text, ok := d.text(*place)
	if !ok {
		return "", fmt.Errorf("%s is gone", place)
	}
	edited := value
	if place.Format == "" {
		prior = text
		if withUnit(text) != strings.TrimSpace(text) {
			edited = strings.TrimSuffix(value, "m")
		}
	} else {
		file, err := configfile.Parse(configfile.Format(place.Format), text)
		if err != nil {
			return "", fmt.Errorf("%s: %w", place, err)
		}
		if edited, prior, err = file.Set(field, value); err != nil {
			return "", fmt.Errorf("%s: %w", place, err)
		}
	}
	d.keep(*place, edited)
	return prior, nil
}

func (d *draft) keep(place model.PlaceRef, text string) {
	d.texts[where(place)], d.edited[place.String()] = text, true
}

// undo puts back what stood there before a change that still holds; ok is false where nothing was undone.
func (d *draft) undo(record *model.ChangeRecord) bool {
	place := record.Place
	switch {
	case place == nil && record.WasSet:
		d.resources[record.Field], d.edited[record.Field] = record.From, true
		return true
	case place == nil:
		delete(d.resources, record.Field)
		d.edited[record.Field] = true
		return true
	case place.Kind == model.PlaceArguments:
		return d.undoArgument(place.Key, record)
	}
	text, ok := d.text(*place)
	if !ok {
		return false
	}
	restored := record.Prior
	if place.Format == "" && withUnit(text) != record.To {
		return false
	}
	if place.Format != "" {
		if restored, ok = configfile.Undo(configfile.Format(place.Format), text, record.Field, record.To, record.Prior, record.WasSet); !ok {
			return false
		}
	}
	d.keep(*place, restored)
	return true
}

// asRolledOut shows the texts as the workload knows them, where a write ended between a ConfigMap and the workload: the change that did not
// roll out is taken back, the one whose undoing did not is there again. What is then drafted is the whole way to what is wanted.
func (d *draft) asRolledOut() {
	for name, halfway := range d.on.halfway {
		for i := len(halfway.Changes) - 1; i >= 0; i-- {
			record := &halfway.Changes[i]
			switch {
			case record.Place == nil || record.Place.Kind != model.PlaceConfigMap || record.Place.Name != name:
			case halfway.Pending():
				d.undo(record)
			default:
				d.redo(record)
			}
		}
	}
}

// redo writes a change again that was taken back and still is; where somebody changed the text since, what is there counts.
func (d *draft) redo(record *model.ChangeRecord) {
	value, set := d.value(record.Field, record.Place)
	if set != record.WasSet || (set && value != record.From) {
		return
	}
	text, there := d.text(*record.Place)
	if _, err := d.put(record.Field, record.Place, record.To); err != nil && there {
		d.keep(*record.Place, text)
	}
}

// argument finds -Dfield=value among the words of a list that Flink reads as its own: the index of the one that holds the value, -1 where there
// is none.
func (d *draft) argument(list, field string) (at int, value string) {
	own := d.own(list)
	at, value = argumentOf(d.lists[list][own.From:own.To], field)
	if at >= 0 {
		at += own.From
	}
	return at, value
}

// own are the words of a list that Flink reads as its own options, as far as the list goes.
func (d *draft) own(list string) model.WordRange {
	own, known := d.on.target.Standalone.OwnWords[list]
	if !known {
		own.To = len(d.lists[list])
	}
	// What was drafted before made the list as much longer.
	own.To = min(own.To+d.added[list], len(d.lists[list]))
	own.From = min(own.From, own.To)
	return own
}

// argumentOf finds -Dfield=value, in one word or two: the index of the word that holds the value, -1 where there is none.
func argumentOf(words []string, field string) (at int, value string) {
	at = -1
	for i, word := range words {
		text, ok := strings.CutPrefix(word, "-D")
		if !ok && (i == 0 || words[i-1] != "-D") {
			continue
		}
		if key, found, ok := strings.Cut(text, "="); ok && strings.TrimSpace(key) == field {
			at, value = i, found
		}
	}
	return at, value
}

// putArgument replaces the value of an argument, or adds one behind the last -D: what follows may be the job's own arguments.
func (d *draft) putArgument(list, field, value string) error {
	words, own := slices.Clone(d.lists[list]), d.own(list)
	if at, _ := d.argument(list, field); at >= 0 {
		head, _, _ := strings.Cut(words[at], "=")
		words[at] = head + "=" + value
	} else {
		last := -1
		for i, word := range words[own.From:own.To] {
			if strings.HasPrefix(word, "-D") {
				last = own.From + i
				if word == "-D" {
					last++
				}
			}
		}
		if last < 0 || last >= len(words) {
			return fmt.Errorf("the container's %s hold no -D any more to add %s to", list, field)
		}
		words = slices.Insert(words, last+1, "-D"+field+"="+value)
		d.added[list]++
	}
	d.lists[list], d.edited[list] = words, true
	return nil
}

func (d *draft) undoArgument(list string, record *model.ChangeRecord) bool {
	words := slices.Clone(d.lists[list])
	at, value := d.argument(list, record.Field)
	if at < 0 || value != record.To {
		return false
	}
	if record.WasSet {
		head, _, _ := strings.Cut(words[at], "=")
		words[at] = head + "=" + record.From
	} else {
		first := at
		if !strings.HasPrefix(words[at], "-D") { // somebody made two words of it: a -D alone would take the next word for its own
			first--
		}
		words = slices.Delete(words, first, at+1)
		d.added[list] -= at + 1 - first
	}
	d.lists[list], d.edited[list] = words, true
	return true
}
