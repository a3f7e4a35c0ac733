package diagnose

import (
	"maps"
	"slices"
	"testing"

	"github.com/Masterminds/semver/v3"
)

// advisoryCase is one known issue: in which version it holds and in which not, and what it takes beside the version.
type advisoryCase struct {
	id, in, notIn string
	settings      map[string]any
	config        map[string]string
	library       string
	signs         map[string]any
}

type m = map[string]any

var (
	onRocks   = m{"incremental": true, "backend": "rocksdb"}
	unaligned = m{"unaligned": true, "alignedTimeoutSeconds": int64(0)}
	aligning  = m{"unaligned": true, "alignedTimeoutSeconds": int64(30)}
	changelog = map[string]string{"state.backend.changelog.enabled": "true"}
)

func several(incremental m) m {
	all := m{"maxConcurrent": int64(10)}
	maps.Copy(all, incremental)
	return all
}

// advisoryCases has a row for every built-in advisory.
var advisoryCases = []advisoryCase{
	{"FLINK-39738", "2.3.0", "2.4.0", nil, nil, "", m{"oversizedAck": true}},
	{"FLINK-37870", "1.20.1", "1.20.2", unaligned, nil, "", m{"sinkV2": true, "committer": true, "sourcesAcknowledged": true, "sourcesIdle": false, "barriersWait": true}},
	{"FLINK-34670", "1.18.0", "1.17.2", nil, nil, "", m{"asyncDominates": true, "asyncQueue": true}},
	{"FLINK-30251", "1.17.2", "1.18.0", nil, nil, "", m{"aborting": true}},
	{"FLINK-33090", "1.18.1", "1.19.0", nil, nil, "", m{"deletes": true}},
	{"FLINK-26050", "1.19.1", "1.20.0", onRocks, nil, "", m{"oversizedAck": true}},
	{"FLINK-33734", "2.0.0", "2.1.0", unaligned, nil, "", m{"residual": true, "subtasks": int64(4800)}},
	{"FLINK-27251", "1.15.4", "1.16.0", aligning, nil, "", m{"barriersWait": true}},
	{"FLINK-33693", "1.18.0", "1.18.1", aligning, nil, "", m{"neverLate": true}},
	{"FLINK-35051", "2.0.1", "2.1.0", unaligned, nil, "", m{"barriersWait": true, "backpressure": true}},
	{"FLINK-39018", "2.2.0", "2.3.0", unaligned, nil, "", m{"restored": true, "neverLate": true, "idleStacks": true}},
	{"FLINK-28474", "1.16.3", "1.17.0", unaligned, nil, "", m{"neverLate": true, "idleStacks": true}},
	{"FLINK-29913", "1.17.1", "1.17.2", several(onRocks), nil, "", nil},
	{"FLINK-38574", "2.1.1", "2.1.2", several(onRocks), nil, "", nil},
	{"FLINK-29134", "1.16.0", "1.16.1", nil, nil, "", m{"jobManagerHeap": true}},
	{"FLINK-32411", "1.17.1", "1.16.3", nil, nil, "", m{"jobManagerHeap": true}},
	{"FLINK-38347", "1.20.2", "1.20.3", nil, map[string]string{"execution.checkpointing.file-merging.enabled": "true"}, "", m{"deletes": true}},
	{"FLINK-29927", "1.15.2", "1.15.3", nil, nil, "", m{"jobManagerHeap": true}},
	{"FLINK-27570", "1.15.1", "1.15.2", nil, nil, "", m{"storageFails": true, "failed": int64(3)}},
	{"FLINK-32347", "1.17.2", "1.18.0", m{"highAvailability": "kubernetes"}, nil, "", m{"storageFails": true, "fullyAcknowledged": true}},
	{"FLINK-26049", "1.14.4", "1.14.5", nil, nil, "", m{"storageFails": true, "noAcks": true}},
	{"FLINK-20672", "1.18.1", "1.19.0", nil, nil, "", m{"jobManagerDied": true, "expired": int64(2)}},
	{"FLINK-35159", "1.19.0", "1.19.1", nil, nil, "", m{"jobManagerDied": true, "restarts": true}},
	{"FLINK-32655", "1.17.1", "1.17.2", nil, nil, "", m{"jobManagerHeap": true, "expired": int64(1)}},
	{"FLINK-24607", "1.14.3", "1.14.4", nil, nil, "", m{"jobManagerHeap": true, "restarts": true}},
	{"FLINK-25827", "1.14.3", "1.14.4", nil, nil, "", m{"taskManagerHeap": true, "restarts": true}},
	{"FLINK-30461", "1.16.1", "1.16.2", onRocks, nil, "", m{"asyncDominates": true, "failed": int64(1)}},
	{"FLINK-31293", "1.17.0", "1.17.1", nil, nil, "", m{"waitsForBuffers": true, "neverLate": true}},
	{"FLINK-29298", "1.16.0", "1.16.1", nil, nil, "", m{"waitsForBuffers": true, "neverLate": true}},
	{"FLINK-29827", "1.16.0", "1.16.1", nil, nil, "", m{"stack": "org.apache.flink.connector.base.sink.writer.AsyncSinkWriter.write\n"}},
	{"FLINK-30304", "1.15.3", "1.15.4", nil, nil, "Kinesis", m{"stack": "org.apache.flink.connector.base.sink.writer.AsyncSinkWriter.flush\n"}},
	{"FLINK-28250", "1.15.1", "1.15.2", nil, nil, "Kafka", m{"taskManagerHeap": true, "sinkV2": true}},
	{"FLINK-33793", "1.18.0", "1.18.1", nil, map[string]string{"state.checkpoints.dir": "gs://flink/checkpoints"}, "", m{"errors": "java.lang.NoSuchMethodError\n"}},
	{"FLINK-31963", "1.17.0", "1.17.1", unaligned, nil, "", m{"restarts": true, "errors": "java.lang.ArrayIndexOutOfBoundsException\n"}},
	{"FLINK-30561", "1.16.1", "1.16.2", nil, changelog, "", m{"restarts": true,
		"errors": "java.io.FileNotFoundException\norg.apache.flink.changelog.fs.ChangelogStreamHandleReaderWithCache.openAndSeek\n"}},
	{"FLINK-30792", "1.16.1", "1.16.2", nil, changelog, "", m{"taskManagerHeap": true}},
	{"FLINK-26803", "1.16.3", "1.17.0", unaligned, nil, "", m{"asyncDominates": true, "subtasks": int64(200)}},

	{"apache/flink-cdc#273", "1.4.0", "2.4.2", nil, nil, "", m{"stack": "com.alibaba.ververica.cdc.debezium.DebeziumSourceFunction.run\n"}},
	{"apache/flink-cdc#931", "2.1.1", "2.2.0", nil, nil, "", m{"coordinatorBusy": true,
		"stack": "com.ververica.cdc.connectors.mysql.source.assigners.MySqlSnapshotSplitAssigner.getNext\n"}},
	{"FLINK-34688", "3.2.1", "3.3.0", nil, nil, "", m{"coordinatorBusy": true,
		"stack": "org.apache.flink.cdc.connectors.base.source.assigner.SnapshotSplitAssigner.getNext\n"}},
	{"FLINK-39775", "3.6.0", "3.7.0", nil, nil, "", m{"jobManagerHeap": true}},
	{"apache/iceberg#6299", "1.1.0", "1.2.0", nil, nil, "", m{"coordinatorBusy": true,
		"stack": "org.apache.iceberg.flink.source.enumerator.ContinuousSplitPlannerImpl.planSplits\n"}},
	{"apache/iceberg#16426", "1.11.0", "1.12.0", nil, nil, "", m{"taskManagerHeap": true, "restarts": true}},
	{"apache/hudi#8087", "0.11.1", "0.10.1", nil, nil, "", m{"stack": "org.apache.hudi.source.StreamReadOperator.processSplits\n"}},
	{"apache/doris-flink-connector#506", "24.0.1", "24.1.0", nil, nil, "", m{"stack": "org.apache.doris.flink.sink.batch.DorisBatchStreamLoad.flush\n"}},
	{"apache/doris-flink-connector#653", "26.1.0", "26.1.1", nil, nil, "", m{"neverLate": true,
		"stack": "org.apache.doris.flink.sink.batch.DorisBatchStreamLoad.writeRecord\n"}},
	{"apache/doris-flink-connector#539", "24.1.0", "25.0.0", nil, nil, "", m{"stack": "org.apache.doris.flink.sink.writer.DorisStreamLoad.stopLoad\n"}},
	{"apache/doris-flink-connector#578", "25.0.0", "25.1.0", nil, nil, "", m{"neverLate": true,
		"stack": "org.apache.doris.flink.sink.writer.RecordBuffer.write\n"}},
	{"StarRocks/starrocks-connector-for-apache-flink#17", "1.1.4", "1.1.13", nil, nil, "", m{
		"stack": "com.starrocks.connector.flink.manager.StarRocksSinkManager.flush\n"}},
	{"StarRocks/starrocks-connector-for-apache-flink#456", "1.2.12", "1.2.13", nil, nil, "", m{
		"stack": "com.starrocks.data.load.stream.v2.StreamLoadManagerV2.flush\n"}},
	{"FLINK-37613", "3.4.0", "4.0.0", nil, nil, "", m{"taskManagerHeap": true, "restarts": true, "sinkV2": true}},
}

