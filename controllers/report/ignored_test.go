package report

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A key that Flink does not read is said beside the value in force and where that comes from; of a value that is not known it is all there is.
func TestAnIgnoredKeyIsSaidWithItsSetting(t *testing.T) {
	const ignored = "IgnoredByFlink: a.b: 5m, for Flink 1.19.3 does not read that key: it came with 1.20"
	setting := model.Setting[time.Duration]{Value: 10 * time.Minute, Known: true, Origin: api.OriginConfigMap, Source: "ConfigMap/flink, line 3", Ignored: ignored}
	unknown, unset := model.Setting[time.Duration]{Ignored: ignored}, setting
	unset.Source, unset.Origin = "", api.OriginDefault
	for name, test := range map[string]struct {
		of   model.Setting[time.Duration]
		want api.SettingStatus
	}{
		"set elsewhere": {setting, api.SettingStatus{Value: "10m", Origin: api.OriginConfigMap, Source: "ConfigMap/flink, line 3; " + ignored}},
		"a default":     {unset, api.SettingStatus{Value: "10m", Origin: api.OriginDefault, Source: ignored}},
		"not known":     {unknown, api.SettingStatus{Value: "unknown", Origin: api.OriginUnknown, Source: ignored}},
		"nothing":       {model.Setting[time.Duration]{}, api.SettingStatus{}},
	} {
		pass := base()
		pass.Snapshot.Settings.Timeout = test.of
		if got := Status(object(), pass).Settings.Timeout; got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

// A key of a setting that status has no field for is named in the assessment, whatever the job's health, three at most; one that has a field is not
// said twice.
func TestAnIgnoredKeyOfNoFieldIsNamed(t *testing.T) {
	ignored := func(key string) string {
		return "IgnoredByFlink: " + key + ": 8, for Flink 1.18.1 does not read that key: it came with 1.20; set old." + key
	}
	for _, situation := range []func() *model.Pass{base, slowStorage, unreachable} {
		pass := situation()
		set := &pass.Snapshot.Settings
		set.Timeout.Ignored, set.CleanerParallel.Ignored, set.NumRetained.Ignored = ignored("timeout"), ignored("cleaner"), ignored("retained")
		said := strings.Join(strings.Fields(strings.Join(Status(object(), pass).Assessment, " ")), " ")
		for _, key := range []string{"cleaner", "retained"} {
			if want := "Not read by Flink: " + key + ": 8, for Flink 1.18.1 does not read that key: it came with 1.20; set old." + key + "."; strings.Count(said, want) != 1 {
				t.Errorf("%s is not said: %s", key, said)
			}
		}
		if strings.Contains(said, "timeout: 8") {
			t.Errorf("said twice: %s", said)
		}
	}
}
