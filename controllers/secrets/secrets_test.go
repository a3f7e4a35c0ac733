package secrets

import (
	"regexp"
	"strings"
	"testing"
)

// Wherever a secret stands in a text, it goes; what stands around it stays. SECRET marks what must go.
func TestDropText(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"configuration that Flink prints", "INFO  GlobalConfiguration [] - Loading configuration property: s3.access-key, AKIASECRET and SECRET",
			"INFO  GlobalConfiguration [] - Loading configuration property: s3.access-key, ******"},
		{"other configuration stays", "Loading configuration property: execution.checkpointing.timeout, 10 min",
			"Loading configuration property: execution.checkpointing.timeout, 10 min"},
		{"arguments in the configuration", "Loading configuration property: $internal.application.program-args, --db-password;SECRET",
			"Loading configuration property: $internal.application.program-args, ******"},
		{"arguments joined by Flink", "--db-password;SECRET;--parallelism;4", "--db-password;******;--parallelism;4"},
		{"arguments of a list", "[--topic, a, --api-token, 'SE CRET', --x, y]", "[--topic, a, --api-token, '******', --x, y]"},
		{"arguments of a command line", "run --secret-key SECRET job.jar", "run --secret-key ****** job.jar"},
		{"JSON", `{"password":"SEC,RET 2","user":"a"}`, `{"password":"******","user":"a"}`},
		{"escaped JSON", `body {\"password\":\"SECRET\"} sent`, `body {\"password\":\"******"} sent`},
		{"twice escaped JSON", `{\\\"api_key\\\": \\\"SECRET\\\"}`, `{\\\"api_key\\\": \\\"******"}`},
		{"JDBC", "jdbc:mysql://h/d?user=a&password=SECRET&ssl=true", "jdbc:mysql://h/d?user=a&password=******&ssl=true"},
		{"user and password of a URL", "https://bob:SECRET@h/x", "https://******@h/x"},
		{"header", "Authorization: Bearer SECRET", "Authorization: Bearer ******"},
		{"SQL", "'connector' = 'jdbc', 'password' = 'SECRET', 'url' = 'u'", "'connector' = 'jdbc', 'password' = '******', 'url' = 'u'"},
		{"JAAS", `required username="a" password="SECRET";`, `required username="a" password="******";`},
		{"a backslash in it", `pwd=SEC\RET`, `pwd=******`},
		{"signed address", "https://x.blob/y?sv=1&sig=SECRET&se=2", "https://x.blob/y?sv=1&sig=******&se=2"},
		{"Amazon's key by its form", "denied for AKIAIOSFODNN7EXAMPLE here", "denied for ****** here"},
		{"a token by its form", "got eyJhbGciOi.eyJzdWIiOi.SECRETxyz back", "got ****** back"},
		{"a private key", "-----BEGIN RSA PRIVATE KEY-----\nSECRET1\nSECRET2\n-----END RSA PRIVATE KEY-----\nafter", "-----BEGIN RSA PRIVATE KEY-----******-----END RSA PRIVATE KEY-----\nafter"},
		{"what a class says", "EnvironmentVariableCredentialsProvider: Unable to load", "EnvironmentVariableCredentialsProvider: Unable to load"},
		{"an exception", "InvalidTokenException: it expired", "InvalidTokenException: it expired"},
		{"nothing secret", "Checkpoint 5 of job x expired before completing.", "Checkpoint 5 of job x expired before completing."},
	}
	for _, tt := range tests {
		if got := DropText(tt.text); got != tt.want || strings.Contains(got, "SECRET") {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// What people pass to a program may be secret whatever it looks like: nothing below "Program Arguments" stays.
func TestDropTextOfArguments(t *testing.T) {
	const head = "2025-01-31 12:00:00,000 INFO  org.apache.flink.runtime.entrypoint.ClusterEntrypoint [] - "
	log := head + " JVM Options:\n" + head + "    -Xmx1g\n" + head + " Program Arguments:\n" + head + "    --key\n" + head + "    SECRET1 - SECRET2\n" +
		"    SECRET3\n" + head + " Classpath: /opt/flink/lib\n" + head + "Registered UNIX signal handlers\n"
	got := DropText(log)
	if left := regexp.MustCompile(`SECRET\d|--key`).FindAllString(got, -1); left != nil {
		t.Errorf("%v is left of the arguments:\n%s", left, got)
	}
	for _, stays := range []string{"-Xmx1g", "Classpath: /opt/flink/lib", "Registered UNIX", head + "    ******\n"} {
		if !strings.Contains(got, stays) {
			t.Errorf("%q is gone:\n%s", stays, got)
		}
	}
	if strings.Count(got, "\n") != strings.Count(log, "\n") {
		t.Errorf("lines were lost:\n%s", got)
	}
}

func TestIsKey(t *testing.T) {
	for key, want := range map[string]bool{
		"s3.access-key": true, "s3.secret-key": true, "fs.azure.account.key.x": true, "$internal.application.program-args": true,
		"execution.checkpointing.timeout": false, "security.delegation.tokens.enabled": false, "state.checkpoints.dir": false,
	} {
		if IsKey(key) != want {
			t.Errorf("IsKey(%q) = %v, want %v", key, !want, want)
		}
	}
}

func FuzzDropText(f *testing.F) {
	f.Add(`Loading configuration property: a.password, x`)
	f.Add("Program Arguments:\n - a\n Classpath:")
	f.Add(`{\"token\":\"x`)
	f.Fuzz(func(t *testing.T, text string) {
		once := DropText(text)
		if len(once) > 8*len(text)+64 {
			t.Errorf("%d bytes became %d", len(text), len(once))
		}
	})
}