// variables are those of a case; without its signs, its configuration or its library where asked.
func (c *advisoryCase) variables(signs, configured bool) map[string]any {
	signature := m{"expired": int64(0), "failed": int64(0), "subtasks": int64(0), "stack": "org.apache.flink.streaming.runtime.tasks.StreamTask.invoke\n", "errors": ""}
	for _, name := range signatureNames {
		if _, there := signature[name]; !there {
			signature[name] = false
		}
	}
	if signs {
		maps.Copy(signature, c.signs)
	}
	vars := m{"signature": signature, "settings": m{}, "config": map[string]string{}, "library": ""}
	if configured {
		settings, config := maps.Clone(c.settings), maps.Clone(c.config)
		if settings == nil {
			settings = m{}
		}
		if config == nil {
			config = map[string]string{}
		}
		vars["settings"], vars["config"], vars["library"] = settings, config, c.library
	}
	return vars
}

func builtInAdvisories(t *testing.T) []compiled {
	t.Helper()
	all, notes, err := loadAdvisories(AdvisoryFile{Name: builtInFile, Data: advisoriesYAML})
	if err != nil {
		t.Fatal(err)
	}
	for i := range notes {
		t.Errorf("the built-in advisories are not clean: %s", notes[i].String())
	}
	return all
}

func TestEveryAdvisoryMatchesItsCaseAndNoOther(t *testing.T) {
	all := builtInAdvisories(t)
	for i := range all {
		c := &all[i]
		n := slices.IndexFunc(advisoryCases, func(a advisoryCase) bool { return a.id == c.ID })
		if n < 0 {
			t.Errorf("%s has no case in advisoryCases", c.ID)
			continue
		}
		t.Run(c.ID+" version", func(t *testing.T) { checkVersions(t, c, &advisoryCases[n]) })
		t.Run(c.ID+" job", func(t *testing.T) { checkJob(t, c, &advisoryCases[n]) })
	}
	for i := range advisoryCases {
		if !slices.ContainsFunc(all, func(c compiled) bool { return c.ID == advisoryCases[i].id }) {
			t.Errorf("the case %s is of no advisory", advisoryCases[i].id)
		}
	}
}

// checkVersions holds an advisory to its case: the version that has it, one that has not, and those in which it is fixed.
func checkVersions(t *testing.T, c *compiled, example *advisoryCase) {
	t.Helper()
	if !c.affects(semver.MustParse(example.in)) {
		t.Errorf("does not affect %s", example.in)
	}
	for _, version := range append([]string{example.notIn}, c.FixedIn...) {
		if c.affects(semver.MustParse(version)) {
			t.Errorf("affects %s", version)
		}
	}
}

// checkJob holds an advisory to its case: it matches, and matches neither without its signs nor with another configuration.
func checkJob(t *testing.T, c *compiled, example *advisoryCase) {
	t.Helper()
	fits := func(vars map[string]any) bool {
		return evaluate(c.configuration, vars) == present && evaluate(c.signature, vars) == present
	}
	if !fits(example.variables(true, true)) {
		t.Error("does not match its own case")
	}
	if c.signature != nil && fits(example.variables(false, true)) {
		t.Error("matches without its signs")
	}
	if c.configuration != nil && fits(example.variables(true, false)) {
		t.Error("matches with another configuration")
	}
	if c.signature == nil && c.configuration == nil {
		t.Error("matches on its version alone")
	}
}
